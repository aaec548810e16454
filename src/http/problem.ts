/** Errors as problem documents and log fields. Responses never hold `message` and `cause`. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { AppRefused } from '../app/draft.ts'
import { SsoRequired } from '../broker/access/sso/assert-sso.ts'
import { MfaRequired } from '../broker/assurance/mfa-required.ts'
import { isTraced } from '../broker/limits/refusal-traces.ts'
import { TokenRefused } from '../broker/tokens/token-draft.ts'
import { type ErrorCode, errorTable, type Fixer, GatehouseError } from '../errors.ts'
import { problemTextOf } from './error-texts.ts'

/** Maps errors of libraries to codes; only `internal` keeps its cause. */
export function asGatehouseError(error: unknown): GatehouseError {
  if (error instanceof GatehouseError) return error
  const code = codeOfForeignError(error)
  // a parser quotes its input, which may be a password (LK-01)
  if (code !== 'internal') {
    const kind = kindOf(error)
    const text = code === 'request_invalid' ? unreadableTexts.get(kind) : undefined
    return new GatehouseError(code, `the request cannot be read: ${kind}`, text === undefined ? {} : { text })
  }
  return new GatehouseError(code, error instanceof Error ? error.message : 'something that is no error was thrown', {
    cause: error,
  })
}

/** By body-parser's type. */
const unreadableTexts: ReadonlyMap<string, string> = new Map([
  ['entity.parse.failed', 'The body is not valid JSON.'],
  ['charset.unsupported', 'The body must be UTF-8: correct the charset in content-type.'],
  ['encoding.unsupported', 'The body must be plain, or compressed by gzip, deflate or br.'],
  ['parameters.too.many', 'The form has too many fields.'],
])

function codeOfForeignError(error: unknown): ErrorCode {
  if (error instanceof URIError) return 'request_invalid'
  if (typeof error !== 'object' || error === null || !('status' in error)) return 'internal'
  // http-errors of body-parser and Express: 413 too large, 4xx unreadable
  if (error.status === 413) return 'request_too_large'
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? 'request_invalid' : 'internal'
}

/** body-parser's type, such as `entity.parse.failed`. */
function kindOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string')
    return error.type
  return error instanceof Error ? error.name : 'unknown'
}

/**
 * Members of RFC 9457 and ours: `faults` are the invalid fields of an app or an API token,
 * `connection` is the one to sign in with after `sso_required`, and those of `mfa_required`.
 */
export function problemOf(error: GatehouseError, reference: string, fixer: Fixer = errorTable[error.code].fixer) {
  const { status } = errorTable[error.code]
  const { title, text } = problemTextOf(error)
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...retryHeader(error, status),
    },
    body: {
      type: 'about:blank',
      title,
      status,
      detail: text,
      code: error.code,
      fixer,
      reference,
      ...(error instanceof SsoRequired && error.connection !== undefined && { connection: error.connection }),
      ...(error instanceof MfaRequired && error.members),
      ...((error instanceof AppRefused || error instanceof TokenRefused) && { faults: error.faults }),
    },
  }
}

/** Ahead of Express. */
export function endWithProblem(
  response: ServerResponse,
  { status, headers, body }: ReturnType<typeof problemOf>,
  more: OutgoingHttpHeaders = {},
): void {
  const text = JSON.stringify(body)
  const own = { ...headers, 'x-content-type-options': 'nosniff', 'content-length': Buffer.byteLength(text) }
  response.writeHead(status, { ...own, ...more }).end(text)
}

export function retryHeader(error: GatehouseError, status: number): Record<string, string> {
  const seconds = error.retryAfterSeconds ?? (status === 503 ? 2 : undefined)
  return seconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }
}

/** `reference` finds a trace; an error without a trace is logged with `requestId`. */
export function logReference(
  { code }: GatehouseError,
  reference: string,
): { reference: string } | { requestId: string } {
  return isTraced(code) ? { reference } : { requestId: reference }
}

/** Names, codes and messages of an error and its causes, without other members such as claims. */
export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error ? error.code : undefined
  const unnamed = error instanceof GatehouseError ? error.code === 'internal' : error.cause === undefined
  return {
    type: error.name,
    message: error.message.slice(0, 500),
    ...(code !== undefined && { code }),
    ...(error instanceof GatehouseError && { fixer: errorTable[error.code].fixer }),
    ...(unnamed && error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  }
}
