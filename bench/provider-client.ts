/** The client and the profile that both providers know. */
import { createHash } from 'node:crypto'
import { profile } from './sessions.ts'

const id = 'bench-app'
const redirectUri = 'http://localhost:9/callback'
const scope = 'openid profile email'
const codeVerifier = 'a-code-verifier-of-the-bench-0123456789-abcdefghij'

export const client = {
  id,
  secret: 'a client secret of the bench, long enough',
  redirectUri,
  scope,
  codeVerifier,
  /** Query of every authorization request. */
  authorization: new URLSearchParams({
    client_id: id,
    redirect_uri: redirectUri,
    scope,
    response_type: 'code',
    state: 'of-the-bench',
    nonce: 'of-the-bench',
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
  }),
} as const

/** RFC 6749 2.3.1: both parts are form-encoded. */
export const basicAuthorization = `Basic ${Buffer.from(`${id}:${formEncoded(client.secret)}`).toString('base64')}`

function formEncoded(text: string): string {
  return String(new URLSearchParams({ '': text })).slice(1)
}

/** As claims. */
export const claims = {
  email: profile.email?.address,
  email_verified: profile.email?.verified,
  name: profile.name,
  given_name: profile.givenName,
  family_name: profile.familyName,
  picture: profile.pictureUrl,
  locale: profile.locale,
  zoneinfo: profile.zoneinfo,
}
