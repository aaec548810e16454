/** Reads the authorization response (RFC 6749 4.1.2, RFC 9207). */
import { type ErrorCode, GatehouseError } from '../../../src/errors.ts'
import { textOf } from '../../../src/profile/profile.ts'
import type { Recorder } from '../../../src/provider/provider.ts'

export interface Callback {
  readonly code: string
  /** `iss` of RFC 9207; undefined if the upstream does not send it. */
  readonly issuer: string | undefined
}

const once = ['state', 'code', 'iss', 'error', 'error_description']
const maxCodeLength = 4096
const ours = 'the state of this login'
/** RFC 6749 4.1.2.1; brands have further codes. */
const defaultDenials: readonly string[] = ['access_denied']

/**
 * Throws `callback_malformed` for invalid responses, `callback_invalid` for another issuer's,
 * `user_denied` or `sign_in_refused` for error responses.
 */
export function readCallback(
  parameters: URLSearchParams,
  state: string,
  issuer: string,
  record: Recorder,
  denials: readonly string[] = defaultDenials,
): Callback {
  for (const name of once) if (parameters.getAll(name).length > 1) throw malformed(`${name} came twice`)
  const got = stateGot(parameters.get('state'), state)
  const stateCheck = { name: 'state', ok: got === ours, expected: ours, got }
  if (!stateCheck.ok) throw new GatehouseError('callback_malformed', `state is ${got}`, { check: stateCheck })
  record.check(stateCheck)
  const from = parameters.get('iss') || undefined // empty counts as missing in `requireIssuer`
  if (from !== undefined) checkIssuer(from, issuer, record)
  const error = parameters.get('error') || null // some send all parameters, even empty ones
  const code = parameters.get('code') || null
  if (error !== null && code !== null) throw malformed('an error and a code came together')
  if (error !== null) throw refusal(error, parameters.get('error_description'), denials)
  if (code === null || code.length > maxCodeLength) throw malformed('there is no code, or none of a sensible length')
  return { code, issuer: from }
}

/** RFC 9207 2.4: an issuer that announces `iss` always sends it (mix-up, RP-37). */
export function requireIssuer(callback: Callback, issuer: string): void {
  if (callback.issuer !== undefined) return
  throw new GatehouseError('callback_invalid', 'the answer lacks the iss parameter that discovery announces', {
    check: { name: 'iss of the answer', ok: false, expected: issuer, got: 'none' },
  })
}

function checkIssuer(got: string, expected: string, record: Recorder): void {
  const check = { name: 'iss of the answer', ok: got === expected, expected, got: textOf(got) ?? 'something else' }
  if (!check.ok) throw new GatehouseError('callback_invalid', 'the answer is of another issuer', { check })
  record.check(check)
}

function stateGot(got: string | null, expected: string): string {
  if (got === null) return 'none'
  return got === expected ? ours : 'another value'
}

/** The description is only for the trace: anyone can write it into a URL. */
function refusal(error: string, description: string | null, denials: readonly string[]): GatehouseError {
  const word = errorCode(error)
  const code: ErrorCode = denials.includes(word) ? 'user_denied' : 'sign_in_refused'
  const said = `${errorWord(word)}${description === null ? '' : quoted(description)}`
  return new GatehouseError(code, `the authorization endpoint answered ${said}`)
}

/** The error code in lower case, since some upstreams write capitals. */
export function errorCode(error: string): string {
  const code = error.trim()
  return /^[A-Z_]+$/.test(code) ? code.toLowerCase() : code
}

/**
 * An OAuth error code, or a sentence of plain words. Anything else may hold a secret or markup, so
 * it is not quoted (LK-01).
 */
export function errorWord(error: string): string {
  if (/^[a-z][a-z0-9_.-]{0,63}$/.test(error)) return error
  return /^[A-Za-z]+(?:[ ,.'-]+\[?[A-Za-z]+\]?)+[.!]?$/.test(error) && error.length <= 100
    ? `an error that is no OAuth code${quoted(error)}`
    : 'an error that cannot be read'
}

function malformed(why: string): GatehouseError {
  return new GatehouseError('callback_malformed', `invalid callback: ${why}`)
}

const maxDescriptionLength = 150

/** An error_description for traces: one line, shortened, without tokens. */
export function quoted(description: string): string {
  const words = description.slice(0, 2000).split(' ')
  const text = textOf(words.map((word) => (isTokenLike(word) ? '[token]' : word)).join(' '))
  if (text === undefined) return ''
  const cut = text.length <= maxDescriptionLength ? text : `${text.slice(0, maxDescriptionLength).toWellFormed()}…`
  return ` (“${cut}”)`
}

/** Whether a text is long and has two dots or more, as a JWT has. */
function isTokenLike(word: string): boolean {
  return word.length > 40 && word.split('.').length >= 3
}
