/**
 * Error codes. A code is stable: apps and scripts may switch on it. http/error-texts.ts has the
 * texts for users; `message` and `cause` are for logs and traces, never for a browser.
 */

import { truncate } from './primitives/untrusted-text.ts'

/** Persons who can fix an error. */
export const fixers = ['user', 'tenant admin', 'app developer', 'operator'] as const
export type Fixer = (typeof fixers)[number]

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
  credentials_conflict: entry(400, 'invalid_request', 'app developer'),
  email_invalid: entry(400, 'invalid_request', 'user'),
  request_too_large: entry(413, 'invalid_request', 'app developer'),
  not_found: entry(404, 'invalid_request', 'user'),
  method_not_allowed: entry(405, 'invalid_request', 'app developer'),
  origin_refused: entry(403, 'access_denied', 'app developer'),
  return_to_refused: entry(400, 'invalid_request', 'app developer'),
  too_many_attempts: entry(429, 'temporarily_unavailable', 'user'),
  // a login
  connection_unknown: entry(404, 'invalid_request', 'app developer'),
  login_unknown: entry(400, 'invalid_request', 'user'),
  login_expired: entry(400, 'invalid_request', 'user'),
  login_used: entry(400, 'invalid_request', 'user'),
  login_other_browser: entry(400, 'invalid_request', 'user'),
  login_connection_mismatch: entry(400, 'invalid_request', 'tenant admin'),
  callback_malformed: entry(400, 'invalid_request', 'tenant admin'),
  callback_invalid: entry(400, 'access_denied', 'tenant admin'),
  sign_in_refused: entry(400, 'server_error', 'tenant admin'),
  user_denied: entry(403, 'access_denied', 'user'),
  credentials_invalid: entry(401, 'access_denied', 'user'),
  user_blocked: entry(403, 'access_denied', 'tenant admin'),
  user_revoked: entry(403, 'access_denied', 'user'),
  method_suspended: entry(403, 'access_denied', 'user'),
  linking_refused: entry(403, 'access_denied', 'tenant admin'),
  sso_required: entry(403, 'access_denied', 'user'),
  user_unknown: entry(403, 'access_denied', 'tenant admin'),
  link_refused: entry(403, 'access_denied', 'user'),
  link_mismatch: entry(403, 'access_denied', 'user'),
  identity_taken: entry(403, 'access_denied', 'user'),
  identity_unknown: entry(404, 'invalid_request', 'user'),
  identity_last: entry(409, 'invalid_request', 'user'),
  deletion_refused: entry(403, 'access_denied', 'tenant admin'),
  user_owns_apps: entry(409, 'invalid_request', 'user'),
  email_not_verifiable: entry(409, 'invalid_request', 'user'),
  // forward-auth
  access_refused: entry(403, 'access_denied', 'tenant admin'),
  cookie_domain_mismatch: entry(500, 'server_error', 'operator'),
  // an upstream
  upstream_unreachable: entry(503, 'temporarily_unavailable', 'tenant admin'),
  upstream_refused: entry(502, 'server_error', 'tenant admin'),
  upstream_invalid: entry(502, 'server_error', 'tenant admin'),
  plugin_failed: entry(500, 'server_error', 'operator'),
  id_token_refused: entry(401, 'invalid_grant', 'app developer'),
  // passwords and one-time links
  password_weak: entry(422, 'invalid_request', 'user'),
  link_invalid: entry(400, 'invalid_request', 'user'),
  code_invalid: entry(401, 'access_denied', 'user'),
  code_expired: entry(400, 'invalid_request', 'user'),
  // second factors
  factor_invalid: entry(401, 'access_denied', 'user'),
  factor_last: entry(409, 'invalid_request', 'user'),
  factor_missing: entry(409, 'invalid_request', 'user'),
  factor_not_allowed: entry(403, 'access_denied', 'user'),
  enrollment_expired: entry(400, 'invalid_request', 'user'),
  // passkeys
  passkey_invalid: entry(401, 'access_denied', 'user'),
  passkeys_unavailable: entry(404, 'invalid_request', 'operator'),
  authenticator_unknown: entry(404, 'invalid_request', 'user'),
  authenticators_full: entry(409, 'invalid_request', 'user'),
  // sessions
  session_invalid: entry(401, 'login_required', 'user'),
  fresh_sign_in_required: entry(403, 'login_required', 'user'),
  cross_site_refused: entry(403, 'access_denied', 'operator'),
  session_unknown: entry(404, 'invalid_request', 'app developer'),
  // second factors at sign-in
  mfa_required: entry(401, 'unmet_authentication_requirements', 'user'),
  mfa_challenge_invalid: entry(400, 'access_denied', 'user'),
  // API tokens
  token_unknown: entry(404, 'invalid_request', 'app developer'),
  token_invalid: entry(422, 'invalid_request', 'app developer'),
  token_rotated: entry(409, 'invalid_request', 'app developer'),
  token_suspended: entry(409, 'invalid_request', 'user'),
  tokens_full: entry(409, 'invalid_request', 'user'),
  // roles and permissions
  permission_refused: entry(403, 'access_denied', 'tenant admin'),
  api_token_refused: entry(403, 'insufficient_scope', 'app developer'),
  // requests of apps to the OpenID provider
  redirect_uri_refused: entry(400, 'invalid_request', 'app developer'),
  app_request_refused: entry(400, 'invalid_request', 'app developer'),
  refresh_reused: entry(400, 'invalid_grant', 'app developer'),
  code_reused: entry(400, 'invalid_grant', 'app developer'),
  code_refused: entry(400, 'invalid_grant', 'app developer'),
  app_not_first_party: entry(403, 'unauthorized_client', 'operator'),
  interaction_expired: entry(400, 'invalid_request', 'user'),
  // apps
  app_unknown: entry(404, 'invalid_request', 'app developer'),
  app_invalid: entry(422, 'invalid_request', 'app developer'),
  app_declared: entry(409, 'invalid_request', 'operator'),
  app_access_refused: entry(403, 'access_denied', 'tenant admin'),
  app_owner_only: entry(403, 'access_denied', 'app developer'),
  app_authentication_failed: entry(401, 'invalid_client', 'app developer'),
  user_not_visible: entry(404, 'invalid_request', 'app developer'),
  secret_unknown: entry(404, 'invalid_request', 'app developer'),
  secret_refused: entry(422, 'invalid_request', 'app developer'),
  // ourselves
  signing_keys_unchanged: entry(409, 'invalid_request', 'operator'),
  server_busy: entry(503, 'temporarily_unavailable', 'operator'),
  store_unavailable: entry(503, 'temporarily_unavailable', 'operator'),
  internal: entry(500, 'server_error', 'operator'),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof errorTable

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code)

/** One comparison made during a login. Never holds a secret, a token or a code. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  readonly expected?: string
  readonly got?: string
}

export function checkOf(name: string, ok: boolean, expected: string, got: string): Check {
  return { name, ok, expected, got }
}

export interface GatehouseErrorOptions {
  readonly cause?: unknown
  /** The check that failed, for the trace. */
  readonly check?: Check
  /** Seconds until trying again makes sense. */
  readonly retryAfterSeconds?: number
  /** Replaces the text of the code, where users need details such as a password's length. */
  readonly text?: string
}

/** Whatever a message quotes, no code that reads it later gets more characters than this. */
const maxMessageLength = 1000

/** `message` is lower case, without a full stop, and names the thing; for logs. */
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
