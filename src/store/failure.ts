/** Explains a driver's error to the operator: the store is unavailable, or it rejected a value. */
import type { KeyRing } from '../crypto/keyring.ts'
import { type ErrorCode, GatehouseError } from '../errors.ts'

export interface StoreOptions {
  readonly keyRing: KeyRing
  readonly now: () => Date
  /** Called for every failure that makes the store unavailable, lost connections included. */
  readonly onUnavailable?: ((error: Error) => void) | undefined
}

export interface Meaning {
  /** Default `store_unavailable`. `request_invalid`: an invalid value. `internal`: a bug. */
  readonly code?: ErrorCode
  /** Cause and remedy. Contains no password. */
  readonly sentence: string
}

/** Undefined for an unknown error. */
export type Explain = (error: unknown) => Meaning | undefined

/** The error to throw for a driver's error, its `cause`. A TypeError is a bug: it stays so. */
export type Failing = (error: unknown) => unknown

/** @param onUnavailable called for each failure that makes the store unavailable */
export function failing(
  store: string,
  explain: Explain,
  onUnavailable: (error: GatehouseError) => void = () => {},
): Failing {
  return (error) => {
    if (error instanceof GatehouseError || error instanceof TypeError) return error
    const { code = 'store_unavailable', sentence } = explain(error) ?? { sentence: `${store} does not answer` }
    const failure = new GatehouseError(code, sentence, { cause: error })
    if (isStoreUnavailable(failure)) onUnavailable(failure)
    return failure
  }
}

/** Every adapter answers, or fails with `store_unavailable`, within a second. */
const timeoutMs = 950

/** Runs work with a time limit. Work that is late continues, and its result is ignored. */
export function withStoreTimeout<T>(failure: Failing, work: () => Promise<T>, withinMs = timeoutMs): Promise<T> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(failure(new Error(`no answer within ${withinMs} ms`)))
    }, withinMs)
    // also a synchronous throw becomes a rejection
    new Promise<T>((done) => done(work())).then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        if (!isLate) reject(failure(error))
      },
    )
  })
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
  readonly tlsOn: string
  readonly tlsOff: string
}

/** Sentences by the form of a code or message. `{name}` stands for the group of that name. */
export type Sentences = readonly (readonly [form: RegExp, sentence: string])[]

/** The sentence of the first form that the error has. */
export function sentenceFor(sentences: Sentences, error: unknown, values: object): Meaning | undefined {
  const texts = [codeOf(error), messageOf(error)]
  const found = sentences.find(([form]) => texts.some((text) => form.test(text)))
  if (found === undefined) return undefined
  const known = { ...values, code: texts[0], message: texts[1]?.slice(0, 200) }
  return { sentence: found[1].replace(/\{(\w+)\}/g, (_, name: string) => String(Reflect.get(known, name))) }
}

const networkSentences: Sentences = [
  [/^ECONNREFUSED$/i, '{store} does not listen at {place}: start it, or correct {setting}'],
  [/^ENOENT$/i, '{store} has no socket at {place}: start it, or correct the path in {setting}'],
  [
    /^(ENOTFOUND|EAI_AGAIN|EAI_NODATA)$/i,
    'the host of {store} cannot be resolved ({place}): correct {setting}, or the DNS',
  ],
  [
    /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/i,
    'there is no route to {store} at {place}: check the network, or correct {setting}',
  ],
  [/^(EACCES|EPERM)$/i, 'this process may not connect to {store} at {place}: check the permissions of the socket'],
  [/^ETIMEDOUT$/i, '{store} does not answer at {place}: check the firewall and whether the server is overloaded'],
  [/^(ECONNRESET|EPIPE)$/i, '{store} at {place} closed the connection: it may have stopped, or expect {tlsOn}'],
  [/^CERT_HAS_EXPIRED$/i, 'the TLS certificate of {store} at {place} has expired: renew it'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/i,
    'the TLS certificate of {store} is for another host than {place}: correct the host in {setting}, or the certificate',
  ],
  [
    /^(EPROTO|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)$/i,
    '{store} at {place} does not speak TLS: use {tlsOff}, or enable TLS there',
  ],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|CERT_(UNTRUSTED|REJECTED|SIGNATURE)/i,
    'the TLS certificate of {store} at {place} is not trusted ({code}): name its CA',
  ],
  [
    /timeout|no answer within|timed out/i,
    '{store} does not answer in time at {place}: check the network, whether the server is overloaded, and whether it expects {tlsOn} or not',
  ],
]

/** Errors of the network, DNS and TLS, which are the same for all stores. */
export const explainNetwork = (target: Target, error: unknown): Meaning | undefined =>
  sentenceFor(networkSentences, error, target)

export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}
