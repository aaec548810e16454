/** Recoveries and undo links. Each single use is one conditional statement. */
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import {
  type Recoveries,
  type Recovery,
  type RecoveryKey,
  type RecoveryOutcome,
  recoveryOutcomes,
  type UndoLink,
  type UndoLinks,
} from '../../../broker/ports/recoveries.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { having, type Sql, type Tables } from '../schema.ts'
import { wordOf } from '../values.ts'

export function sqlRecoveries({ db }: Sql): Recoveries {
  const all = db.selectFrom('recoveries').selectAll()
  return {
    start: async ({ outcome: _, endedAt: __, ...recovery }) => {
      const insert = db.insertInto('recoveries').values(recovery)
      // the unique index is partial: no column list
      const { numInsertedOrUpdatedRows } = await insert.onConflict((on) => on.doNothing()).executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },
    pendingOf: async ({ tenant, userId }) => {
      const pending = all.where(having<'recoveries'>({ tenant, userId })).where('endedAt', 'is', null)
      const row = await pending.executeTakeFirst()
      return row === undefined ? null : recoveryOf(row)
    },
    findByHash: async (hash) => {
      const found = all.where((row) => row.or([row('completeHash', '=', hash), row('cancelHash', '=', hash)]))
      const row = await found.executeTakeFirst()
      return row === undefined ? null : recoveryOf(row)
    },
    close: (recovery, outcome, at) => closeRecovery(db, recovery, outcome, at),
    complete: (recovery, at) =>
      db.transaction().execute(async (transaction) => {
        if (!(await closeRecovery(transaction, recovery, 'completed', at))) return null
        return removeFactors(transaction, recovery, at)
      }),
    forgetBefore: async (date, limit) => {
      const oldest = db.selectFrom('recoveries').select(['tenant', 'userId', 'id']).where('createdAt', '<', date)
      const rows = await oldest.orderBy('createdAt').limit(limit).execute()
      for (const { tenant, userId, id } of rows)
        await db.deleteFrom('recoveries').where(having<'recoveries'>({ tenant, userId, id })).execute()
      return rows.length
    },
  }
}

async function closeRecovery(
  db: Kysely<Tables>,
  { tenant, userId, id }: RecoveryKey,
  outcome: RecoveryOutcome,
  at: Date,
): Promise<boolean> {
  const update = db.updateTable('recoveries').set({ endedAt: at, outcome })
  const one = update.where(having<'recoveries'>({ tenant, userId, id })).where('endedAt', 'is', null)
  return (await one.executeTakeFirst()).numUpdatedRows === 1n
}

/** Returns the ids of the authenticators. */
async function removeFactors(db: Kysely<Tables>, { tenant, userId }: UserKey, at: Date): Promise<readonly string[]> {
  const ofUser = having({ tenant, userId })
  const removal = db.updateTable('authenticators').set({ removedAt: at }).where(ofUser).where('removedAt', 'is', null)
  const removed = await removal.returning('id').execute()
  await db.deleteFrom('recovery_codes').where(ofUser).execute()
  await db.deleteFrom('remembered_devices').where(ofUser).execute()
  return removed.map(({ id }) => id)
}

export function sqlUndoLinks({ db }: Sql): UndoLinks {
  return {
    put: async ({ change, usedAt: _, ...link }) => {
      await db
        .insertInto('undo_links')
        .values({ ...link, content: JSON.stringify(change) })
        .execute()
    },
    find: async (hash) => {
      const row = await db.selectFrom('undo_links').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row === undefined ? null : undoLinkOf(row)
    },
    use: async (hash, at) => {
      const use = db.updateTable('undo_links').set({ usedAt: at }).where('hash', '=', hash).where('usedAt', 'is', null)
      return (await use.executeTakeFirst()).numUpdatedRows === 1n
    },
    forgetBefore: async (date, limit) => {
      const ended = db.selectFrom('undo_links').select('hash').where('expiresAt', '<', date)
      const hashes = (await ended.orderBy('expiresAt').limit(limit).execute()).map(({ hash }) => hash)
      if (hashes.length > 0) await db.deleteFrom('undo_links').where('hash', 'in', hashes).execute()
      return hashes.length
    },
  }
}

function recoveryOf({ outcome, endedAt, ...row }: Selectable<Tables['recoveries']>): Recovery {
  return {
    ...row,
    ...(endedAt !== undefined && { endedAt }),
    ...(outcome !== undefined && { outcome: wordOf(recoveryOutcomes, outcome) }),
  }
}

const changeForm = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['authenticator added', 'authenticator removed']), id: z.string(), name: z.string() }),
  z.object({ kind: z.literal('recovery codes replaced') }),
  z.object({ kind: z.literal('recovery completed'), ids: z.array(z.string()) }),
])

function undoLinkOf({ content, usedAt, ...row }: Selectable<Tables['undo_links']>): UndoLink {
  return { ...row, change: changeForm.parse(JSON.parse(content)), ...(usedAt !== undefined && { usedAt }) }
}
