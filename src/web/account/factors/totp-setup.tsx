/** Setup of an authenticator app on a page, and the field for its code. */
import type { TotpEnrollment } from '../../../broker/factors/enroll-totp.ts'
import { SecretValue } from '../../../pages/secret-value.tsx'
import { QrCode } from './qr-code.tsx'

export function TotpSecret({ enrollment: { uri, secret } }: { readonly enrollment: TotpEnrollment }) {
  return (
    <>
      <p>Scan this QR code with an authenticator app, such as your password manager or an app on your phone.</p>
      <QrCode text={uri} label="QR code for the authenticator app. The key below is the same as text." />
      <div>
        <p>Or enter this key in the app:</p>
        <SecretValue id="secret" label="the key" text={secret} />
      </div>
      <p class="small">
        <a href={uri}>Open in an app on this device</a>
      </p>
    </>
  )
}

interface CodeFieldProps {
  readonly label: string
  readonly hint?: string | undefined
  /** Id of the message that describes what is wrong with the code. */
  readonly errorId?: string | undefined
  /** Recovery codes have letters. Default true. */
  readonly numeric?: boolean
  readonly autofocus?: boolean
}

export function CodeField({ label, hint, errorId, numeric = true, autofocus = false }: CodeFieldProps) {
  const describedBy = [errorId, hint === undefined ? undefined : 'code-hint'].filter(Boolean).join(' ')
  return (
    <div class="field">
      <label for="code">{label}</label>
      <input
        type="text"
        id="code"
        name="code"
        inputMode={numeric ? 'numeric' : 'text'}
        autocomplete={numeric ? 'one-time-code' : 'off'}
        autocapitalize="none"
        spellcheck={false}
        maxLength={32}
        required
        {...(autofocus && { autofocus })}
        {...(describedBy !== '' && { 'aria-describedby': describedBy })}
        {...(errorId !== undefined && { 'aria-invalid': true })}
      />
      {hint !== undefined && (
        <p class="hint" id="code-hint">
          {hint}
        </p>
      )}
    </div>
  )
}
