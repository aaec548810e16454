/**
 * Token introspection (RFC 7662) for a token's app and the servers of its API. JWTs, which
 * oidc-provider refuses, are active while signature, app, consent and user allow them.
 */
import { type JWTPayload, jwtVerify } from 'jose'
import { type Client, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import { type App, canKeepSecret, mayAskFor, mayCallAsItself, mayServe, servesUsersOf } from '../../app/app.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionCheckPorts } from '../../broker/session/check-session.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { appOf } from '../storage/clients.ts'
import { agreedScopes } from '../storage/grants.ts'
import { asOAuthError } from '../storage/store-errors.ts'
import type { LocalSigningKey } from './local-signing-key.ts'

export type IntrospectionPorts = Pick<CorePorts, 'apis' | 'appRegistry' | 'consents' | 'now' | 'publicUrl' | 'users'> &
  Pick<SessionCheckPorts, 'tenants'>

/** Claims of an opaque token or a JWT. */
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
export async function isStillServed(ports: IntrospectionPorts, token: TokenClaims): Promise<boolean> {
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
  return apis.some((api) => api.id === audience && api.resourceServerApps?.includes(appId) === true)
}

export function introspectJwts(provider: Provider, ports: IntrospectionPorts, keys: readonly LocalSigningKey[]): void {
  const refused = new HiddenProperty<object, KoaContextWithOIDC>()
  provider.on('introspection.error', (ctx, failure) => {
    if (failure instanceof errors.UnsupportedTokenType) refused.set(ctx, ctx)
  })
  provider.use(async (ctx, next) => {
    await next()
    const jwtRequest = refused.get(ctx)
    if (jwtRequest === undefined) return
    const claims = await activeClaims(ports, keys, jwtRequest)
    ctx.status = 200
    ctx.type = 'json'
    ctx.body = claims ?? { active: false }
  })
}

type Claims = Readonly<Record<string, unknown>>

/** Null for a token that is not active. */
async function activeClaims(
  ports: IntrospectionPorts,
  keys: readonly LocalSigningKey[],
  { oidc: { client, params } }: KoaContextWithOIDC,
): Promise<Claims | null> {
  const token = params?.['token']
  const payload = typeof token === 'string' ? await verifiedPayload(ports, keys, token) : null
  if (payload === null || client === undefined) return null
  const { client_id: clientId, sub, aud, tenant, scope, cnf } = payload
  if (typeof clientId !== 'string' || sub === undefined) return null
  const isOfUser = sub !== clientId
  const claims = { clientId, aud, ...(isOfUser && { accountId: sub, extra: { tenant } }) }
  if (!(await mayIntrospect(ports, client, claims))) return null
  const app = await asOAuthError(ports.appRegistry.find(clientId))
  if (app === null) return null
  const allowed = isOfUser ? await currentScopesOf(ports, app, String(tenant), sub) : app.scopes
  if (allowed === null) return null
  const scopes = typeof scope === 'string' ? scope.split(' ').filter((each) => allowed.includes(each)) : []
  if (typeof scope === 'string' && scopes.length === 0) return null
  return {
    ...payload,
    active: true,
    scope: scopes.length === 0 ? undefined : scopes.join(' '),
    token_type: cnf === undefined ? 'Bearer' : 'DPoP',
  }
}

/** Null for anything but an unexpired access token of ours. */
async function verifiedPayload(
  { now, publicUrl }: IntrospectionPorts,
  keys: readonly LocalSigningKey[],
  token: string,
): Promise<JWTPayload | null> {
  const keyOf = ({ kid, alg }: { readonly kid?: string; readonly alg?: string }) => {
    const key = keys.find((each) => each.kid === kid && each.alg === alg)
    if (key === undefined) throw new Error('none of our keys')
    return key.keyObject()
  }
  try {
    const { payload } = await jwtVerify(token, keyOf, {
      issuer: publicUrl.origin,
      typ: 'at+jwt',
      algorithms: keys.map(({ alg }) => alg),
      requiredClaims: ['aud', 'exp', 'sub', 'client_id'],
      currentDate: now(),
    })
    return payload
  } catch {
    return null
  }
}

/** Null for a user who is deleted or blocked. */
async function currentScopesOf(
  { consents, users }: IntrospectionPorts,
  app: App,
  tenant: string,
  userId: string,
): Promise<readonly string[] | null> {
  const [user, consent] = await asOAuthError(
    Promise.all([users.find(tenant, userId), consents.find(tenant, userId, app.id)]),
  )
  return user?.status === 'active' ? agreedScopes(app, consent) : null
}
