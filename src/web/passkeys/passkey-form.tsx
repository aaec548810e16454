/**
 * Forms that a passkey answers (scripts/passkeys.js). Hidden until the script finds that it can.
 */
import type { ComponentChildren } from 'preact'
import type { FormTarget } from '../../pages/form.tsx'
import { safeHref } from '../../pages/layout.tsx'

export interface PasskeyFormTarget extends FormTarget {
  /** URL from which the script gets the options of the ceremony. */
  readonly options: string
}

interface PasskeyFormProps extends PasskeyFormTarget {
  readonly ceremony: 'create' | 'get'
  /** Passkeys are suggested in the page's email field too. */
  readonly autofill?: boolean
  /** The browser may create one without asking, as soon as the page opens. */
  readonly silently?: boolean
  readonly children: ComponentChildren
}

export function PasskeyForm({ action, options, hidden = {}, ceremony, children, ...props }: PasskeyFormProps) {
  return (
    <form
      method="post"
      action={safeHref(action)}
      data-passkey={ceremony}
      data-options={safeHref(options)}
      data-autofill={props.autofill ? '' : undefined}
      data-silently={props.silently ? '' : undefined}
      hidden
    >
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <input type="hidden" name="response" value="" />
      {ceremony === 'create' && <input type="hidden" name="conditional" value="" />}
      {children}
      <p class="small passkey-status" role="status" />
    </form>
  )
}

/** Shown in place of the forms. */
export const WithoutPasskeys = ({ children }: { readonly children: ComponentChildren }) => (
  <p class="small" data-without-passkeys>
    {children}
  </p>
)

/** Signal that updates the browser's list of passkeys (WebAuthn Level 3, 5.1.10). */
export interface PasskeySignal {
  readonly rpId: string
  /** A credential that no longer works; or the user's details, with all that work. */
  readonly unknown?: string
  readonly user?: { readonly id: string; readonly name: string; readonly displayName: string }
  readonly accepted?: readonly string[]
}

export function PasskeySignals({ signal }: { readonly signal: PasskeySignal | undefined }) {
  if (signal === undefined) return null
  const { rpId, unknown, user, accepted = [] } = signal
  return (
    <span
      hidden
      data-passkey-signal
      data-rp-id={rpId}
      data-unknown={unknown}
      data-user-id={user?.id}
      data-user-name={user?.name}
      data-user-display-name={user?.displayName}
      data-accepted={JSON.stringify(accepted)}
    />
  )
}

export function PasskeyIcon() {
  return (
    <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="8" cy="6" r="3.5" />
      <path d="M2 17v-1a5 5 0 0 1 5-5h2m4.500 0a2.500 2.500 0 1 1 2.500 2.500V18l-1.500-1 1.500-1.500" />
    </svg>
  )
}
