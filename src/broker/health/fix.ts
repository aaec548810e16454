/** The fix of a connection's problem: that of its cause, with the places at its vendor. */
import { type Fix, fileChange, fixFor } from '../sign-ins/fixes.ts'

/** Names that the texts contain. */
export interface NamedConnection {
  readonly tenant: string
  readonly connection: string
  readonly kind: string
  /** Such as "Okta". */
  readonly label: string
  readonly callbackUrl: string
  /** `Brand.callbackPlace`. */
  readonly callbackPlace: string | undefined
  readonly secretPlace: string | undefined
}

export function connectionFix(cause: string, named: NamedConnection): Fix {
  const { tenant, connection, label, callbackUrl, callbackPlace, secretPlace } = named
  const { title, fix, fixer } = fixFor(cause, { label })
  if (isCredentialCause(cause) && secretPlace !== undefined)
    return {
      title: `${label} rejects the client ID or the client secret`,
      fix: `Create a new secret in ${label} under ${secretPlace}, and set connections.${connection}.clientSecret in the file of the tenant ${tenant}. ${fileChange}`,
      fixer,
    }
  if (isCallbackCause(cause)) {
    const where = callbackPlace === undefined ? '' : ` under ${callbackPlace}`
    return {
      title: `The callback URL is not registered at ${label}`,
      fix: `Register exactly ${callbackUrl} in ${label}${where}.`,
      fixer: 'tenant admin',
    }
  }
  return { title, fix: fix.replaceAll("the tenant's file", `the file of the tenant ${tenant}`), fixer }
}

/**
 * The client's credentials are wrong: every sign-in fails until an admin changes them. Only if the
 * upstream said so to us: a visitor can write any error into a callback (`sign_in_refused`).
 */
export const isCredentialCause = (cause: string) =>
  /^upstream_refused\b.*\b(invalid_client|unauthorized_client|incorrect_client_credentials)$/.test(cause)

const isCallbackCause = (cause: string) => /: callback URL$|redirect_uri/.test(cause)
