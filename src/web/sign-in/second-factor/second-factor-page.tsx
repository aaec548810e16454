/**
 * Asks for a second factor: at sign-in, or of a signed-in user whose session an app finds too weak.
 */
import type { ProvableMethod } from '../../../broker/assurance/requirement.ts'
import { passkeyScriptPaths } from '../../../pages/assets.ts'
import { ErrorMessage, Form, type PageError } from '../../../pages/form.tsx'
import { type PageTenant, renderCard, type SignedIn } from '../../../pages/layout.tsx'
import { Aside, type PageLink } from '../../../pages/parts.tsx'
import { CodeField } from '../../account/factors/totp-setup.tsx'
import { PasskeyForm, type PasskeyFormTarget, WithoutPasskeys } from '../../passkeys/passkey-form.tsx'
import { Connects } from '../pages/login-page.tsx'

export interface OtherMethod {
  readonly method: ProvableMethod
  readonly href: string
}

export interface SecondFactorPageProps {
  readonly tenant: PageTenant
  /** Email of the user. */
  readonly email?: string | undefined
  /** The app that requires it. */
  readonly app?: { readonly name: string } | undefined
  /** Connection that the sign-in adds to the account, such as "Google". */
  readonly connects?: string | undefined
  readonly method: ProvableMethod
  readonly others: readonly OtherMethod[]
  readonly form: PasskeyFormTarget
  /** Offers to remember the browser for so many days. */
  readonly rememberDays?: number | undefined
  /** Account recovery. Undefined for a step-up. */
  readonly recoverHref?: string | undefined
  readonly cancel: PageLink
  readonly error?: PageError | undefined
  readonly signedIn?: SignedIn | undefined
}

const texts = {
  totp: {
    title: 'Enter your code',
    text: 'Open your authenticator app and enter the code that it shows now.',
    label: 'Code, 6 digits',
    other: 'Use your authenticator app',
  },
  recovery_code: {
    title: 'Enter a recovery code',
    text: 'Enter one of the codes that you saved when you set up your second factor. Each works once.',
    label: 'Recovery code',
    other: 'Use a recovery code',
  },
  passkey: {
    title: 'Use your passkey',
    text: 'Confirm that it is you with your fingerprint, face, screen lock or security key.',
    other: 'Use a passkey',
  },
} as const satisfies Record<ProvableMethod, object>

export function secondFactorPage(props: SecondFactorPageProps): string {
  const { tenant, email, app, method, others, form, error } = props
  const { title, text } = texts[method]
  return renderCard({
    title,
    tenant,
    failed: error !== undefined,
    signedIn: props.signedIn,
    scriptPaths: method === 'passkey' ? passkeyScriptPaths : [],
    children: (
      <>
        <Connects name={props.connects} />
        {app !== undefined && (
          <p>
            <strong>{app.name}</strong> asks for a second factor.
          </p>
        )}
        <p>{text}</p>
        <ErrorMessage error={error} />
        {method === 'passkey' ? (
          <>
            <PasskeyForm {...form} ceremony="get">
              <RememberChoice days={props.rememberDays} />
              <button type="submit">Continue with your passkey</button>
            </PasskeyForm>
            <WithoutPasskeys>A passkey needs JavaScript and a browser with passkeys.</WithoutPasskeys>
          </>
        ) : (
          <Form {...form}>
            {email !== undefined && <input type="hidden" name="username" autocomplete="username" value={email} />}
            <CodeField label={texts[method].label} numeric={method === 'totp'} errorId={error && 'error'} autofocus />
            <RememberChoice days={props.rememberDays} />
            <button type="submit">Continue</button>
          </Form>
        )}
        {others.map(({ method: other, href }) => (
          <Aside key={other} href={href} label={texts[other].other} />
        ))}
        {props.recoverHref !== undefined && <Aside href={props.recoverHref} label="I can't use any of these" />}
        <Aside {...props.cancel} />
      </>
    ),
  })
}

function RememberChoice({ days }: { readonly days: number | undefined }) {
  if (days === undefined) return null
  return (
    <label class="choice">
      <input type="checkbox" name="remember" value="yes" />
      Remember this browser for {days === 1 ? 'a day' : `${days} days`}
    </label>
  )
}
