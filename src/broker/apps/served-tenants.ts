import { type App, mayServe } from '../../app/app.ts'
import type { Tenant } from '../../tenant.ts'

export function servedTenants(app: Pick<App, 'tenants'>, tenants: ReadonlyMap<string, Tenant>): readonly Tenant[] {
  return [...tenants.values()].filter(({ id }) => mayServe(app, id))
}
