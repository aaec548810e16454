/** Sealed messages to send. A claim is a lease: when it expires, others may claim. */
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { KeyRing } from '../../crypto/keyring.ts'
import type { recordKind } from '../sealed-json.ts'
import type { QueueRow, Sql } from './schema.ts'

export interface Queued<T> {
  readonly id: string
  readonly content: T
  readonly attempts: number
}

export function sqlQueue<T>(
  { db, passesLocked }: Sql,
  keyRing: KeyRing,
  table: 'outbox' | 'logouts',
  kind: ReturnType<typeof recordKind<z.ZodType<T, T>>>,
) {
  function rowOf(content: T, now: Date): QueueRow {
    const id = randomUUID()
    const sealed = kind.seal(keyRing, content, id).toString('base64')
    return { id, sealed, due_at: now.getTime(), attempts: 0 }
  }

  /** Null if the key is not in the ring. The row stays, in case the key comes back. */
  function queued({ id, sealed, attempts }: Omit<QueueRow, 'due_at'>): Queued<T> | null {
    const content = kind.open(keyRing, Buffer.from(sealed, 'base64'), id)
    return content === null ? null : { id, content, attempts: attempts - 1 }
  }

  return {
    async add(contents: readonly T[], now: Date): Promise<void> {
      if (contents.length === 0) return
      const rows = contents.map((content) => rowOf(content, now))
      await db.insertInto(table).values(rows).execute()
    },
    async claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly Queued<T>[]> {
      const due = db.selectFrom(table).select('id').where('due_at', '<=', now.getTime()).orderBy('due_at').limit(limit)
      const rows = await db
        .with('due', () => (passesLocked ? due.forUpdate().skipLocked() : due))
        .updateTable(table)
        .set(({ eb }) => ({ due_at: leaseUntil.getTime(), attempts: eb('attempts', '+', 1) }))
        .where('id', 'in', (select) => select.selectFrom('due').select('due.id'))
        // again: the second of two concurrent claims must see the lease
        .where('due_at', '<=', now.getTime())
        .returning(['id', 'sealed', 'attempts'])
        .execute()
      return rows.map(queued).filter((each) => each !== null)
    },
    async sent(id: string): Promise<void> {
      await db.deleteFrom(table).where('id', '=', id).execute()
    },
    async retry(id: string, at: Date): Promise<void> {
      await db.updateTable(table).set({ due_at: at.getTime() }).where('id', '=', id).execute()
    },
    async release(ids: readonly string[], at: Date): Promise<void> {
      if (ids.length === 0) return
      await db
        .updateTable(table)
        .set(({ eb }) => ({ due_at: at.getTime(), attempts: eb('attempts', '-', 1) }))
        .where('id', 'in', ids)
        .execute()
    },
  }
}
