/** Asks whether an app may access the user's account, or whether to continue as this user. */

import { Form, type FormTarget } from '../../pages/form.tsx'
import { AppLogo, type PageTenant, renderCard, safeHref } from '../../pages/layout.tsx'
import { Answers } from '../../pages/parts.tsx'
import type { RequestedScope } from './scope-descriptions.ts'

export interface ConsentPageProps {
  readonly tenant: PageTenant
  readonly app: { readonly name: string; readonly logoUri?: string | undefined }
  /** The developer who registered the app; absent for apps of operators. */
  readonly registeredBy?: { readonly developer: string; readonly tenant: string } | undefined
  readonly person: { readonly name: string; readonly email?: string | undefined }
  /** Empty where only the user is confirmed. */
  readonly scopes: readonly RequestedScope[]
  /** Host to which the user is redirected. */
  readonly redirectHost?: string | undefined
  readonly form: FormTarget
  readonly switchHref: string
}

export function consentPage(props: ConsentPageProps): string {
  const { tenant, app, person, scopes, redirectHost, registeredBy } = props
  const asks = scopes.length > 0
  return renderCard({
    title: asks ? `Allow ${app.name} to access your account?` : `Continue to ${app.name}?`,
    tenant,
    logo: <AppLogo app={app} />,
    signedIn: person,
    children: (
      <>
        {registeredBy !== undefined && (
          <p class="small">
            Registered by {registeredBy.developer} of {registeredBy.tenant}.
          </p>
        )}
        <div class="asked">
          <p>
            You are signed in at {tenant.name} as <strong>{person.name}</strong>
            {person.email !== undefined && person.email !== person.name && <> ({person.email})</>}.
          </p>
          <p>
            <a href={safeHref(props.switchHref)}>Not you? Use another account</a>
          </p>
        </div>
        {asks && (
          <section aria-labelledby="requested-scopes">
            <h2 id="requested-scopes">{app.name} will be able to</h2>
            <ul class="requested-scopes">
              {scopes.map(({ scope, sentence, values }) => (
                <li key={`${scope} ${sentence}`}>
                  <span>{sentence}</span>
                  {values.length > 0 && <span class="small">{values.join(' · ')}</span>}
                </li>
              ))}
            </ul>
          </section>
        )}
        <Form {...props.form}>
          <Answers yes={asks ? 'Allow' : `Continue as ${person.name}`} no={asks ? 'Deny' : 'Cancel'} />
        </Form>
        <p class="small">
          {redirectHost !== undefined && (
            <>
              You'll be sent to <strong>{redirectHost}</strong>.{' '}
            </>
          )}
          {asks && 'You can remove access at any time in your account.'}
        </p>
      </>
    ),
  })
}
