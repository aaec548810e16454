/** Whom the introspection endpoint (RFC 7662) tells about a token: its own app, and the server of the API it is for. */
import type { Client } from 'oidc-provider'
import { canKeepSecret, mayAskFor, mayCallAsItself, mayServe, servesUsersOf } from '../../app/app.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../../broker/session/check-session.ts'
import { appOf } from '../storage/clients.ts'
import { asOAuthError } from '../storage/store-errors.ts'

export interface IntrospectionParts {
  readonly parts: CorePorts
  readonly check: Pick<SessionCheckParts, 'tenants'>
}

/** What a token says of itself, be it kept here or signed. */
export interface TokenClaims {
  readonly clientId?: string | undefined
  /** Absent from a token that an app got for itself. */
  readonly accountId?: string
  readonly aud?: unknown
  readonly extra?: unknown
}

export async function mayLookUp(given: IntrospectionParts, client: Client, token: TokenClaims): Promise<boolean> {
  if (!(await isStillServed(given, token))) return false
  if (token.clientId === client.clientId) return true
  return canKeepSecret(appOf(client)) && servesApi(given.parts, client.clientId, token.aud)
}

/** A token of an app that is gone, that lost the tenant or the API, or of a tenant that is gone, says nothing to anybody. */
async function isStillServed({ parts, check }: IntrospectionParts, token: TokenClaims): Promise<boolean> {
  const app = token.clientId === undefined ? null : await asOAuthError(parts.appRegistry.find(token.clientId))
  if (app === null) return false
  const api = parts.apis.find(({ id }) => id === token.aud)
  if (token.accountId === undefined) return api === undefined || mayCallAsItself(app, api)
  const { extra } = token
  const tenantClaim = typeof extra === 'object' && extra !== null && 'tenant' in extra ? extra.tenant : undefined
  const tenant =
    typeof tenantClaim === 'string' ? tenantClaim : (await asOAuthError(parts.users.findById(token.accountId)))?.tenant
  if (tenant === undefined || !check.tenants.has(tenant) || !mayServe(app, tenant)) return false
  return api === undefined || (mayAskFor(app, api) && servesUsersOf(api, tenant))
}

function servesApi({ apis }: CorePorts, appId: string, audience: unknown): boolean {
  return apis.some((api) => api.id === audience && api.servedBy?.includes(appId) === true)
}
