/** Says whom an app is for, and whom to ask for access. */
import { accessTexts, type MissingAccess } from '../../app/access.ts'
import { Form, type FormTarget } from '../../pages/form.tsx'
import { AppLogo, type PageTenant, renderCard, safeHref } from '../../pages/layout.tsx'
import { Aside, LinkButton, Reference } from '../../pages/parts.tsx'

export interface AccessRefusedPageProps {
  readonly tenant: PageTenant
  readonly app: { readonly name: string; readonly logoUri?: string | undefined }
  readonly missing: MissingAccess
  readonly person: { readonly name: string; readonly email?: string | undefined }
  /** Addresses of administrators. May be empty. */
  readonly contacts: readonly string[]
  /** Finds the trace. */
  readonly reference: string
  /** Returns to the app, which gets `access_denied`. Undefined: there is no such request. */
  readonly form?: FormTarget
  readonly switchHref: string
}

export function accessRefusedPage(props: AccessRefusedPageProps): string {
  const { tenant, app, missing, person, reference, form } = props
  return renderCard({
    title: `You do not have access to ${app.name}`,
    tenant,
    logo: <AppLogo app={app} />,
    signedIn: person,
    failed: true,
    children: (
      <>
        <p>
          You are signed in at {tenant.name} as <strong>{person.name}</strong>
          {person.email !== undefined && person.email !== person.name && <> ({person.email})</>}.
        </p>
        <Audience app={app} missing={missing} />
        {missing.unprovenEmail !== undefined && (
          <p>
            Your email address <strong>{missing.unprovenEmail}</strong> would give you access, but it is not confirmed.{' '}
            <a href="/account">Go to your account</a> to confirm it.
          </p>
        )}
        <Contact {...props} />
        {form === undefined ? (
          <LinkButton href={props.switchHref} label="Use another account" />
        ) : (
          <>
            <Form {...form}>
              <button type="submit" name="answer" value="no">
                Back to {app.name}
              </button>
            </Form>
            <Aside href={props.switchHref} label="Use another account" />
          </>
        )}
        <div class="reference">
          <p>If you contact support, quote this reference:</p>
          <Reference text={reference} />
        </div>
      </>
    ),
  })
}

function Audience({ app, missing }: Pick<AccessRefusedPageProps, 'app' | 'missing'>) {
  const [first, ...others] = accessTexts(missing)
  if (others.length === 0)
    return (
      <p>
        {app.name} is for {first}.
      </p>
    )
  return (
    <>
      <p>{app.name} is for:</p>
      <ul class="limits">
        {[first, ...others].map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </>
  )
}

function Contact({ tenant, contacts }: Pick<AccessRefusedPageProps, 'tenant' | 'contacts'>) {
  if (tenant.supportUrl !== undefined)
    return (
      <p>
        If you need access, <a href={safeHref(tenant.supportUrl)}>ask the support of {tenant.name}</a>.
      </p>
    )
  if (contacts.length === 0) return <p>If you need access, ask an administrator of {tenant.name}.</p>
  return (
    <p>
      If you need access, ask an administrator of {tenant.name}: <strong>{contacts.join(', ')}</strong>.
    </p>
  )
}
