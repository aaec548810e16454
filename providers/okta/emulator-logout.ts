/** Logout of the emulated Okta: its end_session_endpoint, and logout messages to apps. */
import { randomUUID, verify } from 'node:crypto'
import { type Claims, type Faults, idTokenOf } from '../oidc/emulator/faults.ts'
import { claimsOf, type SigningKey } from '../oidc/emulator/keys.ts'
import type { OktaClient } from './emulator-client.ts'

export interface LogoutContext {
  readonly issuer: string
  /** The org, which signs revocations. */
  readonly url: string
  readonly clients: readonly OktaClient[]
  readonly faults: Faults
  readonly key: () => SigningKey
  readonly untrustedKey: SigningKey
}

export interface LogoutMessages {
  /** A Back-Channel Logout token for this app; `changes` replace its claims. */
  logoutToken(clientId: string, changes?: Claims): string
  /** The JWT of a Universal Logout request; `changes` replace its claims. */
  revocationToken(clientId: string, endpoint: string, changes?: Claims): string
  /** Sends both kinds to every app with a URL for them; returns the statuses. */
  signOut(subject: string, sid?: string): Promise<readonly number[]>
}

const now = () => Math.floor(Date.now() / 1000)

export function logoutMessages({ issuer, url, clients, faults, key, untrustedKey }: LogoutContext): LogoutMessages {
  function logoutToken(clientId: string, changes: Claims = {}): string {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    const claims = { iss: issuer, aud: clientId, iat: now(), exp: now() + 120, jti: randomUUID(), events, ...changes }
    return idTokenOf(claims, key(), untrustedKey, faults, { typ: 'logout+jwt' })
  }

  function revocationToken(clientId: string, endpoint: string, changes: Claims = {}): string {
    const times = { iat: now(), nbf: now() - 300, exp: now() + 300 }
    const claims = { iss: url, sub: clientId, aud: endpoint, jti: randomUUID(), ...times, ...changes }
    return idTokenOf(claims, key(), untrustedKey, faults, { typ: 'global-token-revocation+jwt' })
  }

  async function signOut(subject: string, sid?: string): Promise<readonly number[]> {
    const answers = clients.flatMap(({ clientId, backchannelLogoutUri, globalTokenRevocationUri }) => [
      ...(backchannelLogoutUri === undefined
        ? []
        : [
            fetch(backchannelLogoutUri, {
              method: 'POST',
              body: new URLSearchParams({ logout_token: logoutToken(clientId, { sub: subject, sid }) }),
            }),
          ]),
      ...(globalTokenRevocationUri === undefined || sid !== undefined
        ? []
        : [
            fetch(globalTokenRevocationUri, {
              method: 'POST',
              headers: {
                authorization: `Bearer ${revocationToken(clientId, globalTokenRevocationUri)}`,
                'content-type': 'application/json',
              },
              body: JSON.stringify({ sub_id: { format: 'iss_sub', iss: issuer, sub: subject } }),
            }),
          ]),
    ])
    return (await Promise.all(answers)).map(({ status }) => status)
  }

  return { logoutToken, revocationToken, signOut }
}

/** The org's metadata beside a custom authorization server's: the org signs revocations. */
export function orgMetadata(url: string): Claims {
  return {
    issuer: url,
    authorization_endpoint: `${url}/oauth2/v1/authorize`,
    token_endpoint: `${url}/oauth2/v1/token`,
    jwks_uri: `${url}/oauth2/v1/keys`,
    id_token_signing_alg_values_supported: ['RS256'],
  }
}

/** The redirect after logout; undefined unless the hint is valid and the URL registered. */
export function signedOutAddress(requestUrl: URL, clients: readonly OktaClient[], key: SigningKey): string | undefined {
  const hint = requestUrl.searchParams.get('id_token_hint') ?? ''
  const returnTo = requestUrl.searchParams.get('post_logout_redirect_uri') ?? ''
  const [header = '', payload = '', signature = ''] = hint.split('.')
  const content = Buffer.from(`${header}.${payload}`)
  if (!verify('sha256', content, key.publicKey, Buffer.from(signature, 'base64url'))) return undefined
  const client = clients.find(({ clientId }) => clientId === claimsOf(hint)['aud'])
  if (!client?.postLogoutRedirectUris?.includes(returnTo)) return undefined
  const url = new URL(returnTo)
  const state = requestUrl.searchParams.get('state')
  if (state !== null) url.searchParams.set('state', state)
  return url.href
}
