/** Problem documents (RFC 9457) with which the SDK's guards reject requests to an app's API. */
import { dpopAlgorithms } from '../dpop.ts'

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>
}

/** The refusal as status, headers and body. */
export function responseOf({ status, code, title, detail, headers }: Refusal) {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, code }),
  }
}

const notSignedIn = (detail: string, challenge = 'Bearer error="invalid_token"'): Refusal => ({
  status: 401,
  code: 'session_invalid',
  title: 'You are not signed in',
  detail,
  headers: { 'www-authenticate': challenge },
})

/** RFC 6750 3: no error code without a token. */
export const missingToken = notSignedIn('Sign in, then try again.', 'Bearer')
export const invalidToken = notSignedIn('The token is invalid or has expired. Sign in again.')
/** RFC 9449 7.1. */
export const invalidDpopToken = notSignedIn(
  'The token or its DPoP proof is invalid or has expired.',
  `DPoP error="invalid_token", algs="${dpopAlgorithms.join(' ')}"`,
)
export const sessionTokenRequired: Refusal = {
  ...notSignedIn('This endpoint requires a session or API token (gth_s_…, gth_a_…), not an access token.'),
  title: 'This endpoint needs a session',
}

export const insufficientScope = (scopes: readonly string[]): Refusal => ({
  status: 403,
  code: 'insufficient_scope',
  title: 'This token does not allow the request',
  detail: `This endpoint requires an access token with the scope ${scopes.join(' ')}.`,
  headers: {
    'www-authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ').replace(/["\\]/g, '')}"`,
  },
})

export const twoCredentials: Refusal = {
  status: 400,
  code: 'credentials_conflict',
  title: 'Two different credentials',
  detail: 'This request has an access token and a session.',
  headers: {},
}

export const originRefused: Refusal = {
  status: 403,
  code: 'origin_refused',
  title: 'This request came from another site',
  detail: 'A write with a cookie needs a page of this origin, or of an origin that this API allows (`origins`).',
  headers: {},
}

export const unreachable: Refusal = {
  status: 503,
  code: 'gatehouse_unreachable',
  title: 'We cannot check your sign-in right now',
  detail: 'Please try again in a few seconds.',
  headers: { 'retry-after': '2' },
}
