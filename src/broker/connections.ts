import { GatehouseError } from '../errors.ts'
import type { Connection, ConnectionContext, Provider } from '../provider/provider.ts'
import type { ConnectionSettings, Tenant } from '../tenant.ts'

export interface OpenConnection {
  readonly tenant: Tenant
  readonly settings: ConnectionSettings
  readonly provider: Provider
  readonly upstream: Connection
}

/** Opens each connection at its first use (without I/O) and keeps it. */
export class Connections {
  readonly #tenants: ReadonlyMap<string, Tenant>
  readonly #providers: ReadonlyMap<string, Provider>
  readonly #siteOf: (tenant: Tenant, settings: ConnectionSettings) => ConnectionContext
  /** By tenant and connection id: connections are never shared between tenants. */
  readonly #opened = new Map<string, OpenConnection>()

  constructor(
    tenants: ReadonlyMap<string, Tenant>,
    providers: readonly Provider[],
    contextOf: (tenant: Tenant, settings: ConnectionSettings) => ConnectionContext,
  ) {
    this.#tenants = tenants
    this.#providers = new Map(providers.map((provider) => [provider.kind, provider]))
    this.#siteOf = contextOf
  }

  tenants(): readonly Tenant[] {
    return [...this.#tenants.values()]
  }

  /** Throws `connection_unknown`. */
  tenant(id: string): Tenant {
    const tenant = this.#tenants.get(id)
    if (tenant === undefined)
      throw new GatehouseError('connection_unknown', `no tenant ${JSON.stringify(id.slice(0, 64))}`)
    return tenant
  }

  /** Throws `connection_unknown`. */
  get(tenantId: string, connectionId: string): OpenConnection {
    const tenant = this.tenant(tenantId)
    const settings = tenant.connections.find(({ id }) => id === connectionId)
    if (settings === undefined)
      throw new GatehouseError(
        'connection_unknown',
        `no connection ${JSON.stringify(connectionId.slice(0, 64))} in tenant ${tenant.id}`,
      )
    return this.#open(tenant, settings)
  }

  passwordConnection(tenant: Tenant): OpenConnection | null {
    return this.all(tenant).find(({ upstream }) => upstream.passwords !== undefined) ?? null
  }

  all(tenant: Tenant): readonly OpenConnection[] {
    return tenant.connections.map((settings) => this.#open(tenant, settings))
  }

  #open(tenant: Tenant, settings: ConnectionSettings): OpenConnection {
    const place = `${tenant.id}/${settings.id}`
    const known = this.#opened.get(place)
    if (known !== undefined) return known
    const provider = this.#providers.get(settings.kind)
    if (provider === undefined) throw new GatehouseError('internal', `no provider of kind ${settings.kind}`)
    const opened = {
      tenant,
      settings,
      provider,
      upstream: provider.open(settings.config, this.#siteOf(tenant, settings)),
    }
    this.#opened.set(place, opened)
    return opened
  }
}
