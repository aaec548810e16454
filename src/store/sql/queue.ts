/** What waits to be sent, sealed. A claim is a lease: who dies while sending loses it, and someone else sends. */
import { randomUUID } from 'node:crypto'
import type { KeyRing } from '../../crypto/keyring.ts'
import { openJson, sealJson } from '../sealed-json.ts'
import type { Sql } from './schema.ts'

export interface QueueKind<T> {
  readonly table: 'outbox' | 'logouts'
  readonly contextOf: (id: string) => string
  /** Undefined for what is none. */
  readonly parse: (value: unknown) => T | undefined
}

export interface Queued<T> {
  readonly id: string
  readonly content: T
  readonly attempts: number
}

export function sqlQueue<T>(
  { db, withStoreTimeout, passesLocked }: Sql,
  keyRing: KeyRing,
  { table, contextOf, parse }: QueueKind<T>,
) {
  function rowOf(content: T, now: Date) {
    const id = randomUUID()
    const sealed = sealJson(keyRing, content, contextOf(id)).toString('base64')
    return { id, sealed, due_at: now.getTime(), attempts: 0 }
  }

  /** Null for what was sealed under a key that is not in the ring: it stays, in case the key was taken out by mistake. */
  function queued(row: { readonly id: string; readonly sealed: string; readonly attempts: number }): Queued<T> | null {
    const content = parse(openJson(keyRing, Buffer.from(row.sealed, 'base64'), contextOf(row.id)))
    return content === undefined ? null : { id: row.id, content, attempts: row.attempts - 1 }
  }

  return {
    add: (contents: readonly T[], now: Date): Promise<void> =>
      withStoreTimeout(async () => {
        if (contents.length === 0) return
        await db
          .insertInto(table)
          .values(contents.map((content) => rowOf(content, now)))
          .execute()
      }),
    claim: (now: Date, leaseUntil: Date, limit: number): Promise<readonly Queued<T>[]> =>
      withStoreTimeout(async () => {
        const due = db
          .selectFrom(table)
          .select('id')
          .where('due_at', '<=', now.getTime())
          .orderBy('due_at')
          .limit(limit)
        const rows = await db
          .with('due', () => (passesLocked ? due.forUpdate().skipLocked() : due))
          .updateTable(table)
          .set(({ eb }) => ({ due_at: leaseUntil.getTime(), attempts: eb('attempts', '+', 1) }))
          .where('id', 'in', (select) => select.selectFrom('due').select('due.id'))
          // again: of two who claim at once the second must see that it is leased
          .where('due_at', '<=', now.getTime())
          .returning(['id', 'sealed', 'attempts'])
          .execute()
        return rows.map(queued).filter((each) => each !== null)
      }),
    sent: (id: string): Promise<void> =>
      withStoreTimeout(async () => {
        await db.deleteFrom(table).where('id', '=', id).execute()
      }),
    retry: (id: string, at: Date): Promise<void> =>
      withStoreTimeout(async () => {
        await db.updateTable(table).set({ due_at: at.getTime() }).where('id', '=', id).execute()
      }),
    release: (ids: readonly string[], at: Date): Promise<void> =>
      withStoreTimeout(async () => {
        if (ids.length === 0) return
        await db
          .updateTable(table)
          .set(({ eb }) => ({ due_at: at.getTime(), attempts: eb('attempts', '-', 1) }))
          .where('id', 'in', ids)
          .execute()
      }),
  }
}
