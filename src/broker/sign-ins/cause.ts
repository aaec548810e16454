/**
 * Groups failed logins by cause: the error code, then the failed check or step, then how it failed.
 * All words are of fixed sets or names in our code, so that a cause has no ids, times or addresses.
 */
import type { Check, ErrorCode } from '../../errors.ts'
import { networkFailure } from '../../provider/failure-cause.ts'

interface Step {
  readonly name: string
  readonly checks: readonly Check[]
  /** Message of the error that the step failed by. */
  readonly note?: string
}

/** The parts of a trace that describe its failure. */
interface FailedLogin {
  readonly code?: ErrorCode
  readonly steps: readonly Step[]
}

/** Cause of a failed login, such as `upstream_refused: token exchange invalid_client`. */
export function causeOf({ code, steps }: FailedLogin): string | undefined {
  if (code === undefined) return undefined
  const details = detailsOf(steps)
  return details === '' ? code : `${code}: ${details}`
}

/** Cause for a successful sign-in without email, see `lacksEmail`. */
export const missingEmailCause = 'profile: email missing'

/** Whether the check of the email failed. */
export const lacksEmail = ({ steps }: Pick<FailedLogin, 'steps'>): boolean =>
  steps.some(({ checks }) => checks.some(({ name, ok }) => name === 'email' && !ok))

/**
 * Details of the failed step. Searched from the end: no later step has a failed check or a note.
 */
function detailsOf(steps: readonly Step[]): string {
  const failed = steps.findLast(({ note, checks }) => note !== undefined || checks.some(({ ok }) => !ok))
  const check = failed?.checks.findLast(({ ok }) => !ok)
  if (check !== undefined) return failed === steps.at(-1) || failed?.note !== undefined ? ofCheck(check) : ''
  return failed?.note === undefined ? '' : ofStep(originOf(steps, failed.note), failed.note)
}

function ofCheck({ name, got = '' }: Check): string {
  if (name === 'status')
    return joined(
      name,
      samlStatuses.find((status) => got.includes(status)),
    )
  return isFixedName(name) ? name : ''
}

/** A check of a plugin may have a name with ids or values. */
const isFixedName = (name: string) => /^[\p{L}_][\p{L}\p{M} _.,:()'’/-]{0,59}$/u.test(name)

/** The innermost of the steps that failed by one error; all of them have its note. */
function originOf(steps: readonly Step[], note: string): string {
  const names = steps.filter((step) => step.note === note).map(({ name }) => name)
  return (
    names.findLast((name) => !outerSteps.has(name) && name !== 'email') ?? names.find((name) => name === 'email') ?? ''
  )
}

/** Steps that contain those of the provider, or whose error code names the cause. */
const outerSteps: ReadonlySet<string> = new Set([
  'begin',
  'complete',
  'complete again',
  'exchange',
  'limits',
  'link',
  'session',
  'strategy',
  'user',
])

function ofStep(name: string, note: string): string {
  return joined(isFixedName(name) ? name : '', kindOf(note))
}

const joined = (...words: readonly (string | undefined)[]) =>
  words.filter((word) => word !== undefined && word !== '').join(' ')

/** How it failed, from our message; undefined if the message has no such word. */
function kindOf(note: string): string | undefined {
  // text after the first quotation mark is the upstream's
  const [own = ''] = note.split('“')
  const oauth = /\banswered ([a-z_]+)/.exec(own)?.[1]
  if (oauth !== undefined && oauthErrors.has(oauth)) return oauth
  const status = /\bstatus ([1-5]\d\d)\b/.exec(own)?.[1]
  if (status !== undefined) return `status ${status}`
  return networkFailure(own) ?? otherKinds.find(([pattern]) => pattern.test(own))?.[1]
}

const otherKinds: readonly (readonly [RegExp, string])[] = [
  [/answered with a redirect/, 'redirect'],
  [/more than \d+ bytes/, 'too large'],
  [/not JSON/, 'not JSON'],
  [/\bno ID token/, 'no ID token'],
]

/**
 * RFC 6749, RFC 6750, RFC 7591, RFC 8707, RFC 9126, OpenID Connect, and those of known providers.
 */
const oauthErrors: ReadonlySet<string> = new Set([
  'access_denied',
  'account_selection_required',
  'bad_verification_code',
  'consent_required',
  'incorrect_client_credentials',
  'insufficient_scope',
  'interaction_required',
  'invalid_client',
  'invalid_client_metadata',
  'invalid_grant',
  'invalid_redirect_uri',
  'invalid_request',
  'invalid_request_object',
  'invalid_request_uri',
  'invalid_scope',
  'invalid_target',
  'invalid_token',
  'login_required',
  'redirect_uri_mismatch',
  'server_error',
  'temporarily_unavailable',
  'unauthorized_client',
  'unauthorized_scope_error',
  'unsupported_grant_type',
  'unsupported_response_type',
])

/** Second-level codes first: they say more (SAML core 3.2.2.2). */
const samlStatuses: readonly string[] = [
  'AuthnFailed',
  'InvalidAttrNameOrValue',
  'InvalidNameIDPolicy',
  'NoAuthnContext',
  'NoAvailableIDP',
  'NoPassive',
  'NoSupportedIDP',
  'RequestDenied',
  'RequestUnsupported',
  'RequestVersionTooHigh',
  'UnknownPrincipal',
  'UnsupportedBinding',
  'Requester',
  'Responder',
  'VersionMismatch',
]
