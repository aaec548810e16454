/** Sends a request to Gatehouse with a time limit, and reads the JSON response. */
import type { Problem } from './responses.ts'

export interface RequestOptions {
  /** Gatehouse's origin, such as `https://login.example`. */
  readonly issuer: string
  /** Time limit of a request. Default 2000. */
  readonly timeoutMs?: number
  /** Default: the global fetch. */
  readonly fetch?: typeof globalThis.fetch
}

export interface ApiRequest {
  readonly method: string
  readonly path: string
  readonly authorization?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly form?: URLSearchParams
}

export interface ApiResponse {
  readonly status: number
  /** Undefined for an empty body, or one that is not JSON. */
  readonly body: unknown
  readonly retryAfter: string | null
}

export const defaultTimeoutMs = 2000
const maxResponseLength = 1_000_000

/** An error response. `problem.code` is stable: switch on it. */
export class GatehouseRefusal extends Error {
  readonly problem: Problem
  /** From Retry-After. */
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(`Gatehouse refused with ${problem.status} ${problem.code} (${problem.reference})`)
    this.name = 'GatehouseRefusal'
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** No valid response in time: reject the request. The message contains no secret. */
export class GatehouseUnreachable extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = 'GatehouseUnreachable'
  }
}

/** Throws a TypeError for an issuer that is not an origin. */
export function originOf({ issuer }: RequestOptions): string {
  const url = URL.parse(issuer)
  if (url === null || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`)
    throw new TypeError(`issuer must be an origin such as https://login.example, not ${issuer}`)
  return url.origin
}

/** Throws `GatehouseUnreachable`. */
export async function sendRequest(
  options: RequestOptions,
  { method, path, authorization, headers, json, form }: ApiRequest,
): Promise<ApiResponse> {
  const { timeoutMs = defaultTimeoutMs, fetch = globalThis.fetch } = options
  const url = `${originOf(options)}${path}`
  try {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(authorization !== undefined && { authorization }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      body: json === undefined ? (form ?? null) : JSON.stringify(json),
      redirect: 'error', // never send a credential to another origin
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    return { status: response.status, body: parsed(text), retryAfter: response.headers.get('retry-after') }
  } catch (cause) {
    throw new GatehouseUnreachable(`no response from Gatehouse to ${method} ${path}`, { cause })
  }
}

function parsed(text: string): unknown {
  if (text === '' || text.length > maxResponseLength) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A member of an untrusted value, or undefined. */
export function member(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, name) =>
      typeof part === 'object' && part !== null && Object.hasOwn(part, name) ? Reflect.get(part, name) : undefined,
    value,
  )
}

export function textMember(value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path)
  return typeof found === 'string' ? found : undefined
}
