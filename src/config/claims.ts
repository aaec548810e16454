/** What several files must agree on: a domain belongs to one tenant, and the default tenant exists. */
import type { Tenant } from '../tenant.ts'
import { givenConnections } from './connection.ts'
import type { Deployment } from './deployment.ts'
import { knownWords } from './nearest.ts'
import { isMap, report, type Source } from './source.ts'

export interface ReadTenant {
  readonly source: Source
  readonly tenant: Tenant
}

/** Several connections of one tenant may answer for one domain; connections of two tenants may not. */
export function checkDomains(read: readonly ReadTenant[]): void {
  const owners = new Map<string, { readonly tenant: string; readonly at: string }>()
  for (const { source, tenant } of read)
    for (const { id, domains } of tenant.connections)
      for (const domain of domains) {
        const path = ['connections', id, 'domains', ...indexOf(source, id, domain)]
        const { line, column } = source.placeOf(path)
        const owner = owners.get(domain)
        if (owner === undefined) owners.set(domain, { tenant: tenant.id, at: `${source.file}:${line}:${column}` })
        else if (owner.tenant !== tenant.id)
          report(
            source,
            path,
            `${domain} is claimed by the tenant ${owner.tenant} too, at ${owner.at}: a domain belongs to one tenant`,
          )
      }
}

/** Where in the list, as it was written. */
function indexOf(source: Source, connection: string, domain: string): readonly number[] {
  const given = givenConnections(source).find(([id]) => id === connection)?.[1]
  const list = isMap(given) && Array.isArray(given['domains']) ? given['domains'] : []
  const index = list.findIndex((item) => String(item).toLowerCase() === domain)
  return index < 0 ? [] : [index]
}

export function checkDefaultTenant(source: Source, given: Deployment['defaultTenant'], ids: readonly string[]): void {
  if (given !== undefined && !ids.includes(given))
    report(source, ['defaultTenant'], `there is no tenant ${given}; ${knownWords(given, ids)}`)
}
