/** Counters in the embedded file. */
import type { Counters } from '../../broker/ports/volatile.ts'
import { blindKey } from '../keys.ts'
import type { VolatileFile } from './file.ts'

export function sqliteCounters({ file, time }: VolatileFile): Counters {
  const { database, exclusive, read } = file
  const hit = database.prepare(`
    insert into counters values (:key, 1, :end) on conflict (key) do update set
      count = case when ends_at <= :now then 1 else count + 1 end,
      ends_at = case when ends_at <= :now then :end else ends_at end
    returning count, ends_at`)
  const refund = database.prepare('update counters set count = count - 1 where key = ? and count > 0 and ends_at > ?')
  const count = database.prepare('select count from counters where key = ? and ends_at > ?')
  const forget = database.prepare('delete from counters where key = ?')

  return {
    hit: async (key, windowSeconds) => {
      const now = time()
      const [row] = await exclusive(() => hit.all({ key: blindKey(key), now, end: now + windowSeconds * 1000 }))
      return { count: Number(row?.['count']), resetSeconds: Math.ceil((Number(row?.['ends_at']) - now) / 1000) }
    },
    refund: async (key) => {
      await exclusive(() => refund.run(blindKey(key), time()))
    },
    count: async (key) => Number((await read(() => count.get(blindKey(key), time())))?.['count'] ?? 0),
    forget: async (key) => {
      await exclusive(() => forget.run(blindKey(key)))
    },
  }
}
