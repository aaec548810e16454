/** Logout in both directions, at the upstream and by its messages. */
import type { Memo, Recorder } from './login.ts'

export interface LogoutSupport {
  /**
   * URL that ends the upstream's session too; undefined if there is nothing to end.
   * @param memo the memo of the login
   * @param returnTo our URL to which the upstream redirects
   */
  start?(memo: Memo, returnTo: URL): Promise<URL | undefined>
  /**
   * Validates a logout message; undefined if it ends no session. The broker refuses replays.
   * Throws `upstream_invalid` or, for SAML, `callback_invalid` with the failed check,
   * `request_invalid` for an unreadable message, `not_found` for an endpoint that this kind does
   * not have.
   */
  receive?(message: LogoutMessage): Promise<LogoutInstruction | undefined>
  /** How messages name sessions. The broker indexes sessions by these. */
  readonly identifiers?: readonly LogoutIdentifier[]
}

export type LogoutIdentifier = 'sid' | 'subject' | 'email'

/** An unverified logout message as one of the connection's endpoints received it. */
export interface LogoutMessage {
  /**
   * Last path segment: OIDC Back-Channel Logout 1.0, Okta's Universal Logout, other
   * server-to-server notifications (Apple), or SAML single logout through the browser.
   */
  readonly endpoint: 'backchannel-logout' | 'global-token-revocation' | 'notifications' | 'logout'
  /** The full URL that the upstream calls. */
  readonly url: URL
  /** The query of a GET, the form of a POST. */
  readonly parameters: URLSearchParams
  /** The raw query of a GET without `?`: SAML signs these bytes. */
  readonly query?: string
  /** A parsed JSON body, if there is one. */
  readonly body: unknown
  /** The token of an `Authorization: Bearer` header. */
  readonly bearer: string | undefined
  readonly record: Recorder
}

/** The sessions to end: those of `sid` if it is given, otherwise all of the user. */
export interface LogoutInstruction {
  /** Issuer as in `Identity`. */
  readonly issuer: string
  readonly sid?: string
  readonly subject?: string
  /** Canonical. */
  readonly email?: string
  /** End the sessions of all connections. Default: those of this upstream. */
  readonly everywhere?: boolean
  /** URL to which the browser is redirected with our response (endpoint `logout`). */
  readonly answer?: URL
  readonly message: LogoutMessageId
}

/** Identifies a message within its connection. The broker applies each once. */
export interface LogoutMessageId {
  /** Identifier of at most 255 characters. */
  readonly id: string
  /** How long a replay would still pass the provider's checks. */
  readonly seconds: number
}
