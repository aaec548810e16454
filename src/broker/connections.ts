import { GatehouseError } from '../errors.ts'
import type { Connection, ConnectionContext, Provider } from '../provider/provider.ts'
import type { ConnectionSettings, Tenant } from '../tenant.ts'

export interface ConnectionKey {
  readonly tenant: string
  readonly connection: string
}

/** Names a connection among those of all tenants: ids contain no slash. */
export const placeOf = ({ tenant, connection }: ConnectionKey): string => `${tenant}/${connection}`

export interface OpenConnection {
  readonly tenant: Tenant
  readonly settings: ConnectionSettings
  readonly provider: Provider
  readonly upstream: Connection
}

export type Connections = ReturnType<typeof connectionsOf>

/** Opens each connection at its first use (without I/O) and keeps it. */
export function connectionsOf(
  tenants: ReadonlyMap<string, Tenant>,
  providers: readonly Provider[],
  contextOf: (tenant: Tenant, settings: ConnectionSettings) => ConnectionContext,
) {
  const byKind = new Map(providers.map((provider) => [provider.kind, provider]))
  /** By tenant and connection id: connections are never shared between tenants. */
  const opened = new Map<string, OpenConnection>()

  function open(tenant: Tenant, settings: ConnectionSettings): OpenConnection {
    const place = `${tenant.id}/${settings.id}`
    const before = opened.get(place)
    if (before !== undefined) return before
    const provider = providerOf(settings.kind)
    const upstream = provider.open(settings.config, contextOf(tenant, settings))
    const connection = { tenant, settings, provider, upstream }
    opened.set(place, connection)
    return connection
  }

  function providerOf(kind: string): Provider {
    const provider = byKind.get(kind)
    if (provider === undefined) throw new GatehouseError('internal', `no provider of kind ${kind}`)
    return provider
  }

  const findTenant = (id: string): Tenant | undefined => tenants.get(id)

  function tenantOf(id: string): Tenant {
    const tenant = findTenant(id)
    if (tenant === undefined) throw unknown(`no tenant ${JSON.stringify(id.slice(0, 64))}`)
    return tenant
  }

  const all = (tenant: Tenant): readonly OpenConnection[] => tenant.connections.map((each) => open(tenant, each))
  return {
    all,
    providerOf,
    tenants: (): readonly Tenant[] => [...tenants.values()],
    /** Undefined for one that was removed from the configuration; its records are still stored. */
    findTenant,
    /** Throws `connection_unknown`. */
    tenant: tenantOf,
    /** Throws `connection_unknown`. */
    get(tenantId: string, connectionId: string): OpenConnection {
      const tenant = tenantOf(tenantId)
      const settings = tenant.connections.find(({ id }) => id === connectionId)
      if (settings === undefined)
        throw unknown(`no connection ${JSON.stringify(connectionId.slice(0, 64))} in tenant ${tenant.id}`)
      return open(tenant, settings)
    },
    passwordConnection: (tenant: Tenant) =>
      all(tenant).find(({ upstream }) => upstream.passwords !== undefined) ?? null,
    emailConnection: (tenant: Tenant) => all(tenant).find(({ upstream }) => upstream.mailbox !== undefined) ?? null,
  }
}

/**
 * Whether users prove their mailbox to Gatehouse itself: it asks for a password or emails a code.
 */
export const provesMailbox = ({ upstream }: Pick<OpenConnection, 'upstream'>): boolean =>
  upstream.passwords !== undefined || upstream.mailbox !== undefined

const unknown = (message: string) => new GatehouseError('connection_unknown', message)
