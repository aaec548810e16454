/** Logout messages of the emulated Okta to apps. */
import { randomUUID } from 'node:crypto'
import type { Claims } from '../emulator/pages.ts'
import type { EmulatedClient } from '../oidc/emulator/brand.ts'
import type { TokenSigner } from '../oidc/emulator/signer.ts'

export interface OktaClient extends EmulatedClient {
  /** Target of the dashboard tile: Gatehouse's `…/initiate`. */
  readonly initiateLoginUri?: string
  /** Receives logout tokens. Okta itself sends none; other issuers do. */
  readonly backchannelLogoutUri?: string
  /** Receives Universal Logout: Gatehouse's `…/global-token-revocation`. */
  readonly globalTokenRevocationUri?: string
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

/** @param url of the org, which signs revocations */
export function logoutMessages(
  { issuer, url }: { readonly issuer: string; readonly url: string },
  clients: readonly OktaClient[],
  { sign }: Pick<TokenSigner, 'sign'>,
): LogoutMessages {
  function logoutToken(clientId: string, changes: Claims = {}): string {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    const claims = { iss: issuer, aud: clientId, iat: now(), exp: now() + 120, jti: randomUUID(), events, ...changes }
    return sign(claims, { typ: 'logout+jwt' })
  }

  function revocationToken(clientId: string, endpoint: string, changes: Claims = {}): string {
    const times = { iat: now(), nbf: now() - 300, exp: now() + 300 }
    const claims = { iss: url, sub: clientId, aud: endpoint, jti: randomUUID(), ...times, ...changes }
    return sign(claims, { typ: 'global-token-revocation+jwt' })
  }

  function logOut(address: string, clientId: string, user: Claims): Promise<Response> {
    const body = new URLSearchParams({ logout_token: logoutToken(clientId, user) })
    return fetch(address, { method: 'POST', body })
  }

  function revoke(address: string, clientId: string, subject: string): Promise<Response> {
    const authorization = `Bearer ${revocationToken(clientId, address)}`
    const headers = { authorization, 'content-type': 'application/json' }
    const body = JSON.stringify({ sub_id: { format: 'iss_sub', iss: issuer, sub: subject } })
    return fetch(address, { method: 'POST', headers, body })
  }

  async function signOut(subject: string, sid?: string): Promise<readonly number[]> {
    const answers = clients.flatMap(({ clientId, backchannelLogoutUri: logout, globalTokenRevocationUri: all }) => [
      ...(logout === undefined ? [] : [logOut(logout, clientId, { sub: subject, sid })]),
      ...(all === undefined || sid !== undefined ? [] : [revoke(all, clientId, subject)]),
    ])
    return (await Promise.all(answers)).map(({ status }) => status)
  }

  return { logoutToken, revocationToken, signOut }
}
