/** The signing keys, replaced as a set. */
import type { Kysely, Selectable } from 'kysely'
import type { SigningKey, SigningKeys } from '../../broker/ports/durable.ts'
import { signingAlgorithms } from '../../crypto/signing-algorithm.ts'
import type { Sql, Tables } from './schema.ts'
import { wordOf } from './values.ts'

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

async function allKeys(db: Kysely<Tables>): Promise<readonly SigningKey[]> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('createdAt').orderBy('id').execute()
  return rows.map(keyOf)
}

function keyOf({ activatedAt, retiredAt, ...row }: Selectable<Tables['signing_keys']>): SigningKey {
  const algorithm = wordOf(signingAlgorithms, row.algorithm)
  return { ...row, algorithm, status: wordOf(['next', 'active', 'retired'], row.status), activatedAt, retiredAt }
}

/** Ids and states, independent of the order of the keys. */
function summary(keys: readonly SigningKey[]): string {
  return JSON.stringify(keys.map(({ id, status }) => [id, status].join(' ')).sort())
}
