import { type Connections, connectionsOf } from '../broker/connections.ts'
import { otherIssuers } from '../broker/identity/issuers.ts'
import { mailedCodesOf } from '../broker/login/email/mailed-code.ts'
import { minimumPasswordLength } from '../broker/login/password-length.ts'
import { randomBytes } from '../crypto/random.ts'
import type { ConnectionContext, MetadataStore, PasswordRecords, Provider } from '../provider/provider.ts'
import type { ConnectionSettings, Tenant } from '../tenant.ts'
import type { Storage } from './storage.ts'

export interface ConnectionOptions {
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly providers: readonly Provider[]
  readonly publicUrl: URL
  readonly storage: Pick<Storage, 'durable' | 'volatile'>
  readonly fetch: typeof globalThis.fetch
  readonly now: () => Date
  readonly isBreached: PasswordRecords['isBreached']
}

/** The tenants' connections, each with the context its provider needs. */
export function openConnections(options: ConnectionOptions): Connections {
  const { tenants, providers, publicUrl, storage, fetch, now, isBreached } = options
  const { durable, volatile } = storage
  const metadataStoreOf = (tenant: string, connection: string): MetadataStore => ({
    find: async () =>
      (await durable.trustedMetadata.ofTenant(tenant)).find((each) => each.connection === connection) ?? null,
    replace: (metadata, before) => durable.trustedMetadata.replace({ ...metadata, tenant, connection }, before, now()),
    otherIssuers: () => otherIssuers(connections, durable.trustedMetadata, { tenant, connection }),
  })
  const contextOf = (tenant: Tenant, { id }: ConnectionSettings): ConnectionContext => ({
    tenant: tenant.id,
    connection: id,
    callbackUrl: new URL(`/t/${tenant.id}/${id}/callback`, publicUrl),
    entityId: new URL(`/t/${tenant.id}/${id}/metadata`, publicUrl),
    fetch,
    now,
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    once: async (key, seconds) => (await volatile.counters.hit(`once:${tenant.id}/${id}:${key}`, seconds)).count === 1,
    metadata: metadataStoreOf(tenant.id, id),
    passwords: {
      find: (email) => durable.passwords.find(tenant.id, email),
      rehash: (subject, before, after) => durable.passwords.rehash(tenant.id, subject, before, after),
      minimumLength: () => minimumPasswordLength(tenant, now()),
      isBreached,
    },
    mailedCodes: mailedCodesOf(volatile.codes, { tenant: tenant.id, connection: id }),
  })
  const connections = connectionsOf(tenants, providers, contextOf)
  return connections
}
