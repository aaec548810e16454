/**
 * The cause of a failure as a short stable text: an error code, and where it is known a colon and
 * the failed check, the OAuth error, or why the network failed. Never an ID, an email or free text.
 */
import type { GatehouseError } from '../errors.ts'

/** @param oauthError of the response that failed */
export function failureCause({ code, message, check }: GatehouseError, oauthError?: string): string {
  const network = code === 'upstream_unreachable' ? networkFailure(message) : undefined
  const detail = check?.name ?? (oauthError || network)
  return detail === undefined ? code : `${code}: ${detail}`
}

const networkFailures = [
  [/CERT_HAS_EXPIRED/, 'certificate expired'],
  [/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO|ERR_SSL|ERR_TLS|EPROTO/, 'certificate'],
  [/no complete answer within|did not finish within|timed out|did not answer in time|ETIMEDOUT|_TIMEOUT\b/, 'timeout'],
  [/private address/, 'private address'],
  [/\bproxy\b/, 'proxy'],
  [/cannot be resolved|ENOTFOUND|EAI_AGAIN/, 'unknown host'],
  [/status \d/, 'status'],
  [/ECONNREFUSED|EHOST|ENET/, 'connection refused'],
  [/ECONNRESET|EPIPE|UND_ERR_SOCKET/, 'connection lost'],
] as const

/** Why the network failed, from the message of an `upstream_unreachable`. */
export function networkFailure(message: string): string | undefined {
  return networkFailures.find(([pattern]) => pattern.test(message))?.[1]
}
