/** The APIs of gatehouse.yaml as resource servers (RFC 8707). */
import { type Client, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Api, type App, mayAskFor, mayCallAsItself, mayServe, servesUsersOf } from '../../app/app.ts'
import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'
import { appOf, settingsFor } from '../storage/clients.ts'
import { type RequestedScopes, refuseUnregisteredScopes } from './requested-values.ts'

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>

export function resourceIndicators(apis: readonly Api[]): ResourceIndicators {
  return {
    enabled: true,
    defaultResource: (ctx, client, granted) => {
      if (granted !== undefined)
        return singleApi(apisOf(apisAvailableTo(ctx, apis), scopesOfRequest(ctx), granted), granted)
      refuseUnregisteredScopes(appOf(client), apis, { ...requestedScopes(ctx), resources: undefined })
      // a scope of an API selects that API
      const selected = apisOf(apisAvailableTo(ctx, apis), scopesOf(ctx))
      if (selected.length === 0) return undefined
      return isClientCredentials(ctx) ? singleApi(selected, selected) : selected
    },
    /** Without a scope of the granted API, the token is for userinfo. */
    useGrantedResource: (ctx, { resource = [] }) =>
      apisOf(apisAvailableTo(ctx, apis), scopesOfRequest(ctx), [resource].flat()).length > 0,
    getResourceServerInfo: (ctx, resource, client) => {
      const app = appOf(client)
      const api = apis.find(({ id }) => id === resource)
      if (api === undefined)
        throw new errors.InvalidTarget(`resource: expected ${listOf(apis)}, got ${shown(resource)}`)
      refuseUnregisteredScopes(app, apis, requestedScopes(ctx))
      assertAllowed(ctx, app, api)
      assertApiScope(app, api, scopesOfRequest(ctx))
      return {
        audience: api.id,
        scope: allowedScopes(app, api).join(' '),
        accessTokenTTL: api.accessTokenSeconds,
        accessTokenFormat: api.accessTokens,
        ...(api.accessTokens === 'jwt' && { jwt: { sign: { alg: accessTokenAlg(client) } } }),
      }
    },
  }
}

const allowedScopes = ({ scopes }: Pick<App, 'scopes'>, api: Api) =>
  Object.keys(api.scopes).filter((scope) => scopes.includes(scope))

/** RS256, which every API can verify; FAPI 2.0 5.4.1 excludes it. */
function accessTokenAlg(client: Client): SigningAlgorithm {
  const { profile, idTokenSignedResponseAlg } = settingsFor(client)
  return profile === 'fapi2' ? idTokenSignedResponseAlg : 'RS256'
}

/** APIs that the app may request; if any match, only those that serve the user's tenant. */
function apisAvailableTo(ctx: KoaContextWithOIDC, apis: readonly Api[]): readonly Api[] {
  if (isClientCredentials(ctx)) return apis
  const app = appOf(ctx.oidc.client)
  const tenant = tenantOf(ctx)
  const allowed = apis.filter((api) => mayAskFor(app, api))
  const serving = tenant === undefined ? allowed : allowed.filter((api) => servesUsersOf(api, tenant))
  return apisOf(serving, scopesOfRequest(ctx)).length > 0 || ctx.oidc.route === 'token' ? serving : allowed
}

/** Throws `invalid_target`. prompts.ts handles a user of another tenant. */
function assertAllowed(ctx: KoaContextWithOIDC, app: App, api: Api): void {
  if (isClientCredentials(ctx)) {
    if (mayCallAsItself(app, api)) return
    throw refused('an API that this app may call in its own name (callableBy, set by an operator)', api)
  }
  if (!mayAskFor(app, api))
    throw refused('an API that lets this app request its scopes (requestableBy, set by an operator)', api)
  const { tenants = 'all' } = api
  if (tenants === 'all') return
  const tenant = tenantOf(ctx)
  const fits = tenant === undefined ? tenants.some((id) => mayServe(app, id)) : tenants.includes(tenant)
  if (!fits) throw refused(`an API that serves users of ${tenant ?? 'a tenant of this app'}`, api)
}

const refused = (expected: string, { id }: Api) => new errors.InvalidTarget(`resource: expected ${expected}, got ${id}`)

/** The user's at the token endpoint, else the requested one, which may not exist. */
function tenantOf({ oidc }: KoaContextWithOIDC): string | undefined {
  const tenant = oidc.route === 'token' ? oidc.account?.['tenant'] : oidc.params?.['tenant']
  return typeof tenant === 'string' ? tenant : undefined
}

/** Throws `invalid_target` without a scope of the API: no consent page would have named it. */
function assertApiScope(app: Pick<App, 'scopes'>, api: Api, requested: readonly string[]): void {
  const allowed = allowedScopes(app, api)
  if (allowed.some((scope) => requested.includes(scope))) return
  const expected =
    allowed.length === 0
      ? 'an API whose scopes this app is registered for'
      : `scope to hold a scope of that API (${allowed.join(' or ')})`
  const got = requested.length === 0 ? 'no scope' : `the scope ${requested.map(shown).join(' ').slice(0, 200)}`
  throw new errors.InvalidTarget(`resource: expected ${expected}, got ${api.id} with ${got}`)
}

/** Ids of the APIs that have one of the scopes. @param among the only ids considered */
function apisOf(apis: readonly Api[], scopes: readonly string[], among?: readonly string[]): string[] {
  return apis
    .filter((api) => scopes.some((scope) => Object.hasOwn(api.scopes, scope)) && among?.includes(api.id) !== false)
    .map(({ id }) => id)
}

/** Throws `invalid_target` for none or several: an access token is for one API. */
function singleApi(selected: readonly string[], possible: readonly string[]): string {
  const [only, ...others] = selected
  if (only !== undefined && others.length === 0) return only
  const choice = (selected.length === 0 ? possible : selected).join(' or ')
  throw new errors.InvalidTarget(
    `resource: expected ${choice}, since an access token is for one API, got none or several`,
  )
}

/** Requested scopes; without any, at the token endpoint, those of the code or refresh token. */
function scopesOfRequest(ctx: KoaContextWithOIDC): readonly string[] {
  const { AuthorizationCode, DeviceCode, RefreshToken } = ctx.oidc.entities
  const requested = scopesOf(ctx)
  const source = AuthorizationCode ?? DeviceCode ?? RefreshToken
  return requested.length > 0 ? requested : (source?.scope?.split(' ') ?? [])
}

const isClientCredentials = ({ oidc }: KoaContextWithOIDC) => oidc.params?.['grant_type'] === 'client_credentials'

function requestedScopes(ctx: KoaContextWithOIDC): RequestedScopes {
  const resources = [ctx.oidc.params?.['resource']].flat().filter((each) => typeof each === 'string')
  return {
    scopes: scopesOf(ctx),
    resources: resources.length === 0 ? undefined : resources,
    isClientCredentials: isClientCredentials(ctx),
  }
}

function scopesOf({ oidc }: KoaContextWithOIDC): readonly string[] {
  const scope = oidc.params?.['scope']
  return typeof scope === 'string' ? scope.split(' ') : []
}

const listOf = (apis: readonly Api[]) =>
  apis.length === 0 ? 'none: no API is declared here' : apis.map(({ id }) => id).join(' or ')

const shown = (resource: string) => resource.replace(/[^\x21-\x7e]/g, '?').slice(0, 200)
