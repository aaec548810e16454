/** The APIs of gatehouse.yaml as resource servers (RFC 8707): whom an access token is for, and what may be done with it there. */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Api, type App, mayCallAsItself } from '../app.ts'
import { appOf } from './clients.ts'

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>

export function resourceIndicators(apis: readonly Api[]): ResourceIndicators {
  return {
    enabled: true,
    /** An app that asks for an API's scope means that API, even where it does not say so. */
    defaultResource: (ctx, client, oneOf) => {
      if (oneOf !== undefined) return oneOf
      const wanted = scopesOf(ctx)
      return apis.find(({ scopes }) =>
        wanted.some((scope) => Object.hasOwn(scopes, scope) && appOf(client).scopes.includes(scope)),
      )?.id
    },
    useGrantedResource: () => false,
    getResourceServerInfo: (ctx, resource, client) => {
      const app = appOf(client)
      const api = apis.find(({ id }) => id === resource)
      if (api === undefined)
        throw new errors.InvalidTarget(`resource: expected ${listOf(apis)}, got ${shown(resource)}`)
      refuseForeignScopes(app, api, scopesOf(ctx))
      if (isForItself(ctx) && !mayCallAsItself(app, api))
        throw new errors.InvalidTarget(
          `resource: expected an API that lets this app call it in its own name (callableBy, said by an operator), got ${api.id}`,
        )
      return {
        audience: api.id,
        scope: Object.keys(api.scopes)
          .filter((scope) => app.scopes.includes(scope))
          .join(' '),
        accessTokenTTL: api.accessTokenSeconds,
        accessTokenFormat: api.accessTokens,
        ...(api.accessTokens === 'jwt' && { jwt: { sign: { alg: 'RS256' as const } } }),
      }
    },
  }
}

/** Nobody is asked: what the app may do there, an operator has said. */
const isForItself = ({ oidc }: KoaContextWithOIDC) => oidc.params?.['grant_type'] === 'client_credentials'

function scopesOf({ oidc }: KoaContextWithOIDC): readonly string[] {
  const scope = oidc.params?.['scope']
  return typeof scope === 'string' ? scope.split(' ') : []
}

function refuseForeignScopes(app: App, api: Api, wanted: readonly string[]): void {
  const foreign = wanted.find((scope) => Object.hasOwn(api.scopes, scope) && !app.scopes.includes(scope))
  if (foreign !== undefined)
    throw new errors.InvalidScope(`scope: expected some of ${app.scopes.join(' ')}, got ${foreign}`, foreign)
}

const listOf = (apis: readonly Api[]) =>
  apis.length === 0 ? 'none: no API is declared here' : apis.map(({ id }) => id).join(' or ')

const shown = (resource: string) => resource.replace(/[^\x21-\x7e]/g, '?').slice(0, 200)
