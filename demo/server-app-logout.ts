/** OpenID Connect Back-Channel Logout 1.0: Gatehouse says, from server to server, that a session is over. */
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { Configuration } from 'openid-client'

/** The `sid` of the session that ended; throws when the token does not prove it. */
export async function endedSession(gatehouse: Configuration, request: IncomingMessage): Promise<unknown> {
  const { jwks_uri = '', issuer } = gatehouse.serverMetadata()
  const token = new URLSearchParams(await text(request)).get('logout_token') ?? ''
  const audience = gatehouse.clientMetadata().client_id
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(jwks_uri)), { issuer, audience })
  if (payload['nonce'] !== undefined || payload['events'] === undefined) throw new Error('that is no logout token')
  return payload['sid']
}
