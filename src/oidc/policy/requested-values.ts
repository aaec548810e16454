/** Values that a request may name: tenant and provider of the sign-in, and scopes. */
import { errors } from 'oidc-provider'
import { type Api, type App, mayAskFor, mayServe, servedTenants } from '../../app/app.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import type { Tenant } from '../../tenant.ts'

type Tenants = ReadonlyMap<string, Tenant>

/** Throws an error for the app before any page is shown. */
export function checkRequestedTenant(app: App, tenants: Tenants, tenant: string | undefined): void {
  if (tenant === undefined) return
  if (!mayServe(app, tenant))
    throw new errors.UnauthorizedClient(`tenant: expected ${tenantsOf(app.tenants)}, got ${shown(tenant)}`)
  // the error does not list the tenants: they are customers
  if (!tenants.has(tenant)) throw new errors.InvalidRequest(`tenant: expected the ID of one, got ${shown(tenant)}`)
}

/** `provider` is a connection of the requested tenant, or of any tenant that the app serves. */
export function checkRequestedProvider(
  app: App,
  tenants: Tenants,
  tenant: unknown,
  provider: string | undefined,
): void {
  if (provider === undefined || provider === '') return
  const requested = typeof tenant === 'string' ? tenants.get(tenant) : undefined
  const served = requested === undefined ? servedTenants(app, tenants) : [requested]
  const ids = new Set(served.flatMap(({ connections }) => connections.map(({ id }) => id)))
  if (ids.has(provider)) return
  const expected = app.tenants === 'all' && requested === undefined ? 'the ID of a connection' : [...ids].join(' or ')
  throw new errors.InvalidRequest(`provider: expected ${expected}, got ${shown(provider)}`)
}

const tenantsOf = (tenants: readonly string[] | 'all') => (tenants === 'all' ? 'any tenant' : tenants.join(' or '))

const shown = (text: string) => text.replace(/[^\x21-\x7e]/g, '?').slice(0, 64)

export interface RequestedScopes {
  readonly scopes: readonly string[]
  /** Named APIs; undefined if the scopes determine them. */
  readonly resources: readonly string[] | undefined
  readonly isClientCredentials: boolean
}

type RequestingApp = Pick<App, 'id' | 'owner' | 'firstParty' | 'scopes'>

/** Throws `invalid_scope`; oidc-provider handles `offline_access`. */
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
