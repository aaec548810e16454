/** The APIs of gatehouse.yaml as resource servers (RFC 8707): whom an access token is for, and what may be done with it there. */
import { type Client, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Api, type App, mayAskFor, mayCallAsItself, mayServe, servesUsersOf } from '../../app/app.ts'
import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'
import { appOf, settingsFor } from '../storage/clients.ts'
import { type RequestedScopes, refuseUnregisteredScopes } from './unregistered-scopes.ts'

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>

export function resourceIndicators(apis: readonly Api[]): ResourceIndicators {
  return {
    enabled: true,
    defaultResource: (ctx, client, granted) => {
      if (granted !== undefined)
        return singleApi(apisOf(apisAvailableTo(ctx, apis), scopesOfRequest(ctx), granted), granted)
      refuseUnregisteredScopes(appOf(client), apis, { ...requestedScopes(ctx), resources: undefined })
      // an app that asks for an API's scope means that API, even where it does not say so
      const meant = apisOf(apisAvailableTo(ctx, apis), scopesOf(ctx))
      if (meant.length === 0) return undefined
      return isClientCredentials(ctx) ? singleApi(meant, meant) : meant
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
        scope: Object.keys(api.scopes)
          .filter((scope) => app.scopes.includes(scope))
          .join(' '),
        accessTokenTTL: api.accessTokenSeconds,
        accessTokenFormat: api.accessTokens,
        ...(api.accessTokens === 'jwt' && { jwt: { sign: { alg: accessTokenAlg(client) } } }),
      }
    },
  }
}

/** RS256, which every API can verify; FAPI 2.0 5.4.1 excludes it. */
function accessTokenAlg(client: Client): SigningAlgorithm {
  const { profile, idTokenSignedResponseAlg } = settingsFor(client)
  return profile === 'fapi2' ? idTokenSignedResponseAlg : 'RS256'
}

/** APIs that the app may request, for the user's tenant where some serve it; where none does, assertAllowed says so. */
function apisAvailableTo(ctx: KoaContextWithOIDC, apis: readonly Api[]): readonly Api[] {
  if (isClientCredentials(ctx)) return apis
  const app = appOf(ctx.oidc.client)
  const tenant = tenantOf(ctx)
  const open = apis.filter((api) => mayAskFor(app, api))
  const serving = tenant === undefined ? open : open.filter((api) => servesUsersOf(api, tenant))
  return apisOf(serving, scopesOfRequest(ctx)).length > 0 || ctx.oidc.route === 'token' ? serving : open
}

/** Throws `invalid_target`. A user of another tenant who is still to sign in is asked to use one that fits (prompts.ts). */
function assertAllowed(ctx: KoaContextWithOIDC, app: App, api: Api): void {
  if (isClientCredentials(ctx)) {
    if (mayCallAsItself(app, api)) return
    throw refused('an API that lets this app call it in its own name (callableBy, said by an operator)', api)
  }
  if (!mayAskFor(app, api))
    throw refused('an API that lets this app request its scopes (askableBy, set by an operator)', api)
  const { tenants = 'all' } = api
  if (tenants === 'all') return
  const tenant = tenantOf(ctx)
  const fits = tenant === undefined ? tenants.some((id) => mayServe(app, id)) : tenants.includes(tenant)
  if (!fits) throw refused(`an API that serves users of ${tenant ?? 'a tenant of this app'}`, api)
}

const refused = (expected: string, { id }: Api) => new errors.InvalidTarget(`resource: expected ${expected}, got ${id}`)

/** The user's at the token endpoint; in a request the one that it names, whose existence is checked elsewhere. */
function tenantOf({ oidc }: KoaContextWithOIDC): string | undefined {
  const tenant = oidc.route === 'token' ? oidc.account?.['tenant'] : oidc.params?.['tenant']
  return typeof tenant === 'string' ? tenant : undefined
}

/**
 * A token for an API holds one of its scopes: with an audience alone, an API that checks no scope would accept it, and no consent page
 * would name the API. Throws `invalid_target`.
 */
function assertApiScope({ scopes }: Pick<App, 'scopes'>, api: Api, asked: readonly string[]): void {
  const possible = Object.keys(api.scopes).filter((scope) => scopes.includes(scope))
  if (possible.some((scope) => asked.includes(scope))) return
  const expected =
    possible.length === 0
      ? 'an API whose scopes this app is registered for'
      : `scope to hold a scope of that API (${possible.join(' or ')})`
  throw new errors.InvalidTarget(`resource: expected ${expected}, got ${api.id} with ${shownScopes(asked)}`)
}

const shownScopes = (asked: readonly string[]) =>
  asked.length === 0 ? 'no scope' : `the scope ${asked.map(shown).join(' ').slice(0, 200)}`

/** Ids of those that have one of the scopes. @param among where only these come into question */
function apisOf(apis: readonly Api[], scopes: readonly string[], among?: readonly string[]): string[] {
  return apis
    .filter((api) => scopes.some((scope) => Object.hasOwn(api.scopes, scope)) && among?.includes(api.id) !== false)
    .map(({ id }) => id)
}

/** An access token is for one API: which of several, the app has to say. */
function singleApi(meant: readonly string[], possible: readonly string[]): string {
  const [only, ...others] = meant
  if (only !== undefined && others.length === 0) return only
  const choice = (meant.length === 0 ? possible : meant).join(' or ')
  throw new errors.InvalidTarget(
    `resource: expected ${choice}, since an access token is for one API, got none or several`,
  )
}

/** The scopes of the request; at the token endpoint, where it names none, those of the code or refresh token. */
function scopesOfRequest(ctx: KoaContextWithOIDC): readonly string[] {
  const { AuthorizationCode, DeviceCode, RefreshToken } = ctx.oidc.entities
  const wanted = scopesOf(ctx)
  const source = AuthorizationCode ?? DeviceCode ?? RefreshToken
  return wanted.length > 0 ? wanted : (source?.scope?.split(' ') ?? [])
}

/** Nobody is asked: what the app may do there, an operator has said. */
const isClientCredentials = ({ oidc }: KoaContextWithOIDC) => oidc.params?.['grant_type'] === 'client_credentials'

function requestedScopes(ctx: KoaContextWithOIDC): RequestedScopes {
  const named = ctx.oidc.params?.['resource']
  const resources = [named].flat().filter((each) => typeof each === 'string')
  return {
    scopes: scopesOf(ctx),
    resources: resources.length === 0 ? undefined : resources,
    forItself: isClientCredentials(ctx),
  }
}

function scopesOf({ oidc }: KoaContextWithOIDC): readonly string[] {
  const scope = oidc.params?.['scope']
  return typeof scope === 'string' ? scope.split(' ') : []
}

const listOf = (apis: readonly Api[]) =>
  apis.length === 0 ? 'none: no API is declared here' : apis.map(({ id }) => id).join(' or ')

const shown = (resource: string) => resource.replace(/[^\x21-\x7e]/g, '?').slice(0, 200)
