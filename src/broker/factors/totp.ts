/**
 * Time-based one-time passwords (RFC 6238): SHA-1, 6 digits, 30 seconds, as all authenticator apps.
 */
import { Secret, TOTP } from 'otpauth'

const form = { algorithm: 'SHA1', digits: 6, period: 30 } as const

/** Codes of the step before and after are accepted too (RFC 6238 5.2). */
const window = 1

/** 160 bits, as RFC 4226 4 recommends for SHA-1. */
export const seedBytes = 20

const secretOf = (seed: Uint8Array) => new Secret({ buffer: Uint8Array.from(seed).buffer })

/** The time step of a code; undefined if it is wrong, malformed, or of another time. */
export function matchStep(seed: Uint8Array, code: string, now: Date): number | undefined {
  const token = normalizeCode(code)
  if (token === undefined) return undefined
  const timestamp = now.getTime()
  const delta = TOTP.validate({ ...form, token, secret: secretOf(seed), timestamp, window })
  return delta === null ? undefined : TOTP.counter({ period: form.period, timestamp }) + delta
}

/** Six digits. Apps show them in groups, and some keyboards type full-width digits. */
function normalizeCode(code: string): string | undefined {
  if (code.length > 32) return undefined
  const digits = code.normalize('NFKC').replace(/[\s-]/g, '')
  return /^\d{6}$/.test(digits) ? digits : undefined
}

/** The code of a time: for the command line and tests. */
export function codeAt(seed: Uint8Array, at: Date): string {
  return TOTP.generate({ ...form, secret: secretOf(seed), timestamp: at.getTime() })
}

/** Parses the base32 of `seedText`. */
export const seedOf = (text: string): Buffer => Buffer.from(Secret.fromBase32(text).bytes)

/** The seed as users type it into an app: base32 without padding. */
export const seedText = (seed: Uint8Array): string => secretOf(seed).base32

export interface TotpLabel {
  readonly tenantName: string
  /** Such as the email. */
  readonly account: string
}

/** `otpauth://totp/…`, the content of the QR code (Key URI Format of Google Authenticator). */
export function totpUri(seed: Uint8Array, { tenantName, account }: TotpLabel): string {
  // a colon separates the issuer from the account
  const issuer = tenantName.replaceAll(':', ' ')
  const label = account.replaceAll(':', ' ')
  return new TOTP({ ...form, issuer, label, secret: secretOf(seed) }).toString()
}
