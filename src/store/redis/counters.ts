/** Counters in Redis. */
import type { Counters } from '../../broker/ports/volatile.ts'
import { keys } from '../keys.ts'
import type { RedisConnection } from './connection.ts'

export function redisCounters({ redis, script, one, read }: RedisConnection): Counters {
  return {
    hit: async (key, windowSeconds) => {
      const [count, leftMs] = await one(script('hitCounter', [keys.counter(key)], windowSeconds * 1000))
      return { count, resetSeconds: Math.ceil(leftMs / 1000) }
    },
    refund: async (key) => {
      await one(script('refundCounter', [keys.counter(key)]))
    },
    count: async (key) => Number((await read(redis.get(keys.counter(key)))) ?? 0),
    forget: async (key) => {
      await one(redis.unlink(keys.counter(key)))
    },
  }
}
