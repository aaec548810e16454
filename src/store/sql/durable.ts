/** The durable store on any SQL database. */
import { sql } from 'kysely'
import type { DurableStore } from '../../broker/ports/stores.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { sqlApps } from './apps.ts'
import { sqlAudit } from './audit.ts'
import { sqlConsents } from './consents.ts'
import { sqlDomainChecks } from './domain-checks.ts'
import type { DurableParts } from './lazy-store.ts'
import { sqlLogouts } from './logouts.ts'
import { sqlOutbox } from './outbox.ts'
import { sqlPasswords } from './passwords.ts'
import type { Sql } from './schema.ts'
import { sqlSigningKeys } from './signing-keys.ts'
import { sqlTraces } from './traces.ts'
import { sqlTrustedMetadata } from './trusted-metadata.ts'
import { sqlUsers } from './users.ts'

export function durableParts(on: Sql, keyRing: KeyRing): DurableParts {
  return {
    users: sqlUsers(on),
    passwords: sqlPasswords(on),
    traces: sqlTraces(on),
    audit: sqlAudit(on),
    outbox: sqlOutbox(on, keyRing),
    domainChecks: sqlDomainChecks(on),
    trustedMetadata: sqlTrustedMetadata(on),
    apps: sqlApps(on),
    consents: sqlConsents(on),
    signingKeys: sqlSigningKeys(on),
    logouts: sqlLogouts(on, keyRing),
  }
}

export function durableStore(on: Sql, keyRing: KeyRing, close: () => Promise<void>): DurableStore {
  return {
    ...durableParts(on, keyRing),
    ping: () =>
      on.withStoreTimeout(async () => {
        await sql`select 1`.execute(on.db)
      }),
    close,
  }
}
