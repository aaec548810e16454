/**
 * What openid-client threw, in our words. Its errors carry whole answers in their `cause` (tokens, codes, claims), so they end here:
 * name, code and the failed comparison go on, the rest does not (LK-01).
 */
import * as client from 'openid-client'
import { type Check, GatehouseError } from '../../src/errors.ts'
import { errorWord } from './callback.ts'
import { momentOf, wordOf } from './claims.ts'

/** @param endpoint what was asked, for messages: "the token endpoint" */
export function upstreamFailure(error: unknown, endpoint: string): GatehouseError {
  const ours = causesOf(error).find((cause) => cause instanceof GatehouseError)
  if (ours !== undefined) return ours
  if (error instanceof client.ResponseBodyError) return refusal(error.status, error.error, endpoint)
  if (error instanceof client.WWWAuthenticateChallengeError)
    return refusal(error.status, error.cause[0]?.parameters.error, endpoint)
  if (error instanceof client.ClientError) return clientFailure(error, endpoint)
  return new GatehouseError('upstream_unreachable', `${endpoint} cannot be reached${nameOf(error)}`)
}

/** An endpoint's no, by its status and its OAuth error. */
export function refusal(status: number, error: string | undefined, endpoint: string): GatehouseError {
  if (status >= 500 || status === 429)
    return new GatehouseError('upstream_unreachable', `${endpoint} answered with status ${status}`)
  const word = errorWord(error ?? '')
  const hint = word === 'invalid_client' ? ': client id or client secret is wrong' : ''
  return new GatehouseError('upstream_refused', `${endpoint} answered ${word}${hint}`)
}

function clientFailure(error: client.ClientError, endpoint: string): GatehouseError {
  if (error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_ABORT')
    return new GatehouseError('upstream_unreachable', `${endpoint} did not answer in time`)
  if (error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM' && error.cause instanceof Response)
    return refusal(error.cause.status, undefined, endpoint)
  const check = failedCheck(error)
  const what =
    check === undefined ? (error.code ?? 'an answer that cannot be read') : `the check of ${check.name} failed`
  return new GatehouseError('upstream_invalid', `${endpoint} gave what cannot be accepted: ${what}`, check && { check })
}

const unsaid = new Set(['nonce', 'at_hash', 'c_hash', 's_hash', 'state'])

/** Which comparison of oauth4webapi failed: its `cause` names the claim, or its message quotes it (`JWT "iat" (issued at) claim missing`). */
function failedCheck(error: client.ClientError): Check | undefined {
  const inner = error.cause instanceof Error ? error.cause : error
  const details = record(inner.cause)
  const quoted = /"(iss|aud|azp|exp|iat|nbf|sub|alg|nonce|auth_time)"/.exec(inner.message)?.[1]
  const name = typeof details['claim'] === 'string' ? details['claim'] : quoted
  if (name === undefined || details['attribute'] !== undefined) return undefined
  const value = { ...record(details['claims']), ...record(details['header']) }[name]
  if (unsaid.has(name))
    return {
      name,
      ok: false,
      expected: `the ${name} of this login`,
      got: value === undefined ? 'none' : 'another value',
    }
  return { name, ok: false, expected: expectationOf(name, details['expected']), got: gotOf(name, value) }
}

function expectationOf(name: string, expected: unknown): string {
  if (Array.isArray(expected)) return expected.map(wordOf).join(' or ')
  if (expected !== undefined) return wordOf(expected)
  const known: Readonly<Record<string, string>> = {
    aud: 'our client id alone',
    exp: 'in the future',
    nbf: 'not in the future',
    iat: 'a time',
  }
  return known[name] ?? 'a text'
}

function gotOf(name: string, value: unknown): string {
  if (name === 'sub') return value === undefined ? 'none' : typeof value
  return Array.isArray(value) ? value.slice(0, 10).map(wordOf).join(', ') : momentOf(value)
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function causesOf(error: unknown): readonly unknown[] {
  const causes: unknown[] = []
  for (let next = error; next instanceof Error && causes.length < 5; next = next.cause) causes.push(next)
  return causes
}

function nameOf(error: unknown): string {
  return error instanceof Error ? `: ${error.name}` : ''
}
