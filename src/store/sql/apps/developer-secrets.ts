/** Client secrets of developers. The row with the revision serializes concurrent changes. */
import type { Kysely, Selectable } from 'kysely'
import type { ClientSecret } from '../../../app/app.ts'
import type { DeveloperSecret, DeveloperSecrets } from '../../../broker/ports/developer-secrets.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { type DeveloperSecretRow, having, type Sql, type Tables } from '../schema.ts'

/** A last use is stored at most this often. */
const recordIntervalMs = 60_000

export function sqlDeveloperSecrets({ db }: Sql): DeveloperSecrets {
  return {
    ofUser: async (tenant, userId) => {
      const owner = having<'developer_secrets' | 'developer_secret_revisions'>({ tenant, userId })
      // the revision first: with older secrets, the replacement it guards fails
      const set = await db.selectFrom('developer_secret_revisions').selectAll().where(owner).executeTakeFirst()
      const secrets = db.selectFrom('developer_secrets').selectAll().where(owner)
      const rows = await secrets.orderBy('createdAt', 'desc').orderBy('id').execute()
      return { revision: set?.revision ?? 0, secrets: rows.map(secretOf) }
    },
    findByHash: async (hash) => {
      const found = db.selectFrom('developer_secrets').selectAll().where('hash', '=', hash)
      const row = await found.executeTakeFirst()
      if (row === undefined) return null
      const { tenant, userId } = row
      return { owner: { tenant, userId }, secret: secretOf(row) }
    },
    replace: (owner, revision, secrets) =>
      db.transaction().execute(async (transaction) => {
        if ((await nextRevision(transaction, owner, revision)) !== 1n) return false
        await storeSecrets(transaction, owner, secrets)
        return true
      }),
    recordUse: async (hash, at) => {
      const update = db.updateTable('developer_secrets').set({ lastUsedAt: at }).where('hash', '=', hash)
      const before = new Date(at.getTime() - recordIntervalMs)
      await update.where(({ eb, or }) => or([eb('lastUsedAt', 'is', null), eb('lastUsedAt', '<=', before)])).execute()
    },
  }
}

/** Returns how many rows changed: one, or none after a concurrent change. */
async function nextRevision(db: Kysely<Tables>, { tenant, userId }: UserKey, revision: number): Promise<bigint> {
  if (revision === 0) {
    const insert = db.insertInto('developer_secret_revisions').values({ tenant, userId, revision: 1 })
    const result = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
    return result.numInsertedOrUpdatedRows ?? 0n
  }
  const update = db.updateTable('developer_secret_revisions').set({ revision: revision + 1 })
  return (await update.where(having({ tenant, userId, revision })).executeTakeFirst()).numUpdatedRows
}

async function storeSecrets(db: Kysely<Tables>, { tenant, userId }: UserKey, secrets: readonly ClientSecret[]) {
  const others = db.deleteFrom('developer_secrets').where(having({ tenant, userId }))
  const hashes = secrets.map(({ hash }) => hash)
  await (hashes.length === 0 ? others : others.where('hash', 'not in', hashes)).execute()
  for (const { id, hash, sealed, createdAt, expiresAt = null } of secrets) {
    const row = { hash, tenant, userId, id, sealed: Buffer.from(sealed, 'base64'), createdAt, expiresAt }
    const insert = db.insertInto('developer_secrets').values(row)
    await insert.onConflict((conflict) => conflict.column('hash').doUpdateSet({ expiresAt })).execute()
  }
}

function secretOf({ id, hash, sealed, createdAt, expiresAt, lastUsedAt }: Selectable<DeveloperSecretRow>) {
  const secret: DeveloperSecret = { id, hash, sealed: sealed.toString('base64'), createdAt, expiresAt, lastUsedAt }
  return secret
}
