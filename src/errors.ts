/**
 * Error codes: one class, one table. A code is stable: apps and scripts may switch on it. The texts that users read are
 * in http/error-texts.ts. `message` and `cause` are for logs and traces, never for a browser.
 */

import { truncate } from './primitives/untrusted-text.ts'

/** Who can fix an error. */
export type Fixer = 'person' | 'tenant admin' | 'app developer' | 'operator'

interface ErrorEntry {
  readonly status: number
  /** The OAuth 2.0 or OpenID Connect error for an app (RFC 6749 4.1.2.1, OIDC Core 3.1.2.6). */
  readonly oauth: string
  readonly fixer: Fixer
}

const entry = (status: number, oauth: string, fixer: Fixer): ErrorEntry => ({ status, oauth, fixer })

export const errorTable = {
  // the request itself
  request_invalid: entry(400, 'invalid_request', 'app developer'),
  email_invalid: entry(400, 'invalid_request', 'person'),
  request_too_large: entry(413, 'invalid_request', 'app developer'),
  not_found: entry(404, 'invalid_request', 'person'),
  method_not_allowed: entry(405, 'invalid_request', 'app developer'),
  origin_refused: entry(403, 'access_denied', 'app developer'),
  return_refused: entry(400, 'invalid_request', 'app developer'),
  too_many_attempts: entry(429, 'temporarily_unavailable', 'person'),
  // a login
  connection_unknown: entry(404, 'invalid_request', 'app developer'),
  login_unknown: entry(400, 'invalid_request', 'person'),
  login_expired: entry(400, 'invalid_request', 'person'),
  login_used: entry(400, 'invalid_request', 'person'),
  login_foreign: entry(400, 'invalid_request', 'person'),
  login_misdirected: entry(400, 'invalid_request', 'tenant admin'),
  callback_malformed: entry(400, 'invalid_request', 'tenant admin'),
  callback_invalid: entry(400, 'access_denied', 'tenant admin'),
  sign_in_refused: entry(400, 'server_error', 'tenant admin'),
  user_denied: entry(403, 'access_denied', 'person'),
  credentials_invalid: entry(401, 'access_denied', 'person'),
  user_blocked: entry(403, 'access_denied', 'tenant admin'),
  user_revoked: entry(403, 'access_denied', 'person'),
  method_suspended: entry(403, 'access_denied', 'person'),
  linking_refused: entry(403, 'access_denied', 'tenant admin'),
  user_unknown: entry(403, 'access_denied', 'tenant admin'),
  link_refused: entry(403, 'access_denied', 'person'),
  link_mismatch: entry(403, 'access_denied', 'person'),
  identity_taken: entry(403, 'access_denied', 'person'),
  // a reverse proxy's door
  access_refused: entry(403, 'access_denied', 'tenant admin'),
  door_out_of_reach: entry(500, 'server_error', 'operator'),
  // an upstream
  upstream_unreachable: entry(503, 'temporarily_unavailable', 'tenant admin'),
  upstream_refused: entry(502, 'server_error', 'tenant admin'),
  upstream_invalid: entry(502, 'server_error', 'tenant admin'),
  id_token_refused: entry(401, 'invalid_grant', 'app developer'),
  // passwords and one-time links
  password_weak: entry(422, 'invalid_request', 'person'),
  link_used: entry(400, 'invalid_request', 'person'),
  // sessions
  session_invalid: entry(401, 'login_required', 'person'),
  session_unknown: entry(404, 'invalid_request', 'app developer'),
  // what apps ask of the OpenID provider
  redirect_uri_refused: entry(400, 'invalid_request', 'app developer'),
  app_request_refused: entry(400, 'invalid_request', 'app developer'),
  refresh_reused: entry(400, 'invalid_grant', 'app developer'),
  code_reused: entry(400, 'invalid_grant', 'app developer'),
  code_refused: entry(400, 'invalid_grant', 'app developer'),
  app_not_first_party: entry(403, 'unauthorized_client', 'operator'),
  interaction_over: entry(400, 'invalid_request', 'person'),
  // apps
  app_unknown: entry(404, 'invalid_request', 'app developer'),
  app_invalid: entry(422, 'invalid_request', 'app developer'),
  developer_refused: entry(403, 'access_denied', 'tenant admin'),
  caller_refused: entry(401, 'invalid_client', 'app developer'),
  user_unseen: entry(404, 'invalid_request', 'app developer'),
  // ourselves
  busy: entry(503, 'temporarily_unavailable', 'operator'),
  store_unavailable: entry(503, 'temporarily_unavailable', 'operator'),
  internal: entry(500, 'server_error', 'operator'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

/** One comparison made during a login: what had to be, what was. Never holds a secret, a token or a code. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly expected?: string
  readonly got?: string
}

export interface GatehouseErrorOptions {
  readonly cause?: unknown
  /** The check that failed, for the trace. */
  readonly check?: Check
  /** Seconds until trying again makes sense. */
  readonly retryAfterSeconds?: number
  /** A sentence that replaces the table's text where the person needs to know more (a password's length, say). */
  readonly text?: string
}

/** Whatever a message quotes, no code that reads it later gets more characters than this. */
const maxMessageLength = 1000

/** A request that did not succeed. `message` is lower case without a full stop and names the thing, for logs. */
export class GatehouseError extends Error {
  readonly code: ErrorCode
  readonly check: Check | undefined
  readonly retryAfterSeconds: number | undefined
  readonly text: string | undefined

  constructor(code: ErrorCode, message: string, options: GatehouseErrorOptions = {}) {
    super(truncate(message, maxMessageLength), { cause: options.cause })
    this.name = 'GatehouseError'
    this.code = code
    this.check = options.check
    this.retryAfterSeconds = options.retryAfterSeconds
    this.text = options.text
  }
}
