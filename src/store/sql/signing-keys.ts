/** The signing keys, replaced as a set. */
import type { Kysely } from 'kysely'
import type { SigningKey, SigningKeys } from '../../broker/ports/durable.ts'
import { signingAlgorithms } from '../../crypto/signing-algorithm.ts'
import { GatehouseError } from '../../errors.ts'
import type { SigningKeyRow, Sql, Tables } from './schema.ts'

export function sqlSigningKeys({ db, lock }: Sql): SigningKeys {
  return {
    all: () => allKeys(db),
    replace: (before, after) =>
      db.transaction().execute(async (transaction) => {
        await lock(transaction, 'signing keys')
        if (summary(await allKeys(transaction)) !== summary(before)) return false
        await transaction.deleteFrom('signing_keys').execute()
        if (after.length > 0) await transaction.insertInto('signing_keys').values(after.map(rowOf)).execute()
        return true
      }),
  }
}

async function allKeys(db: Kysely<Tables>): Promise<readonly SigningKey[]> {
  const rows = await db.selectFrom('signing_keys').selectAll().orderBy('created_at').orderBy('id').execute()
  return rows.map(keyOf)
}

/** Ids and states, independent of the order of the keys. */
function summary(keys: readonly SigningKey[]): string {
  return JSON.stringify(keys.map(({ id, status }) => [id, status].join(' ')).sort())
}

function rowOf(key: SigningKey): SigningKeyRow {
  return {
    id: key.id,
    algorithm: key.algorithm,
    status: key.status,
    sealed: key.sealed.toString('base64'),
    created_at: key.createdAt.getTime(),
    activated_at: key.activatedAt?.getTime() ?? null,
    retired_at: key.retiredAt?.getTime() ?? null,
  }
}

function keyOf(row: SigningKeyRow): SigningKey {
  return {
    id: row.id,
    algorithm: oneOf(signingAlgorithms, row.algorithm),
    status: oneOf(['next', 'active', 'retired'], row.status),
    sealed: Buffer.from(row.sealed, 'base64'),
    createdAt: new Date(row.created_at),
    activatedAt: row.activated_at === null ? undefined : new Date(row.activated_at),
    retiredAt: row.retired_at === null ? undefined : new Date(row.retired_at),
  }
}

function oneOf<const T extends string>(words: readonly T[], word: string): T {
  const known = words.find((each) => each === word)
  if (known === undefined) throw new GatehouseError('internal', `a stored signing key has an unknown word: ${word}`)
  return known
}
