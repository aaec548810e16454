/** Sealed messages to send. A claim is a lease: when it expires, others may claim. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { LogoutNotification, Mail, Queue, Queued } from '../../broker/ports/durable.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { recordKind } from '../sealed-json.ts'
import type { QueueRow, Sql } from './schema.ts'

const mail = z.object({
  senderName: z.string().exactOptional(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
})
const notification = z.object({ appId: z.string(), subject: z.string(), sid: z.string() })

export const sqlOutbox = (on: Sql, keyRing: KeyRing): Queue<Mail> =>
  sqlQueue(on, keyRing, 'outbox', recordKind('mail', mail))
export const sqlLogouts = (on: Sql, keyRing: KeyRing): Queue<LogoutNotification> =>
  sqlQueue(on, keyRing, 'logouts', recordKind('logout', notification))

/** @param kind of the contents, each under the id of its row */
function sqlQueue<T>(
  { db, passesLocked }: Sql,
  keyRing: KeyRing,
  table: 'outbox' | 'logouts',
  kind: ReturnType<typeof recordKind<z.ZodType<T, T>>>,
): Queue<T> {
  /** Null if the key is not in the ring. The row stays, in case the key comes back. */
  function queued({ id, sealed, attempts }: Omit<QueueRow, 'dueAt'>): Queued<T> | null {
    const content = kind.open(keyRing, sealed, id)
    return content === null ? null : { id, content, attempts: attempts - 1 }
  }

  return {
    add: async (contents, now) => {
      if (contents.length === 0) return
      const rows = contents.map((content) => {
        const id = randomUUID()
        return { id, sealed: kind.seal(keyRing, content, id), dueAt: now, attempts: 0 }
      })
      await db.insertInto(table).values(rows).execute()
    },
    claim: async (now, leaseUntil, limit) => {
      const due = db.selectFrom(table).select('id').where('dueAt', '<=', now).orderBy('dueAt').limit(limit)
      const rows = await db
        .with('due', () => (passesLocked ? due.forUpdate().skipLocked() : due))
        .updateTable(table)
        .set(({ eb }) => ({ dueAt: leaseUntil, attempts: eb('attempts', '+', 1) }))
        .where('id', 'in', (select) => select.selectFrom('due').select('due.id'))
        // again: the second of two concurrent claims must see the lease
        .where('dueAt', '<=', now)
        .returning(['id', 'sealed', 'attempts'])
        .execute()
      return rows.map(queued).filter((each) => each !== null)
    },
    sent: async (id) => {
      await db.deleteFrom(table).where('id', '=', id).execute()
    },
    retry: async (id, at) => {
      await db.updateTable(table).set({ dueAt: at }).where('id', '=', id).execute()
    },
    size: async (now) => {
      const row = await db
        .selectFrom(table)
        .select(({ fn, eb }) => [
          fn.countAll<number | string>().as('messages'),
          fn.count<number | string>(eb.case().when('dueAt', '<=', now).then(1).end()).as('due'),
          fn.min('dueAt').as('oldestDueAt'),
        ])
        .executeTakeFirst()
      return { messages: Number(row?.messages), due: Number(row?.due), oldestDueAt: row?.oldestDueAt ?? undefined }
    },
    release: async (ids, at) => {
      if (ids.length === 0) return
      const release = db.updateTable(table).set(({ eb }) => ({ dueAt: at, attempts: eb('attempts', '-', 1) }))
      await release.where('id', 'in', ids).execute()
    },
  }
}
