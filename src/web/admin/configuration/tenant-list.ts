/** The tenants of a deployment in pages: there may be 10,000. */
import type { Tenant } from '../../../tenant.ts'

export interface ListedTenant {
  readonly id: string
  readonly name: string
  readonly connections: number
  /** Faults and warnings of its file. */
  readonly remarks: number
}

export interface TenantSearch {
  /** Part of the id or the name, in any case. */
  readonly search?: string | undefined
  /** ID after which the page starts. */
  readonly after?: string | undefined
  readonly limit: number
}

export interface TenantPage {
  readonly tenants: readonly ListedTenant[]
  /** `after` of the next page. */
  readonly next: string | undefined
}

/** Pure. @param sorted by id */
export function tenantPage(
  sorted: Iterable<Tenant>,
  { search = '', after = '', limit }: TenantSearch,
  remarkCount: (tenant: string) => number,
): TenantPage {
  const wanted = search.toLowerCase()
  const tenants: ListedTenant[] = []
  for (const { id, name, connections } of sorted) {
    if (id <= after || !(id.includes(wanted) || name.toLowerCase().includes(wanted))) continue
    if (tenants.length === limit) return { tenants, next: tenants.at(-1)?.id }
    tenants.push({ id, name, connections: connections.length, remarks: remarkCount(id) })
  }
  return { tenants, next: undefined }
}
