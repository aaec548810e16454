/** Back-channel logouts waiting to be sent. */
import { z } from 'zod'
import type { LogoutQueue } from '../../broker/ports/logout-queue.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { sqlQueue } from './queue.ts'
import type { Sql } from './schema.ts'

const storedNotification = z.object({ appId: z.string(), subject: z.string(), sid: z.string() })

export function sqlLogouts(on: Sql, keyRing: KeyRing): LogoutQueue {
  const { add, claim, sent, retry, release } = sqlQueue(on, keyRing, {
    table: 'logouts',
    contextOf: (id) => `logout ${id}`,
    parse: (value) => storedNotification.safeParse(value).data,
  })
  return {
    add,
    claim: async (now, leaseUntil, limit) => {
      const queued = await claim(now, leaseUntil, limit)
      return queued.map(({ id, content, attempts }) => ({ id, notification: content, attempts }))
    },
    sent,
    retry,
    release,
  }
}
