/** Password records, keyed by tenant and canonical email. */
import type { Passwords } from '../../broker/ports/durable.ts'
import type { Sql } from './schema.ts'

export function sqlPasswords({ db }: Sql): Passwords {
  const byEmail = (tenant: string, email: string) =>
    db.selectFrom('passwords').where(({ and }) => and({ tenant, email }))
  return {
    find: async (tenant, email) => {
      const columns = ['subject', 'email', 'name', 'hash'] as const
      const row = await byEmail(tenant, email).select(columns).executeTakeFirst()
      if (row === undefined) return null
      const { name, ...record } = row
      return name === null ? record : { ...record, name }
    },
    changedAt: async (tenant, email) => {
      const row = await byEmail(tenant, email).select('changed_at').executeTakeFirst()
      return row === undefined ? null : new Date(row.changed_at)
    },
    put: async (tenant, { subject, email, name, hash }, now) => {
      const changed = { hash, changed_at: now.getTime(), ...(name === undefined ? {} : { name }) }
      const row = await db
        .insertInto('passwords')
        .values({ tenant, email, subject, name: null, ...changed })
        .onConflict((conflict) => conflict.columns(['tenant', 'email']).doUpdateSet(changed))
        .returning('subject')
        .executeTakeFirstOrThrow()
      return row.subject
    },
    rehash: async (tenant, subject, before, after) => {
      const update = db.updateTable('passwords').set({ hash: after })
      await update.where(({ and }) => and({ tenant, subject, hash: before })).execute()
    },
    remove: async (tenant, subject) => {
      const remove = db.deleteFrom('passwords')
      await remove.where(({ and }) => and({ tenant, subject })).execute()
    },
  }
}
