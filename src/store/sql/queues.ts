/** Queued mail and queued back-channel logouts. */
import { z } from 'zod'
import type { LogoutQueue, Outbox } from '../../broker/ports/durable.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { recordKind } from '../sealed-json.ts'
import { sqlQueue } from './queue.ts'
import type { Sql } from './schema.ts'

const storedMail = recordKind(
  'mail',
  z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string() }),
)
const storedNotification = recordKind('logout', z.object({ appId: z.string(), subject: z.string(), sid: z.string() }))

export function sqlOutbox(on: Sql, keyRing: KeyRing): Outbox {
  const queue = sqlQueue(on, keyRing, 'outbox', storedMail)
  return {
    ...queue,
    add: (mail, now) => queue.add([mail], now),
    claim: async (...given) =>
      (await queue.claim(...given)).map(({ content, ...queued }) => ({ ...queued, mail: content })),
  }
}

export function sqlLogouts(on: Sql, keyRing: KeyRing): LogoutQueue {
  const queue = sqlQueue(on, keyRing, 'logouts', storedNotification)
  return {
    ...queue,
    claim: async (...given) =>
      (await queue.claim(...given)).map(({ content, ...queued }) => ({ ...queued, notification: content })),
  }
}
