/** Queued mail and queued back-channel logouts. */
import { z } from 'zod'
import type { LogoutQueue, Outbox } from '../../broker/ports/durable.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { sqlQueue } from './queue.ts'
import type { Sql } from './schema.ts'

const storedMail = z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string() })
const storedNotification = z.object({ appId: z.string(), subject: z.string(), sid: z.string() })

export function sqlOutbox(on: Sql, keyRing: KeyRing): Outbox {
  const queue = sqlQueue(on, keyRing, {
    table: 'outbox',
    contextOf: (id) => `mail ${id}`,
    parse: (value) => storedMail.safeParse(value).data,
  })
  return {
    ...queue,
    add: (mail, now) => queue.add([mail], now),
    claim: async (...given) =>
      (await queue.claim(...given)).map(({ content, ...queued }) => ({ ...queued, mail: content })),
  }
}

export function sqlLogouts(on: Sql, keyRing: KeyRing): LogoutQueue {
  const queue = sqlQueue(on, keyRing, {
    table: 'logouts',
    contextOf: (id) => `logout ${id}`,
    parse: (value) => storedNotification.safeParse(value).data,
  })
  return {
    ...queue,
    claim: async (...given) =>
      (await queue.claim(...given)).map(({ content, ...queued }) => ({ ...queued, notification: content })),
  }
}
