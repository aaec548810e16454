/** The durable store on any SQL database. */
import { sql } from 'kysely'
import type { DurableStore } from '../../broker/ports.ts'
import type { KeyRing } from '../../keyring.ts'
import { sqlAudit } from './audit.ts'
import { sqlOutbox } from './outbox.ts'
import { sqlPasswords } from './passwords.ts'
import type { Sql } from './schema.ts'
import { sqlTraces } from './traces.ts'
import { sqlUsers } from './users.ts'

export function durableStore(on: Sql, keyRing: KeyRing, close: () => Promise<void>): DurableStore {
  return {
    users: sqlUsers(on),
    passwords: sqlPasswords(on),
    traces: sqlTraces(on),
    audit: sqlAudit(on),
    outbox: sqlOutbox(on, keyRing),
    ping: () =>
      on.reach(async () => {
        await sql`select 1`.execute(on.db)
      }),
    close,
  }
}
