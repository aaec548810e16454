/** Any error as what the outside may know of it: a code, a text, a reference. `message` and `cause` stay inside. */
import { type AppFault, AppRefused } from '../app/draft.ts'
import { isTraced } from '../broker/limits/refusal-traces.ts'
import { type ErrorCode, errorTable, GatehouseError } from '../errors.ts'
import { errorTextOf } from './error-texts.ts'

/** Names an error of a library at the door, so that a stack is kept only for faults of ours. */
export function asGatehouseError(error: unknown): GatehouseError {
  if (error instanceof GatehouseError) return error
  const code = codeOfForeignError(error)
  // a parser quotes what it could not read, which may be a password (LK-01): only its kind goes on
  if (code !== 'internal') return new GatehouseError(code, `the request cannot be read: ${kindOf(error)}`)
  return new GatehouseError(code, error instanceof Error ? error.message : 'something that is no error was thrown', {
    cause: error,
  })
}

function codeOfForeignError(error: unknown): ErrorCode {
  if (error instanceof URIError) return 'request_invalid'
  if (typeof error !== 'object' || error === null || !('status' in error)) return 'internal'
  // http-errors of body-parser and Express: 413 too large, 4xx unreadable
  if (error.status === 413) return 'request_too_large'
  return typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? 'request_invalid' : 'internal'
}

/** What body-parser calls it, such as `entity.parse.failed`. */
function kindOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string')
    return error.type
  return error instanceof Error ? error.name : 'unknown'
}

export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** RFC 9457 members, and ours: code, fixer, reference. */
  readonly body: {
    readonly type: 'about:blank'
    readonly title: string
    readonly status: number
    readonly detail: string
    readonly code: ErrorCode
    readonly fixer: string
    readonly reference: string
    /** Of an app: what is wrong with which of its fields. */
    readonly faults?: readonly AppFault[]
  }
}

export function problemOf(error: GatehouseError, reference: string): Problem {
  const { status, fixer } = errorTable[error.code]
  const { title, text } = errorTextOf(error)
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...retryHeader(error, status),
    },
    body: {
      ...{ type: 'about:blank', title, status, detail: text, code: error.code, fixer, reference },
      ...(error instanceof AppRefused && { faults: error.faults }),
    },
  }
}

/** Whoever is told to come back is told when. */
export function retryHeader(error: GatehouseError, status: number): Record<string, string> {
  const seconds = error.retryAfterSeconds ?? (status === 503 ? 2 : undefined)
  return seconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }
}

/** What a log line may hold of an error: names, codes and messages down its causes; never their other fields (claims, bodies). */
/** A reference in the log leads to a trace; the id of a request that leaves none has another name there. */
export function logReference(
  { code }: GatehouseError,
  reference: string,
): { reference: string } | { requestId: string } {
  return isTraced(code) ? { reference } : { requestId: reference }
}

export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error ? error.code : undefined
  const unnamed = error instanceof GatehouseError ? error.code === 'internal' : error.cause === undefined
  return {
    type: error.name,
    message: error.message.slice(0, 500),
    ...(code !== undefined && { code }),
    ...(unnamed && error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  }
}
