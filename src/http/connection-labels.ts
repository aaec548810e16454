/** How pages name a connection and show its logo. */
import type { ConnectionKey, Connections, OpenConnection } from '../broker/connections.ts'
import type { Ports } from '../broker/ports/core-ports.ts'
import type { Brand } from '../provider/provider.ts'
import { passkeyConnection, type Tenant } from '../tenant.ts'

/** Labels of sign-ins without a connection of the tenant. */
const methodLabels: Readonly<Record<string, string>> = { passkey: 'Passkey' }

/**
 * The brand's name, with the connection's id where the tenant has several of that brand. The id of
 * a connection that is gone.
 */
export function connectionLabel(connections: Connections, tenant: string, id: string): string {
  if (id === passkeyConnection) return 'Passkey'
  const configured = connections.findTenant(tenant)
  const all = configured === undefined ? [] : connections.all(configured)
  const found = all.find(({ settings }) => settings.id === id)
  if (found === undefined) return Object.hasOwn(methodLabels, id) ? (methodLabels[id] ?? id) : id
  const { name } = found.provider.brand
  return all.filter(({ provider }) => provider.brand.name === name).length === 1 ? name : `${name} (${id})`
}

/** Name of the upstream in texts to administrators. A protocol, such as SAML, is no provider. */
export const upstreamName = ({ name, isProtocol }: Brand): string => (isProtocol ? 'your identity provider' : name)

/** Configuration that names connections of records. It may have changed since. */
export interface ConfiguredConnections {
  readonly parts: Ports<'connections'>
  readonly tenants: ReadonlyMap<string, Tenant>
}

export const recordedLabel = ({ parts }: Pick<ConfiguredConnections, 'parts'>, place: ConnectionKey): string =>
  connectionLabel(parts.connections, place.tenant, place.connection)

/** Kind of the provider; undefined for a connection that is gone. */
export function recordedKind(
  { tenants }: Pick<ConfiguredConnections, 'tenants'>,
  { tenant, connection }: ConnectionKey,
): string | undefined {
  if (connection === passkeyConnection) return passkeyConnection
  return tenants.get(tenant)?.connections.find(({ id }) => id === connection)?.kind
}

export function logoPathOf({ provider }: OpenConnection): string | undefined {
  return provider.brand.logo === undefined ? undefined : `/static/logos/${provider.kind}.svg`
}
