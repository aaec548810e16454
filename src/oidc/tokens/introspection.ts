/** Authorization of token introspection (RFC 7662): the token's app and the servers of its API. */
import type { Client } from 'oidc-provider'
import { canKeepSecret, mayAskFor, mayCallAsItself, mayServe, servesUsersOf } from '../../app/app.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../../broker/session/check-session.ts'
import { appOf } from '../storage/clients.ts'
import { asOAuthError } from '../storage/store-errors.ts'

export type IntrospectionPorts = Pick<CorePorts, 'apis' | 'appRegistry' | 'consents' | 'now' | 'publicUrl' | 'users'> &
  Pick<SessionCheckParts, 'tenants'>

/** Of an opaque token or a JWT. */
export interface TokenClaims {
  readonly clientId?: string | undefined
  /** Absent in client credentials tokens. */
  readonly accountId?: string
  readonly aud?: unknown
  readonly extra?: unknown
}

export async function mayIntrospect(ports: IntrospectionPorts, client: Client, token: TokenClaims): Promise<boolean> {
  if (!(await isStillServed(ports, token))) return false
  if (token.clientId === client.clientId) return true
  return canKeepSecret(appOf(client)) && isServedBy(ports.apis, client.clientId, token.aud)
}

/** False once the app or the tenant is gone, or the app lost the tenant or the API. */
async function isStillServed(ports: IntrospectionPorts, token: TokenClaims): Promise<boolean> {
  const { apis, appRegistry, tenants, users } = ports
  const app = token.clientId === undefined ? null : await asOAuthError(appRegistry.find(token.clientId))
  if (app === null) return false
  const api = apis.find(({ id }) => id === token.aud)
  if (token.accountId === undefined) return api === undefined || mayCallAsItself(app, api)
  const { extra } = token
  const claimed = typeof extra === 'object' && extra !== null && 'tenant' in extra ? extra.tenant : undefined
  const tenant = typeof claimed === 'string' ? claimed : (await asOAuthError(users.findById(token.accountId)))?.tenant
  if (tenant === undefined || !tenants.has(tenant) || !mayServe(app, tenant)) return false
  return api === undefined || (mayAskFor(app, api) && servesUsersOf(api, tenant))
}

function isServedBy(apis: CorePorts['apis'], appId: string, audience: unknown): boolean {
  return apis.some((api) => api.id === audience && api.servedBy?.includes(appId) === true)
}
