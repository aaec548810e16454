/** Password records, keyed by tenant and canonical email. */
import type { Passwords } from '../../broker/ports/durable.ts'
import type { PasswordRecord } from '../../provider/provider.ts'
import { having, type Sql } from './schema.ts'

export function sqlPasswords({ db }: Sql): Passwords {
  const byEmail = (tenant: string, email: string) => db.selectFrom('passwords').where(having({ tenant, email }))
  return {
    find: async (tenant, email) => {
      const row = await byEmail(tenant, email).select(['subject', 'email', 'name', 'hash']).executeTakeFirst()
      return (row as PasswordRecord | undefined) ?? null // a name that is null is absent
    },
    changedAt: async (tenant, email) =>
      (await byEmail(tenant, email).select('changedAt').executeTakeFirst())?.changedAt ?? null,
    put: async (tenant, { subject, email, name, hash }, now) => {
      const changed = { hash, changedAt: now, name }
      const row = await db
        .insertInto('passwords')
        .values({ tenant, email, subject, ...changed })
        .onConflict((conflict) => conflict.columns(['tenant', 'email']).doUpdateSet(changed))
        .returning('subject')
        .executeTakeFirstOrThrow()
      return row.subject
    },
    rehash: async (tenant, subject, before, after) => {
      const update = db.updateTable('passwords').set({ hash: after })
      await update.where(having({ tenant, subject, hash: before })).execute()
    },
    remove: async (tenant, subject) => {
      await db.deleteFrom('passwords').where(having({ tenant, subject })).execute()
    },
  }
}
