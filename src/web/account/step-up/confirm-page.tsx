/** `/account/security/confirm`: the user proves a second factor, or signs in again. */
import type { ProvableMethod } from '../../../broker/assurance/requirement.ts'
import { passkeyScriptPaths } from '../../../pages/assets.ts'
import { ErrorMessage, Form, type PageError } from '../../../pages/form.tsx'
import { Aside, LinkButton } from '../../../pages/parts.tsx'
import { PasskeyForm, type PasskeyFormTarget, WithoutPasskeys } from '../../passkeys/passkey-form.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'

export type ConfirmMethod = ProvableMethod

export interface StepUpPageProps {
  readonly viewer: AccountViewer
  /** Factors that the user can prove here, best first. Empty: a new sign-in is needed. */
  readonly methods: readonly ConfirmMethod[]
  readonly form: PasskeyFormTarget
  /** The user signed in recently, but without the factor that the change needs. */
  readonly isRecent: boolean
  readonly signInAgainHref: string
  readonly cancelHref: string
  /** Whether the refused action is repeated after the factor. */
  readonly continues: boolean
  readonly error?: PageError | undefined
}

type CodeMethod = Exclude<ConfirmMethod, 'passkey'>

const labels = {
  totp: 'Code of your authenticator app, 6 digits',
  recovery_code: 'Recovery code',
} as const satisfies Record<CodeMethod, string>

const otherLabels = {
  passkey: 'Use a passkey',
  totp: 'Use your authenticator app',
  recovery_code: 'Use a recovery code',
} as const satisfies Record<ConfirmMethod, string>

export function stepUpPage(props: StepUpPageProps): string {
  const { viewer, methods, error, isRecent, continues, signInAgainHref, cancelHref } = props
  const [first, ...others] = methods
  return accountLayout({
    section: 'security',
    viewer,
    title: "Confirm it's you",
    failed: error !== undefined,
    scriptPaths: methods.includes('passkey') ? passkeyScriptPaths : [],
    children: (
      <section class="card">
        <p>
          {isRecent ? 'This needs your second factor.' : 'Your last sign-in was more than ten minutes ago.'}{' '}
          {first === undefined ? signInText(continues) : confirmText(continues)}
        </p>
        <ErrorMessage error={error} />
        {first === undefined ? (
          <LinkButton href={signInAgainHref} label="Sign in again" />
        ) : (
          <>
            <MethodForm {...props} method={first} />
            {others.map((method) => (
              <details key={method}>
                <summary>{otherLabels[method]}</summary>
                <MethodForm {...props} method={method} />
              </details>
            ))}
            <Aside href={signInAgainHref} label="Sign in again instead" />
          </>
        )}
        <Aside href={cancelHref} label="Cancel" />
      </section>
    ),
  })
}

const confirmText = (continues: boolean) =>
  continues ? 'Confirm that it is you. Then we continue with what you began.' : 'Confirm that it is you first.'

/** A new sign-in does not repeat what was refused. */
const signInText = (continues: boolean) =>
  continues ? 'Sign in again, then repeat what you did.' : 'Sign in again first.'

function MethodForm({ method, ...props }: StepUpPageProps & { readonly method: ConfirmMethod }) {
  if (method !== 'passkey') return <CodeForm {...props} method={method} />
  const { action, options, hidden } = props.form
  return (
    <>
      <PasskeyForm action={action} options={options} hidden={{ ...hidden, method }} ceremony="get">
        <button type="submit">Confirm with your passkey</button>
      </PasskeyForm>
      <WithoutPasskeys>A passkey needs JavaScript and a browser with passkeys.</WithoutPasskeys>
    </>
  )
}

function CodeForm({ form, method, error }: StepUpPageProps & { readonly method: CodeMethod }) {
  const id = `code-${method}`
  return (
    <Form action={form.action} hidden={{ ...form.hidden, method }}>
      <div class="field">
        <label for={id}>{labels[method]}</label>
        <input
          type="text"
          id={id}
          name="code"
          autocomplete={method === 'totp' ? 'one-time-code' : 'off'}
          inputMode={method === 'totp' ? 'numeric' : 'text'}
          maxLength={64}
          spellcheck={false}
          autoCapitalize="none"
          required
          {...(error !== undefined && { 'aria-describedby': 'error' })}
        />
      </div>
      <button type="submit">Confirm</button>
    </Form>
  )
}
