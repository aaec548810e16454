/** Mail waiting to be sent. */
import { z } from 'zod'
import type { Outbox } from '../../broker/ports/mail.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { sqlQueue } from './queue.ts'
import type { Sql } from './schema.ts'

const storedMail = z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string() })

export function sqlOutbox(on: Sql, keyRing: KeyRing): Outbox {
  const { add, claim, sent, retry } = sqlQueue(on, keyRing, {
    table: 'outbox',
    contextOf: (id) => `mail ${id}`,
    parse: (value) => storedMail.safeParse(value).data,
  })
  return {
    add: (mail, now) => add([mail], now),
    claim: async (now, leaseUntil, limit) => {
      const queued = await claim(now, leaseUntil, limit)
      return queued.map(({ id, content, attempts }) => ({ id, mail: content, attempts }))
    },
    sent,
    retry,
  }
}
