/** Explains a driver's error to the operator: the store is unavailable, or it rejected a value. */
import { type ErrorCode, GatehouseError } from '../errors.ts'

export interface Meaning {
  /** Default `store_unavailable`. `request_invalid`: an invalid value. `internal`: a bug. */
  readonly code?: ErrorCode
  /** Cause and remedy. Contains no password. */
  readonly sentence: string
}

/** Undefined for an unknown error. */
export type Explain = (error: unknown) => Meaning | undefined

/** The error to throw for a driver's error. A TypeError is a bug and stays as it is. */
export function storeFailure(store: string, explain: Explain, error: unknown): unknown {
  if (error instanceof GatehouseError || error instanceof TypeError) return error
  const { code = 'store_unavailable', sentence } = explain(error) ?? { sentence: `${store} does not answer` }
  return new GatehouseError(code, sentence, { cause: error })
}

export function isStoreUnavailable(error: unknown): error is GatehouseError {
  return error instanceof GatehouseError && error.code === 'store_unavailable'
}

export interface Target {
  /** Such as `PostgreSQL`. */
  readonly store: string
  /** Host and port, or the path of a socket. */
  readonly place: string
  /** The setting to correct, such as `storage.postgres`. */
  readonly setting: string
  /** How to turn TLS on and off. */
  readonly tls: { readonly on: string; readonly off: string }
}

/** Errors of the network, DNS and TLS, which are the same for all stores. */
export function explainNetwork({ store, place, setting, tls }: Target, error: unknown): Meaning | undefined {
  const sentence = networkSentence(codeOf(error), messageOf(error))
  return sentence === undefined ? undefined : { sentence }

  function networkSentence(code: string, message: string): string | undefined {
    switch (code) {
      case 'ECONNREFUSED':
        return `${store} does not listen at ${place}: start it, or correct ${setting}`
      case 'ENOENT':
        return `${store} has no socket at ${place}: start it, or correct the path in ${setting}`
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
      case 'EAI_NODATA':
        return `the host of ${store} cannot be resolved (${place}): correct ${setting}, or the DNS`
      case 'EHOSTUNREACH':
      case 'ENETUNREACH':
      case 'EADDRNOTAVAIL':
        return `there is no route to ${store} at ${place}: check the network, or correct ${setting}`
      case 'EACCES':
      case 'EPERM':
        return `this process may not connect to ${store} at ${place}: check the permissions of the socket`
      case 'ETIMEDOUT':
        return `${store} does not answer at ${place}: check the firewall and whether the server is overloaded`
      case 'ECONNRESET':
      case 'EPIPE':
        return `${store} at ${place} closed the connection: it may have stopped, or expect ${tls.on}`
      case 'CERT_HAS_EXPIRED':
        return `the TLS certificate of ${store} at ${place} has expired: renew it`
      case 'ERR_TLS_CERT_ALTNAME_INVALID':
        return `the TLS certificate of ${store} is for another host than ${place}: correct the host in ${setting}, or the certificate`
      case 'EPROTO':
      case 'ERR_SSL_WRONG_VERSION_NUMBER':
      case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
        return `${store} at ${place} does not speak TLS: use ${tls.off}, or enable TLS there`
    }
    if (/SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_(UNTRUSTED|REJECTED|SIGNATURE)/.test(code))
      return `the TLS certificate of ${store} at ${place} is not trusted (${code}): name its CA`
    if (/timeout|no answer within|timed out/i.test(message))
      return `${store} does not answer in time at ${place}: check the network, whether the server is overloaded, and whether it expects ${tls.on} or not`
    return undefined
  }
}

export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}
