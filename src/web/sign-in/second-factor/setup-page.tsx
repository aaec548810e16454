/** Sets up a second factor before the session exists, and shows the recovery codes. */
import type { TotpEnrollment } from '../../../broker/factors/enroll-totp.ts'
import { accountStylesheet, passkeyScriptPaths } from '../../../pages/assets.ts'
import { ErrorMessage, Form, type FormTarget, Notice, type PageError } from '../../../pages/form.tsx'
import { type PageTenant, renderCard, type SignedIn } from '../../../pages/layout.tsx'
import { Aside, type PageLink, QuietButton } from '../../../pages/parts.tsx'
import { NewCodes } from '../../account/factors/recovery-codes-page.tsx'
import { CodeField, TotpSecret } from '../../account/factors/totp-setup.tsx'
import { PasskeyForm, type PasskeyFormTarget, WithoutPasskeys } from '../../passkeys/passkey-form.tsx'
import { Connects } from '../pages/login-page.tsx'

interface StepProps {
  readonly tenant: PageTenant
  /** Connection that the sign-in adds to the account, such as "Google". */
  readonly connects?: string | undefined
  readonly error?: PageError | undefined
  readonly signedIn?: SignedIn | undefined
}

export interface ChooseFactorPageProps extends StepProps {
  /** The app that requires it; else the organization does. */
  readonly app?: { readonly name: string } | undefined
  /** Absent where the tenant or the app does not take codes. */
  readonly totp?: FormTarget | undefined
  /** Adds a passkey at once. */
  readonly passkey?: PasskeyFormTarget | undefined
  /** Leads to the page that adds a passkey. */
  readonly passkeyHref?: string | undefined
  /** Signs in without one, until this day. */
  readonly postpone?: { readonly form: FormTarget; readonly until: string } | undefined
  readonly cancel: PageLink
}

/** Says why, and offers the methods. */
export function chooseFactorPage(props: ChooseFactorPageProps): string {
  const { tenant, app, totp, passkey, passkeyHref, postpone, error } = props
  const isPossible = totp !== undefined || passkey !== undefined || passkeyHref !== undefined
  return renderCard({
    title: isPossible ? 'Set up a second factor' : `${app?.name ?? tenant.name} needs a passkey`,
    tenant,
    failed: error !== undefined,
    signedIn: props.signedIn,
    scriptPaths: passkey === undefined ? [] : passkeyScriptPaths,
    children: (
      <>
        <Connects name={props.connects} />
        <ErrorMessage error={error} />
        {(isPossible || postpone !== undefined) && <Reason {...props} />}
        {isPossible && <p>A second factor protects your account if your password is stolen.</p>}
        {passkey !== undefined && <AddPasskey form={passkey} isOnly={totp === undefined} />}
        {totp !== undefined && (
          <Form {...totp}>
            <p class="hint">An authenticator app is in many password managers, or an app on your phone.</p>
            <button type="submit" class={passkey && 'quiet'}>
              Set up an authenticator app
            </button>
          </Form>
        )}
        {passkeyHref !== undefined && <Aside href={passkeyHref} label="Add a passkey" />}
        {!isPossible && <p>Passkeys are not available here. Contact your administrator.</p>}
        {postpone === undefined ? (
          <Aside {...props.cancel} />
        ) : (
          <Form {...postpone.form}>
            <QuietButton label="Not now" />
          </Form>
        )}
      </>
    ),
  })
}

function AddPasskey({ form, isOnly }: { readonly form: PasskeyFormTarget; readonly isOnly: boolean }) {
  return (
    <>
      <PasskeyForm {...form} ceremony="create">
        <p class="hint">A passkey is your fingerprint, face, screen lock or security key.</p>
        <button type="submit">Create a passkey</button>
      </PasskeyForm>
      {isOnly && (
        <WithoutPasskeys>
          A passkey needs JavaScript and a browser with passkeys. Use another browser or device.
        </WithoutPasskeys>
      )}
    </>
  )
}

function Reason({ tenant, app, postpone }: ChooseFactorPageProps) {
  if (postpone !== undefined)
    return (
      <p>
        From <strong>{postpone.until}</strong> on, {tenant.name} requires a second factor to sign in.
      </p>
    )
  return (
    <p>
      {app === undefined ? tenant.name : <strong>{app.name}</strong>} requires a second factor, and you have none yet.
    </p>
  )
}

export interface TotpSetupPageProps extends StepProps {
  readonly enrollment: TotpEnrollment
  readonly form: FormTarget
  readonly back: PageLink
}

export function totpSetupPage(props: TotpSetupPageProps): string {
  const { tenant, connects, enrollment, form, back, error, signedIn } = props
  return renderCard({
    title: 'Set up an authenticator app',
    tenant,
    failed: error !== undefined,
    signedIn,
    styles: accountStylesheet.path,
    children: (
      <>
        <Connects name={connects} />
        <ErrorMessage error={error} />
        <TotpSecret enrollment={enrollment} />
        <Form {...form}>
          <CodeField
            label="Code from the app"
            hint="Six digits, which change every 30 seconds."
            errorId={error && 'error'}
            autofocus={error !== undefined}
          />
          <button type="submit">Confirm</button>
        </Form>
        <Aside {...back} />
      </>
    ),
  })
}

export interface NewCodesPageProps {
  readonly tenant: PageTenant
  /** Connection that the sign-in added to the account, such as "Google". */
  readonly connected?: string | undefined
  readonly codes: readonly string[]
  readonly continueHref: string
}

/** After the setup: the user is signed in. */
export function newCodesPage({ tenant, connected, codes, continueHref }: NewCodesPageProps): string {
  return renderCard({
    title: 'Save your recovery codes',
    tenant,
    styles: accountStylesheet.path,
    children: (
      <>
        <Notice text={connected && `${connected} is now connected.`} />
        <p>
          Your second factor is set up, and you are signed in. A recovery code replaces your second factor once, such as
          when you lose your phone. Keep them in a safe place.
        </p>
        <NewCodes codes={codes} done={{ href: continueHref, label: 'I have saved them: continue' }} />
      </>
    ),
  })
}
