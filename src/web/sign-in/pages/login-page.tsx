/** The start of a login: the tenant's connections as buttons, and the email-first form. */

import { passkeyScriptPaths } from '../../../pages/assets.ts'
import { type ButtonLook, buttonClass } from '../../../pages/brand-buttons.ts'
import { ErrorMessage, Field, FixedEmail, Form, type FormTarget, Notice, type PageError } from '../../../pages/form.tsx'
import { AppLogo, type PageTenant, renderCard, type SignedIn, safeHref } from '../../../pages/layout.tsx'
import { Aside } from '../../../pages/parts.tsx'
import { PasswordField } from '../../../pages/password-field.tsx'
import {
  PasskeyForm,
  type PasskeyFormTarget,
  PasskeyIcon,
  type PasskeySignal,
  PasskeySignals,
  WithoutPasskeys,
} from '../../passkeys/passkey-form.tsx'
import type { LoginNotice } from '../login-notice.ts'

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
  /** The user chose it: it stands alone, above links to the other methods. Default false. */
  readonly first?: boolean | undefined
  readonly email?: string | undefined
  /** URL of the step that asks for the email. */
  readonly changeEmailHref: string
}

export interface LoginPageProps {
  readonly tenant: PageTenant
  /** App whose request is pending. */
  readonly app?: { readonly name: string; readonly logoUri?: string | undefined } | undefined
  /** Connection that the sign-in adds to the account, such as "Google". */
  readonly connects?: string | undefined
  /** Connections in the order of the page. */
  readonly connections: readonly ConnectionButton[]
  readonly brandStyles?: string | undefined
  /** False: the form only finds the connection of an email's domain. */
  readonly typed: boolean
  /** Emails a code, instead of the password. */
  readonly codeAction?: string | undefined
  /** The password step asks whether to keep the user signed in, with this default. */
  readonly keep?: boolean | undefined
  readonly signUpHref?: string | undefined
  readonly resetHref?: string | undefined
  /** Absent when typing an email leads nowhere. */
  readonly form?: LoginForm | undefined
  readonly notice?: LoginNotice | undefined
  /** Set where passkeys sign in. */
  readonly passkeys?: PasskeySignIn | undefined
  readonly error?: PageError | undefined
  readonly signedIn?: SignedIn | undefined
}

export interface PasskeySignIn extends PasskeyFormTarget {
  readonly lastUsed: boolean
  /** Suggests passkeys in the email field as soon as the page opens. */
  readonly autofill: boolean
  readonly signal?: PasskeySignal | undefined
}

export function loginPage(props: LoginPageProps): string {
  const { tenant, app, form, error, notice, signedIn } = props
  return renderCard({
    title: `Sign in to ${app?.name ?? tenant.name}`,
    tenant,
    ...(app !== undefined && { logo: <AppLogo app={app} /> }),
    signedIn,
    styles: props.brandStyles,
    failed: error !== undefined,
    scriptPaths: props.passkeys === undefined ? [] : passkeyScriptPaths,
    children: (
      <>
        {app !== undefined && (
          <p>
            with your <strong>{tenant.name}</strong> account
          </p>
        )}
        <Connects name={props.connects} />
        <Notice text={notice?.text} reference={notice?.reference} />
        <ErrorMessage error={error} />
        {form?.step === 'password' ? <PasswordFirst {...props} form={form} /> : <ButtonsFirst {...props} />}
        {form?.first ? (
          <OtherMethods {...props} />
        ) : (
          props.passkeys !== undefined && <PasskeyButton {...props.passkeys} divided={isBelowForm(props)} />
        )}
        {props.typed && props.signUpHref !== undefined && (
          <p class="aside">
            New here? <a href={safeHref(props.signUpHref)}>Sign up</a>
          </p>
        )}
        {notice?.toApp !== undefined && <Aside href={notice.toApp} label={`Return to ${app?.name ?? 'the app'}`} />}
      </>
    ),
  })
}

/** Below the title of each step of a sign-in that connects another method. */
export function Connects({ name }: { readonly name: string | undefined }) {
  if (name === undefined) return null
  return (
    <p>
      to connect <strong>{name}</strong> to your account
    </p>
  )
}

/** The passkey button follows a form, and not other buttons. */
function isBelowForm({ form, codeAction, connections }: LoginPageProps): boolean {
  if (form?.step === 'password') return codeAction === undefined && connections.length === 0
  return form !== undefined
}

function PasskeyButton({ lastUsed, autofill, signal, divided, ...target }: PasskeySignIn & { divided?: boolean }) {
  return (
    <>
      <PasskeyForm {...target} ceremony="get" autofill={autofill}>
        {divided && <Divider />}
        <button type="submit" class="connection">
          <PasskeyIcon />
          <span>Sign in with a passkey</span>
          {lastUsed && <span class="badge">Last used</span>}
        </button>
      </PasskeyForm>
      <WithoutPasskeys>Signing in with a passkey needs JavaScript and a browser with passkeys.</WithoutPasskeys>
      <PasskeySignals signal={signal} />
    </>
  )
}

function OtherMethods({ connections, passkeys }: LoginPageProps) {
  if (connections.length === 0 && passkeys === undefined) return null
  return (
    <section class="other-methods" aria-labelledby="other-methods">
      <h2 id="other-methods">Other ways to sign in</h2>
      {connections.length > 0 && (
        <ul>
          {connections.map(({ id, href, label, lastUsed }) => (
            <li key={id}>
              <a href={safeHref(href)}>{label}</a> {lastUsed && <span class="badge">Last used</span>}
            </li>
          ))}
        </ul>
      )}
      {passkeys !== undefined && <PasskeyButton {...passkeys} />}
    </section>
  )
}

function ButtonsFirst({ connections, form, typed, passkeys, error }: LoginPageProps) {
  if (connections.length === 0 && form === undefined && passkeys === undefined) {
    return <p>No sign-in method is set up here yet. Ask the administrator of your organization.</p>
  }
  const isInvalid = error?.field === 'email'
  const parts = [
    connections.length > 0 && !form?.first && <ConnectionButtons connections={connections} />,
    form !== undefined && (
      <Form {...form}>
        <Field
          name="email"
          label={typed ? 'Email' : 'Work email'}
          autocomplete={passkeys === undefined ? 'username' : 'username webauthn'}
          value={form.email}
          hint={typed ? undefined : "We'll send you to the sign-in page of your organization."}
          error={error}
          invalid={isInvalid}
          autofocus={form.first || isInvalid || connections.length === 0}
        />
        <button type="submit">Continue</button>
      </Form>
    ),
  ].filter((part) => part !== false)
  const [first, second] = parts
  return (
    <>
      {first}
      {second !== undefined && <Divider />}
      {second}
    </>
  )
}

/** The code's button sends the email and the choice of this form. */
const passwordFormId = 'password-form'

interface PasswordFirstProps extends LoginPageProps {
  readonly form: LoginForm
}

function PasswordFirst({ form, codeAction, connections, keep, resetHref, passkeys, error }: PasswordFirstProps) {
  const autocomplete = passkeys === undefined ? 'current-password' : 'current-password webauthn'
  const buttons = form.first ? [] : connections
  return (
    <>
      <Form {...form} id={passwordFormId}>
        <FixedEmail email={form.email ?? ''} changeHref={form.changeEmailHref} />
        <PasswordField name="password" label="Password" autocomplete={autocomplete} error={error} invalid autofocus />
        {keep !== undefined && <KeepChoice checked={keep} hasOthers={connections.length > 0} />}
        {passkeys !== undefined && <input type="hidden" name="passkeys" value="" data-passkey-support />}
        <button type="submit">Sign in</button>
        {resetHref !== undefined && <Aside href={resetHref} label="Forgot password?" />}
      </Form>
      {(codeAction !== undefined || buttons.length > 0) && <Divider />}
      {codeAction !== undefined && (
        <button type="submit" class="quiet" form={passwordFormId} formaction={safeHref(codeAction)} formnovalidate>
          Email me a code
        </button>
      )}
      <ConnectionButtons connections={buttons} />
    </>
  )
}

/** A hidden field tells a declined choice from a form that has none. */
function KeepChoice({ checked, hasOthers }: { readonly checked: boolean; readonly hasOthers: boolean }) {
  return (
    <>
      <label class="choice">
        <input type="hidden" name="asks_keep" value="yes" />
        <input
          type="checkbox"
          name="keep"
          value="yes"
          checked={checked}
          aria-describedby={hasOthers ? 'keep-hint' : undefined}
        />
        Keep me signed in
      </label>
      {hasOthers && (
        <p class="hint" id="keep-hint">
          Applies to your password, an emailed code or a passkey.
        </p>
      )}
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

export function Divider() {
  return (
    <p class="divider">
      <span>or</span>
    </p>
  )
}
