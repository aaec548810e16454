/** The signing keys, replaced as a set. */
import type { Kysely } from 'kysely'
import type { SigningKey, SigningKeys } from '../../broker/ports/durable.ts'
import type { Sql, Tables } from './schema.ts'

export function sqlSigningKeys({ db, lock }: Sql): SigningKeys {
  return {
    all: () => allKeys(db),
    replace: (before, after) =>
      db.transaction().execute(async (transaction) => {
        await lock(transaction, 'signing keys')
        if (summary(await allKeys(transaction)) !== summary(before)) return false
        await transaction.deleteFrom('signing_keys').execute()
        if (after.length > 0) await transaction.insertInto('signing_keys').values(after).execute()
        return true
      }),
  }
}

const allKeys = (db: Kysely<Tables>): Promise<readonly SigningKey[]> =>
  db.selectFrom('signing_keys').selectAll().orderBy('createdAt').orderBy('id').execute()

/** Ids and states, independent of the order of the keys. */
function summary(keys: readonly SigningKey[]): string {
  return JSON.stringify(keys.map(({ id, status }) => [id, status].join(' ')).sort())
}
