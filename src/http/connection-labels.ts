/** How pages name a connection and show its logo. */
import type { Connections, OpenConnection } from '../broker/connections.ts'

/** The brand's name, with the connection's id where the tenant has several of that brand. */
export function connectionLabel(connections: Connections, tenant: string, id: string): string {
  const all = connections.all(connections.tenant(tenant))
  const found = all.find(({ settings }) => settings.id === id)
  if (found === undefined) return id
  const { name } = found.provider.brand
  return all.filter(({ provider }) => provider.brand.name === name).length === 1 ? name : `${name} (${id})`
}

export function logoPathOf({ provider }: OpenConnection): string | undefined {
  return provider.brand.logo === undefined ? undefined : `/static/logos/${provider.kind}.svg`
}
