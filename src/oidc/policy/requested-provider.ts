/** What an app may say of where its people sign in: `tenant`, one it serves, and `provider`, a connection of that tenant's. */
import { errors } from 'oidc-provider'
import { type App, mayServe } from '../../app/app.ts'
import type { Tenant } from '../../tenant.ts'

type Tenants = ReadonlyMap<string, Tenant>

/** Throws where the app hears of it, before anybody is asked anything. */
export function checkChosenTenant(app: App, tenants: Tenants, tenant: string | undefined): void {
  if (tenant === undefined) return
  if (!mayServe(app, tenant))
    throw new errors.UnauthorizedClient(`tenant: expected ${tenantsOf(app.tenants)}, got ${shown(tenant)}`)
  // who all the customers are is told to nobody
  if (!tenants.has(tenant)) throw new errors.InvalidRequest(`tenant: expected the id of one, got ${shown(tenant)}`)
}

/** A connection of the tenant that was named, or of any the app serves. */
export function checkChosenProvider(app: App, tenants: Tenants, tenant: unknown, provider: string | undefined): void {
  if (provider === undefined || provider === '') return
  const [named] = typeof tenant === 'string' ? [tenants.get(tenant)] : []
  const served = named === undefined ? servedTenants(app, tenants) : [named]
  const notFoundAsUndefined = new Set(served.flatMap(({ connections }) => connections.map(({ id }) => id)))
  if (notFoundAsUndefined.has(provider)) return
  const ids =
    app.tenants === 'all' && named === undefined ? 'the id of a connection' : [...notFoundAsUndefined].join(' or ')
  throw new errors.InvalidRequest(`provider: expected ${ids}, got ${shown(provider)}`)
}

export function servedTenants(app: Pick<App, 'tenants'>, tenants: Tenants): readonly Tenant[] {
  return [...tenants.values()].filter(({ id }) => mayServe(app, id))
}

const tenantsOf = (tenants: readonly string[] | 'all') => (tenants === 'all' ? 'any tenant' : tenants.join(' or '))

const shown = (text: string) => text.replace(/[^\x21-\x7e]/g, '?').slice(0, 64)
