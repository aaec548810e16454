/** `tenant` and `provider` of an authorization request: where the user is to sign in. */
import { errors } from 'oidc-provider'
import { type App, mayServe, servedTenants } from '../../app/app.ts'
import type { Tenant } from '../../tenant.ts'

type Tenants = ReadonlyMap<string, Tenant>

/** Throws an error for the app before any page is shown. */
export function checkRequestedTenant(app: App, tenants: Tenants, tenant: string | undefined): void {
  if (tenant === undefined) return
  if (!mayServe(app, tenant))
    throw new errors.UnauthorizedClient(`tenant: expected ${tenantsOf(app.tenants)}, got ${shown(tenant)}`)
  // the error does not list the tenants: they are customers
  if (!tenants.has(tenant)) throw new errors.InvalidRequest(`tenant: expected the id of one, got ${shown(tenant)}`)
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
  const expected = app.tenants === 'all' && requested === undefined ? 'the id of a connection' : [...ids].join(' or ')
  throw new errors.InvalidRequest(`provider: expected ${expected}, got ${shown(provider)}`)
}

const tenantsOf = (tenants: readonly string[] | 'all') => (tenants === 'all' ? 'any tenant' : tenants.join(' or '))

const shown = (text: string) => text.replace(/[^\x21-\x7e]/g, '?').slice(0, 64)
