/** Password records, keyed by (tenant, canonical email). */
import type { Passwords } from '../../broker/ports/passwords.ts'
import type { Sql } from './schema.ts'

export function sqlPasswords({ db, withStoreTimeout }: Sql): Passwords {
  return {
    find: (tenant, email) =>
      withStoreTimeout(async () => {
        const row = await db
          .selectFrom('passwords')
          .select(['subject', 'email', 'name', 'hash'])
          .where('tenant', '=', tenant)
          .where('email', '=', email)
          .executeTakeFirst()
        if (row === undefined) return null
        const { name, ...record } = row
        return name === null ? record : { ...record, name }
      }),
    changedAt: (tenant, email) =>
      withStoreTimeout(async () => {
        const row = await db
          .selectFrom('passwords')
          .select('changed_at')
          .where('tenant', '=', tenant)
          .where('email', '=', email)
          .executeTakeFirst()
        return row === undefined ? null : new Date(row.changed_at)
      }),
    put: (tenant, { subject, email, name, hash }, now) =>
      withStoreTimeout(async () => {
        const changed = { hash, changed_at: now.getTime(), ...(name === undefined ? {} : { name }) }
        const row = await db
          .insertInto('passwords')
          .values({ tenant, email, subject, name: null, ...changed })
          .onConflict((conflict) => conflict.columns(['tenant', 'email']).doUpdateSet(changed))
          .returning('subject')
          .executeTakeFirstOrThrow()
        return row.subject
      }),
    rehash: (tenant, subject, before, after) =>
      withStoreTimeout(async () => {
        await db
          .updateTable('passwords')
          .set({ hash: after })
          .where('tenant', '=', tenant)
          .where('subject', '=', subject)
          .where('hash', '=', before)
          .execute()
      }),
    remove: (tenant, subject) =>
      withStoreTimeout(async () => {
        await db.deleteFrom('passwords').where('tenant', '=', tenant).where('subject', '=', subject).execute()
      }),
  }
}
