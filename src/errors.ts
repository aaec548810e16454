/**
 * Every way Gatehouse says no: one class, one table. A code is stable (apps and scripts may switch on it), says who can
 * fix it, and chooses the text a browser sees. `message` and `cause` are for logs and traces, never for a browser.
 */

import { truncate } from './primitives/untrusted-text.ts'

/** Who can do something about a failure. */
export type Fixer = 'person' | 'tenant admin' | 'app developer' | 'operator'

interface ErrorEntry {
  readonly status: number
  /** The OAuth 2.0 / OpenID Connect error an app sees for it (RFC 6749 4.1.2.1, OIDC Core 3.1.2.6). */
  readonly oauth: string
  readonly fixer: Fixer
  /** Heading of the page, and `title` of the problem document (RFC 9457). */
  readonly title: string
  /** What happened and what to do next, in the words of the person in front of the page. */
  readonly text: string
}

const entry = (status: number, oauth: string, fixer: Fixer, title: string, text: string): ErrorEntry => ({
  status,
  oauth,
  fixer,
  title,
  text,
})

export const errorTable = {
  // the request itself
  request_invalid: entry(
    400,
    'invalid_request',
    'app developer',
    'That request cannot be read',
    'Something in the request is missing or not in the form we expect. Go back and try again.',
  ),
  email_invalid: entry(
    400,
    'invalid_request',
    'person',
    'That does not look like an email address',
    'Check it for typing mistakes. It should look like name@example.com, with letters of one alphabet.',
  ),
  request_too_large: entry(
    413,
    'invalid_request',
    'app developer',
    'That is too much at once',
    'What was sent is larger than we accept.',
  ),
  not_found: entry(
    404,
    'invalid_request',
    'person',
    'Nothing lives at this address',
    'The link may be old or mistyped. You can start from the sign-in page.',
  ),
  method_not_allowed: entry(
    405,
    'invalid_request',
    'app developer',
    'Not in this way',
    'This address exists, but not for this method.',
  ),
  origin_refused: entry(
    403,
    'access_denied',
    'app developer',
    'That request came from another site',
    'For your safety we only accept this from our own pages. Open the page again and repeat what you did.',
  ),
  return_refused: entry(
    400,
    'invalid_request',
    'app developer',
    'We do not know where to send you afterwards',
    'The app asked us to send you to an address that is not registered for it. Please tell the people who run that app.',
  ),
  too_many_attempts: entry(
    429,
    'temporarily_unavailable',
    'person',
    'Too many tries',
    'Please wait a little before you try again.',
  ),
  // a login
  connection_unknown: entry(
    404,
    'invalid_request',
    'app developer',
    'This way of signing in does not exist',
    'The organisation or the sign-in button in the link is not known here. Start from the sign-in page.',
  ),
  login_unknown: entry(
    400,
    'invalid_request',
    'person',
    'That sign-in is not known any more',
    'It may have been finished already, or be too old. Start again; it takes a moment.',
  ),
  login_expired: entry(
    400,
    'invalid_request',
    'person',
    'That sign-in took too long',
    'For your safety a sign-in has to be finished within a few minutes. Start again; it takes a moment.',
  ),
  login_used: entry(
    400,
    'invalid_request',
    'person',
    'That sign-in was already finished',
    'You may have gone back or reloaded the page. You can simply go on.',
  ),
  login_foreign: entry(
    400,
    'invalid_request',
    'person',
    'That sign-in was started in another browser',
    'A sign-in has to be finished in the browser that began it, with cookies allowed. Start again here.',
  ),
  login_misdirected: entry(
    400,
    'invalid_request',
    'tenant admin',
    'That answer belongs to another sign-in',
    'The answer came back to the wrong address. Start again; if it happens again, tell your administrator.',
  ),
  callback_malformed: entry(
    400,
    'invalid_request',
    'tenant admin',
    'We could not read the answer',
    'The sign-in provider sent an answer we cannot read. Start again; if it happens again, tell your administrator.',
  ),
  callback_invalid: entry(
    400,
    'access_denied',
    'tenant admin',
    'We cannot trust that answer',
    'What your browser brought from the sign-in provider cannot be trusted, so we stopped. Start again; if it happens again, tell your administrator the reference below.',
  ),
  sign_in_refused: entry(
    400,
    'server_error',
    'tenant admin',
    'The sign-in provider reported an error',
    'It answered with an error instead of signing you in. Try again; if it happens again, tell your administrator the reference below.',
  ),
  user_denied: entry(
    403,
    'access_denied',
    'person',
    'Sign-in was cancelled',
    'You, or your provider, cancelled the sign-in. You can try again or choose another way.',
  ),
  credentials_invalid: entry(
    401,
    'access_denied',
    'person',
    'Email or password is wrong',
    'Check both and try again, or reset your password.',
  ),
  user_blocked: entry(
    403,
    'access_denied',
    'tenant admin',
    'You cannot sign in here',
    'Your access has been switched off. Ask the administrator of your organisation.',
  ),
  user_revoked: entry(
    403,
    'access_denied',
    'person',
    'Sign in with your organization first',
    'Your identity provider ended your access everywhere. Sign in with it again; after that, your other sign-in methods work too.',
  ),
  method_suspended: entry(
    403,
    'access_denied',
    'person',
    'This sign-in method is suspended',
    'It was added before your password was reset. Sign in with your password, then confirm it on your account page.',
  ),
  linking_refused: entry(
    403,
    'access_denied',
    'tenant admin',
    'This sign-in method cannot be added',
    'Your organization does not allow this further sign-in method. Sign in the way you did before.',
  ),
  user_unknown: entry(
    403,
    'access_denied',
    'tenant admin',
    'We do not know you yet',
    'You proved who you are, but this organisation does not let new people in this way. Ask its administrator to add you.',
  ),
  link_refused: entry(
    403,
    'access_denied',
    'person',
    'This email already belongs to someone',
    'Someone already signs in here with this email in another way. Sign in the way you did before.',
  ),
  link_mismatch: entry(
    403,
    'access_denied',
    'person',
    'That is somebody else',
    'You signed in, but not as the person this email belongs to. Nothing was linked. Go back and choose the way you used before.',
  ),
  identity_taken: entry(
    403,
    'access_denied',
    'person',
    'Someone else signs in with that',
    'It leads to another person here, so it cannot be added to you. Nothing was changed.',
  ),
  // a reverse proxy's door
  access_refused: entry(
    403,
    'access_denied',
    'tenant admin',
    'This place is for others',
    'You are signed in, but your account is not among those who may go there. Ask the administrator of your organisation.',
  ),
  door_out_of_reach: entry(
    500,
    'server_error',
    'operator',
    'You cannot be signed in here',
    'Browsers do not send our sign-in cookie to this address. Tell the people who run it the reference below.',
  ),
  // an upstream
  upstream_unreachable: entry(
    503,
    'temporarily_unavailable',
    'tenant admin',
    'The sign-in provider does not answer',
    'We could not reach it. Try again in a minute or choose another way to sign in.',
  ),
  upstream_refused: entry(
    502,
    'server_error',
    'tenant admin',
    'The sign-in provider refused',
    'It would not complete the sign-in. Tell your administrator the reference below.',
  ),
  upstream_invalid: entry(
    502,
    'server_error',
    'tenant admin',
    'The answer did not pass our checks',
    'What the sign-in provider sent cannot be trusted, so we stopped. Tell your administrator the reference below.',
  ),
  id_token_refused: entry(
    401,
    'invalid_grant',
    'app developer',
    'The ID token was not accepted',
    'It is not valid, was not made for this app, is too old, or was used before. Sign in at the provider again.',
  ),
  // passwords and one-time links
  password_weak: entry(
    422,
    'invalid_request',
    'person',
    'Please choose another password',
    'It is too short, too long, or too common.',
  ),
  link_used: entry(
    400,
    'invalid_request',
    'person',
    'That link does not work any more',
    'It was used already, is too old, or was replaced by a newer one. Ask for a new one.',
  ),
  // sessions
  session_invalid: entry(
    401,
    'login_required',
    'person',
    'You are not signed in',
    'Your session has ended. Sign in again.',
  ),
  session_unknown: entry(
    404,
    'invalid_request',
    'app developer',
    'No such session',
    'It has ended already, or it is not yours.',
  ),
  // what apps ask of the OpenID provider
  redirect_uri_refused: entry(
    400,
    'invalid_request',
    'app developer',
    'This app is not set up to bring you back',
    'The app asked us to send you to an address that is not registered for it, so we stopped: nobody was signed in to it. Please tell the people who run the app.',
  ),
  app_request_refused: entry(
    400,
    'invalid_request',
    'app developer',
    'The app asked for something it may not have',
    'Its request was not in order, so we stopped. Please tell the people who run the app.',
  ),
  refresh_reused: entry(
    400,
    'invalid_grant',
    'app developer',
    'The app used something twice that works once',
    'It used what keeps you signed in there although a newer one had replaced it. It may have been stolen, so everything that came from it has ended. Sign in at the app again.',
  ),
  code_reused: entry(
    400,
    'invalid_grant',
    'app developer',
    'A code of the app came twice',
    'It may have been stolen, so everything that came from it has ended. Sign in at the app again.',
  ),
  code_refused: entry(
    400,
    'invalid_grant',
    'app developer',
    'The authorization code was not accepted',
    'The code is unknown, too old, or bound to another app, address or sign-in. Start the sign-in again.',
  ),
  app_not_first_party: entry(
    403,
    'unauthorized_client',
    'operator',
    'Only apps of the organization get sessions',
    'Redeem the code at /oauth2/token instead, or declare the app in gatehouse.yaml with firstParty: true.',
  ),
  interaction_over: entry(
    400,
    'invalid_request',
    'person',
    'That sign-in to the app is over',
    'It was finished already, is too old, or was begun in another browser. Go back to the app and start again.',
  ),
  // apps
  app_unknown: entry(404, 'invalid_request', 'app developer', 'No such app', 'It was removed, or it is not yours.'),
  app_invalid: entry(
    422,
    'invalid_request',
    'app developer',
    'Something about the app has to be corrected',
    'Some of what was given cannot be used.',
  ),
  developer_refused: entry(
    403,
    'access_denied',
    'tenant admin',
    'You cannot register apps here',
    'Your organisation lets only some people register apps. Ask its administrator.',
  ),
  caller_refused: entry(
    401,
    'invalid_client',
    'app developer',
    'The app could not prove itself',
    'The secret or the signature by which the app proves itself was not accepted.',
  ),
  user_unseen: entry(
    404,
    'invalid_request',
    'app developer',
    'No such user for this app',
    'There is none of this id who agreed to share something with this app.',
  ),
  // ourselves
  busy: entry(503, 'temporarily_unavailable', 'operator', 'We are very busy', 'Please try again in a few seconds.'),
  store_unavailable: entry(
    503,
    'temporarily_unavailable',
    'operator',
    'We cannot reach our own storage',
    'Nothing is lost. Please try again in a few seconds.',
  ),
  internal: entry(
    500,
    'server_error',
    'operator',
    'Something went wrong on our side',
    'It is our fault, not yours. Please try again; if it happens again, tell us the reference below.',
  ),
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
