/** What has to happen at once in Redis: each script has one key, so each runs on Redis Cluster too. */
import type { Cluster, Redis, Result } from 'ioredis'
import { indexSlackSeconds } from './keys.ts'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    noteSession(index: string, id: string, endsAt: number, now: number): Result<number, Context>
    prolongNote(index: string, id: string, endsAt: number, now: number): Result<number, Context>
    putTransaction(key: string, fresh: Buffer, resume: Buffer, seconds: number): Result<number, Context>
    takeTransactionBuffer(key: string): Result<(Buffer | null)[], Context>
    takeCodeBuffer(key: string, start: string): Result<Buffer | null, Context>
    hitCounter(key: string, windowMs: number): Result<[number, number], Context>
  }
}

/** The index lives a little longer than its last session; times are the caller's, so that clocks need not agree. */
const keepIndex = `
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', tonumber(ARGV[3]) - ${indexSlackSeconds})
  local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
  if last then redis.call('EXPIRE', KEYS[1], math.max(1, last - ARGV[3] + ${indexSlackSeconds})) end`

export function defineScripts(redis: Redis | Cluster): void {
  const define = (name: string, lua: string) => redis.defineCommand(name, { numberOfKeys: 1, lua })

  define('noteSession', `redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) ${keepIndex} return 1`)

  // never brings back a session that was ended
  define('prolongNote', `redis.call('ZADD', KEYS[1], 'XX', 'GT', ARGV[2], ARGV[1]) ${keepIndex} return 1`)

  define(
    'putTransaction',
    `redis.call('HSET', KEYS[1], 'f', ARGV[1], 'r', ARGV[2]) return redis.call('EXPIRE', KEYS[1], ARGV[3])`,
  )

  define(
    'takeTransaction',
    `local found = redis.call('HMGET', KEYS[1], 'f', 'r')
     if found[1] then redis.call('HDEL', KEYS[1], 'f') end
     return found`,
  )

  define(
    'takeCode',
    `local found = redis.call('GET', KEYS[1])
     if not found or string.sub(found, 1, #ARGV[1]) ~= ARGV[1] then return false end
     redis.call('DEL', KEYS[1])
     return found`,
  )

  define(
    'hitCounter',
    `local count = redis.call('INCR', KEYS[1])
     local left = redis.call('PTTL', KEYS[1])
     if left < 0 then
       redis.call('PEXPIRE', KEYS[1], ARGV[1])
       left = tonumber(ARGV[1])
     end
     return { count, left }`,
  )
}
