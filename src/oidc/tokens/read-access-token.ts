/** Access tokens at our own API, under the conditions of the userinfo endpoint (OIDC Core 5.3). */
import { errors, type Provider } from 'oidc-provider'
import { GatehouseError } from '../../errors.ts'
import type { AccessTokenUse } from '../../http/interaction.ts'
import { type IntrospectionPorts, isStillServed } from './introspection.ts'

/**
 * Null for a token that is unknown, expired or revoked, that is for an API (OP-48), or that is
 * bound to a key. So for every JWT, since JWTs are issued for APIs only.
 */
export async function readAccessToken(
  provider: Provider,
  ports: IntrospectionPorts,
  value: string,
): Promise<AccessTokenUse | null> {
  try {
    return await usableToken(provider, ports, value)
  } catch (error) {
    // oidc-provider's form of our own error
    if (error instanceof errors.OIDCProviderError && error.cause instanceof GatehouseError) throw error.cause
    throw error
  }
}

async function usableToken(
  provider: Provider,
  ports: IntrospectionPorts,
  value: string,
): Promise<AccessTokenUse | null> {
  const token = await provider.AccessToken.find(value)
  if (token === undefined || token.aud !== undefined || token.jkt !== undefined) return null
  const { accountId, clientId, grantId, sessionUid } = token
  const grant = await provider.Grant.find(grantId)
  if (grant === undefined || grant.clientId !== clientId || grant.accountId !== accountId) return null
  const user = await ports.users.findById(accountId)
  if (user === null || user.status !== 'active' || !(await isStillServed(ports, token))) return null
  const scopes = grant.getOIDCScopeFiltered(token.scopes).split(' ')
  return { userId: user.id, tenant: user.tenant, scopes, sessionId: sessionUid }
}
