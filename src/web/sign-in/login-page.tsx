/** Where a login starts: the tenant's connections as buttons, and the email-first form. */

import { type ButtonLook, buttonClass } from '../../pages/brand-buttons.ts'
import { ErrorMessage, Field, FixedEmail, Form, type FormTarget, type PageError } from '../../pages/form.tsx'
import { type PageTenant, renderCard, type SignedIn, safeHref } from '../../pages/layout.tsx'
import { Aside } from '../../pages/parts.tsx'

export interface ConnectionButton extends ButtonLook {
  readonly id: string
  /** The whole text of the button, such as "Sign in with Okta". */
  readonly label: string
  /** Path of the brand's logo on this site. */
  readonly logoPath?: string | undefined
  readonly href: string
  readonly lastUsed: boolean
}

export interface LoginForm extends FormTarget {
  readonly step: 'email' | 'password'
  readonly email?: string | undefined
  /** Back to the step that asks for the email. */
  readonly changeEmailHref: string
}

export interface LoginPageProps {
  readonly tenant: PageTenant
  /** Whose request waits for the sign-in. */
  readonly app?: { readonly name: string } | undefined
  /** In the order to show them. */
  readonly connections: readonly ConnectionButton[]
  readonly brandStyles?: string | undefined
  /** False: the form only finds the connection of an email's domain. */
  readonly passwords: boolean
  readonly signUpHref?: string | undefined
  readonly resetHref?: string | undefined
  /** Absent when typing an email leads nowhere. */
  readonly form?: LoginForm | undefined
  readonly error?: PageError | undefined
  readonly signedIn?: SignedIn | undefined
}

export function loginPage(props: LoginPageProps): string {
  const { tenant, form, error, signedIn } = props
  return renderCard({
    title: `Sign in to ${tenant.name}`,
    tenant,
    signedIn,
    styles: props.brandStyles,
    failed: error !== undefined,
    children: (
      <>
        {props.app !== undefined && (
          <p>
            to continue to <strong>{props.app.name}</strong>
          </p>
        )}
        <ErrorMessage error={error} />
        {form?.step === 'password' ? <PasswordFirst {...props} form={form} /> : <ButtonsFirst {...props} />}
        {props.passwords && props.signUpHref !== undefined && (
          <p class="aside">
            New here? <a href={safeHref(props.signUpHref)}>Sign up</a>
          </p>
        )}
      </>
    ),
  })
}

function ButtonsFirst({ connections, form, passwords, error }: LoginPageProps) {
  if (connections.length === 0 && form === undefined) {
    return <p>No sign-in method is set up here yet. Ask the administrator of your organization.</p>
  }
  return (
    <>
      <ConnectionButtons connections={connections} />
      {connections.length > 0 && form !== undefined && <Divider />}
      {form !== undefined && (
        <Form {...form}>
          <Field
            name="email"
            label={passwords ? 'Email' : 'Work email'}
            autocomplete="username"
            value={form.email}
            hint={passwords ? undefined : "We'll send you to the sign-in page of your organization."}
            error={error}
            invalid={error?.field === 'email'}
            autofocus={connections.length === 0}
          />
          <button type="submit">Continue</button>
        </Form>
      )}
    </>
  )
}

function PasswordFirst({ form, connections, resetHref, error }: LoginPageProps & { readonly form: LoginForm }) {
  return (
    <>
      <Form {...form}>
        <FixedEmail email={form.email ?? ''} changeHref={form.changeEmailHref} />
        <Field name="password" label="Password" autocomplete="current-password" error={error} invalid autofocus />
        <button type="submit">Sign in</button>
        {resetHref !== undefined && <Aside href={resetHref} label="Forgot password?" />}
      </Form>
      {connections.length > 0 && <Divider />}
      <ConnectionButtons connections={connections} />
    </>
  )
}

export function ConnectionButtons({ connections }: { readonly connections: readonly ConnectionButton[] }) {
  if (connections.length === 0) return null
  return (
    <ul class="connections">
      {connections.map((connection) => (
        <li key={connection.id}>
          <a class={buttonClass(connection)} href={safeHref(connection.href)}>
            <BrandLogo path={connection.logoPath} />
            <span>{connection.label}</span>
            {connection.lastUsed && <span class="badge">Last used</span>}
          </a>
        </li>
      ))}
    </ul>
  )
}

export function BrandLogo({ path }: { readonly path: string | undefined }) {
  if (path !== undefined) return <img class="logo" src={safeHref(path)} alt="" width="20" height="20" />
  return (
    <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="7" cy="7" r="4" />
      <path d="m10 10 7 7m-3-3 2-2" />
    </svg>
  )
}

function Divider() {
  return (
    <p class="divider">
      <span>or</span>
    </p>
  )
}
