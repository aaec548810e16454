/** Refuses scopes that the app may not request; oidc-provider handles `offline_access`. */
import { errors } from 'oidc-provider'
import { type Api, type App, mayAskFor } from '../../app/app.ts'
import { identityScopeNames } from '../../app/scopes.ts'

export interface RequestedScopes {
  readonly scopes: readonly string[]
  /** Named APIs; undefined if the scopes determine them. */
  readonly resources: readonly string[] | undefined
  readonly isClientCredentials: boolean
}

type RequestingApp = Pick<App, 'id' | 'owner' | 'firstParty' | 'scopes'>

/** Throws `invalid_scope`. */
export function refuseUnregisteredScopes(
  app: RequestingApp,
  apis: readonly Api[],
  { scopes, resources, isClientCredentials }: RequestedScopes,
): void {
  const allowed = app.scopes.filter((scope) =>
    isClientCredentials ? !identityScopeNames.includes(scope) : mayRequest(app, apis, scope),
  )
  const unregistered = scopes.find((scope) => !allowed.includes(scope))
  if (unregistered !== undefined)
    throw refusal(
      allowed,
      unregistered,
      isClientCredentials ? ' (in its own name)' : refusalReason(app, apis, unregistered),
    )
  if (resources === undefined) return
  const ofOtherApi = scopes.find((scope) => isScopeOfOtherApi(scope, apis, resources))
  if (ofOtherApi !== undefined) throw refusal(allowed, ofOtherApi, ', which is of an API that resource does not name')
}

const apisWith = (apis: readonly Api[], scope: string) => apis.filter(({ scopes }) => Object.hasOwn(scopes, scope))

function mayRequest(app: RequestingApp, apis: readonly Api[], scope: string): boolean {
  const having = apisWith(apis, scope)
  return having.length === 0 || having.some((api) => mayAskFor(app, api))
}

function refusalReason(app: RequestingApp, apis: readonly Api[], scope: string): string {
  if (mayRequest(app, apis, scope)) return ''
  const names = apisWith(apis, scope).map(({ id }) => id)
  return `, which ${names.join(' and ')} does not let this app request (requestableBy in gatehouse.yaml)`
}

function isScopeOfOtherApi(scope: string, apis: readonly Api[], resources: readonly string[]): boolean {
  const having = apisWith(apis, scope)
  return having.length > 0 && having.every(({ id }) => !resources.includes(id))
}

function refusal(allowed: readonly string[], got: string, reason: string): errors.InvalidScope {
  const expected = allowed.length === 0 ? 'none: the app is registered for none' : `some of ${allowed.join(' ')}`
  return new errors.InvalidScope(`scope: expected ${expected}, got ${got.slice(0, 200)}${reason}`, got)
}
