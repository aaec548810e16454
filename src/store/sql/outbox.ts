/** Mail waiting to be sent, sealed. A claim is a lease: who dies while sending loses it, and someone else sends. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Mail, Outbox, QueuedMail } from '../../broker/ports.ts'
import type { KeyRing } from '../../keyring.ts'
import { openJson, sealJson } from '../sealed-json.ts'
import type { Sql } from './schema.ts'

const storedMail = z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string() })
const contextOf = (id: string) => `mail ${id}`

export function sqlOutbox({ db, reach }: Sql, keyRing: KeyRing): Outbox {
  return {
    add: (mail, now) =>
      reach(async () => {
        const id = randomUUID()
        const sealed = sealJson(keyRing, mail, contextOf(id)).toString('base64')
        await db.insertInto('outbox').values({ id, sealed, due_at: now.getTime(), attempts: 0 }).execute()
      }),
    claim: (now, leaseUntil, limit) =>
      reach(async () => {
        const due = db.selectFrom('outbox').select('id').where('due_at', '<=', now.getTime())
        const rows = await db
          .updateTable('outbox')
          .set(({ eb }) => ({ due_at: leaseUntil.getTime(), attempts: eb('attempts', '+', 1) }))
          .where('id', 'in', due.orderBy('due_at').limit(limit))
          // again: of two who claim at once the second waits for the first, and then must see that it is leased
          .where('due_at', '<=', now.getTime())
          .returning(['id', 'sealed', 'attempts'])
          .execute()
        return rows.map(queuedMail).filter((queued) => queued !== null)
      }),
    sent: (id) =>
      reach(async () => {
        await db.deleteFrom('outbox').where('id', '=', id).execute()
      }),
    retry: (id, at) =>
      reach(async () => {
        await db.updateTable('outbox').set({ due_at: at.getTime() }).where('id', '=', id).execute()
      }),
  }

  /** Null for a mail whose key is not in the ring: it stays, in case the key was taken out by mistake. */
  function queuedMail(row: {
    readonly id: string
    readonly sealed: string
    readonly attempts: number
  }): QueuedMail | null {
    const mail = mailOf(openJson(keyRing, Buffer.from(row.sealed, 'base64'), contextOf(row.id)))
    return mail === null ? null : { id: row.id, mail, attempts: row.attempts - 1 }
  }
}

function mailOf(value: unknown): Mail | null {
  return storedMail.safeParse(value).data ?? null
}
