/** One upstream request, and its response as JSON or as our error (LK-01). */
import { hash } from 'node:crypto'
import { GatehouseError } from '../../../src/errors.ts'
import { charsetOf, decodeText } from '../../../src/primitives/encoded-text.ts'
import { single } from '../../../src/profile/attributes.ts'
import { errorCode, errorWord, quoted } from '../login/callback.ts'
import { isJsonObject } from './optional.ts'
import { withoutCredentials } from './redaction.ts'

export interface EndpointAnswer {
  readonly ok: boolean
  readonly status: number
  /** Lower case, without parameters. */
  readonly type: string
  readonly text: string
  /** Undefined if it is no JSON. */
  readonly json: unknown
  /** RFC 6749 5.2, or RFC 6750 3 in the header. */
  readonly error: OAuthError | undefined
  /** Error text in a nonstandard form, without credentials of the request. */
  readonly detail?: string | undefined
  /** The header `Link`. */
  readonly link?: string | undefined
}

export interface EndpointRequest extends RequestInit {
  /** By name in lower case. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface OAuthError {
  readonly error: string
  readonly description?: string
}

/** @param endpoint for messages: "the token endpoint". Throws `upstream_unreachable`. */
export async function call(
  fetch: typeof globalThis.fetch,
  endpoint: string,
  url: string,
  init: EndpointRequest,
): Promise<EndpointAnswer> {
  const response = await responseOf(fetch, url, init, () => unreachable(`${endpoint} cannot be reached`))
  const contentType = response.headers.get('content-type') ?? ''
  const text = textIn(new Uint8Array(await response.arrayBuffer()), contentType)
  const json = jsonOf(text)
  const found = errorIn(json) ?? errorInForm(text) ?? errorInChallenge(response.headers.get('www-authenticate'))
  const error = redacted(found, init)
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const said = response.ok || error !== undefined ? undefined : detailOf(json, text)
  const detail = said && withoutCredentials(said, init)
  const link = response.headers.get('link')?.slice(0, 4000)
  return { ok: response.ok, status: response.status, type, text, json, error, detail, link }
}

/**
 * UTF-8 (RFC 8259 8.1). Old servers send other encodings, with or without a name, and some name one
 * and send UTF-8.
 */
function textIn(bytes: Uint8Array, contentType: string): string {
  try {
    return decodeText(bytes)
  } catch {
    return decodedBy(charsetOf(contentType) ?? 'windows-1252', bytes)
  }
}

function decodedBy(charset: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes) // an unknown charset
  }
}

function redacted(error: OAuthError | undefined, init: RequestInit): OAuthError | undefined {
  if (error === undefined) return undefined
  const code = errorCode(withoutCredentials(error.error, init))
  if (error.description === undefined) return { error: code }
  return { error: code, description: withoutCredentials(error.description, init) }
}

async function responseOf(
  fetch: typeof globalThis.fetch,
  url: string,
  init: EndpointRequest,
  failed: (cause: unknown) => GatehouseError,
): Promise<Response> {
  try {
    const headers = { accept: 'application/json', ...init.headers }
    return await fetch(url, { ...init, headers, redirect: 'manual' })
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause
    throw failed(cause)
  }
}

function unreachable(message: string, cause?: unknown): GatehouseError {
  return new GatehouseError('upstream_unreachable', message, { cause })
}

/** The OAuth error code behind a failure. */
const oauthErrors = new WeakMap<GatehouseError, string>()

/** Empty if the upstream refused without an OAuth error. */
export function oauthErrorOf(failure: unknown): string | undefined {
  return failure instanceof GatehouseError ? oauthErrors.get(failure) : undefined
}

/** Maps status and OAuth error to our error. */
export function refusal(
  { status, error, detail }: Pick<EndpointAnswer, 'status' | 'error' | 'detail'>,
  endpoint: string,
  hint = '',
) {
  const failure = isOutage(status)
    ? unreachable(`${endpoint} answered with status ${status}${describe(error)}`)
    : new GatehouseError('upstream_refused', `${endpoint} answered ${oauthErrorText(error, status, detail)}${hint}`)
  // 400 and 403 without an OAuth error may concern any part of the request
  if (error !== undefined || status === 400 || status === 403) oauthErrors.set(failure, error?.error ?? '')
  return failure
}

/** Whether another attempt may succeed. */
export const isOutage = (status: number): boolean => status >= 500 || status === 429

function oauthErrorText(error: OAuthError | undefined, status: number, detail = ''): string {
  return error === undefined
    ? `with status ${status} and no OAuth error${quoted(detail)}`
    : `${errorWord(error.error)}${describe(error)}`
}

function describe(error: OAuthError | undefined): string {
  return error?.description === undefined ? '' : quoted(error.description)
}

/** For messages, which name the usual reasons: a sign-in page, an error page, nothing at all. */
export function otherThanJson(text: string): string {
  if (text.trim() === '') return 'empty, not JSON'
  return /^\s*<(?:!doctype\s+html|html)[\s>]/i.test(text) ? 'a web page (HTML), not JSON' : 'not JSON'
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorIn(json: unknown): OAuthError | undefined {
  if (!isJsonObject(json)) return undefined
  const error = single(json['error'])
  if (!isText(error)) return undefined
  const { error_description: description } = json
  return { error, ...(typeof description === 'string' && { description }) }
}

/** Older OAuth servers answer with a form. */
function errorInForm(text: string): OAuthError | undefined {
  if (!/^error=[\w.-]/.test(text)) return undefined
  const form = new URLSearchParams(text.slice(0, 2000))
  const description = form.get('error_description')
  return { error: form.get('error') ?? '', ...(description !== null && { description }) }
}

const detailMembers = [
  'message',
  'error_description',
  'detail',
  'title',
  'errorSummary',
  'error_message',
  'reason',
  'code',
]

/** Other JSON forms (`{"error":{"message":…}}`, `{"errors":[…]}`, RFC 9457) or plain text. */
function detailOf(json: unknown, text: string): string | undefined {
  const own = isJsonObject(json) ? json : {}
  const nested = [own['error'], own['errors']].flatMap((value) => [value].flat().slice(0, 5))
  const places = [...nested.map((value) => (isJsonObject(value) ? value : { message: value })), own]
  const said = places.flatMap((place) => detailMembers.map((name) => place[name])).find(isText)
  if (said !== undefined) return said
  return json === undefined && text.trim() !== '' && !text.includes('<') ? text : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

function errorInChallenge(header: string | null): OAuthError | undefined {
  const [, error] = /\berror="?([^",\s]{1,64})/.exec(header?.slice(0, 2000) ?? '') ?? []
  if (error === undefined) return undefined
  const [, description] = /\berror_description="([^"]*)"/.exec(header?.slice(0, 2000) ?? '') ?? []
  return { error, ...(description !== undefined && { description }) }
}

/**
 * Fetches a JSON document. `read` runs again only if the document has changed, so that what was
 * derived from its value stays valid.
 * @param name for messages: "the discovery document"
 */
export function jsonDocument<T>(
  fetch: typeof globalThis.fetch,
  name: string,
  read: (json: unknown, url: string) => T,
): (url: string) => Promise<T> {
  let last: { readonly digest: string; readonly value: T } | undefined
  return async (url) => {
    const text = await fetchText(fetch, url, name)
    const digest = hash('sha256', text, 'base64')
    if (last?.digest !== digest) last = { digest, value: read(jsonIn(text, `${name} at ${url}`), url) }
    return last.value
  }
}

async function fetchText(fetch: typeof globalThis.fetch, url: string, name: string): Promise<string> {
  const response = await responseOf(fetch, url, {}, (cause) =>
    unreachable(`${name} at ${url} cannot be fetched`, cause),
  )
  if (response.ok)
    return textIn(new Uint8Array(await response.arrayBuffer()), response.headers.get('content-type') ?? '')
  const code = isOutage(response.status) ? 'upstream_unreachable' : 'upstream_invalid'
  throw new GatehouseError(code, `${name} at ${url} was answered with status ${response.status}`)
}

function jsonIn(text: string, what: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new GatehouseError('upstream_invalid', `${what} is ${otherThanJson(text)}`)
  }
}
