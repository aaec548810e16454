/** Atomic operations in Lua. All but `putSession` and `putArtifact` run on Redis Cluster. */
import type { Cluster, Redis, Result } from 'ioredis'
import { indexSlackSeconds, revokedSeconds } from '../keys.ts'

declare module 'ioredis' {
  interface RedisCommander<Context> {
    putSession(keys: number, ...keysAndValues: (string | number | Buffer)[]): Result<number, Context>
    indexSession(index: string, id: string, endsAt: number, now: number): Result<number, Context>
    extendSession(index: string, id: string, endsAt: number, now: number): Result<number, Context>
    takeBuffer(key: string, start: Buffer): Result<Buffer | null, Context>
    indexArtifact(grant: string, hash: string, endsAt: number, now: number): Result<number, Context>
    putArtifact(
      key: string,
      grant: string,
      record: Buffer,
      seconds: number,
      which: 'any' | 'new',
      hash: string,
      endsAt: number,
      now: number,
    ): Result<number, Context>
    consumeArtifact(key: string, at: string): Result<number, Context>
    revokeGrant(grant: string): Result<string[], Context>
    putFields(key: string, seconds: number, ...fields: (string | Buffer)[]): Result<number, Context>
    raiseEpoch(key: string, epoch: number): Result<number, Context>
    refundCounter(key: string): Result<number, Context>
    hitCounter(key: string, windowMs: number): Result<[number, number], Context>
  }
}

/** Start of an artifact that is not consumed; else the time in milliseconds is there. */
export const notConsumed = '0'.repeat(13)

/** The index outlives its last session. Times are the caller's: clocks need not agree. */
const keepIndex = `
  local function keep(index, now)
    redis.call('ZREMRANGEBYSCORE', index, '-inf', tonumber(now) - ${indexSlackSeconds})
    local last = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')[2]
    if last then redis.call('EXPIRE', index, math.max(1, last - now + ${indexSlackSeconds})) end
  end`

/** Deletes expired hashes whenever the count is a multiple of 16. */
const noteArtifact = `
  local function note(index, hash, endsAt, now)
    if redis.call('ZSCORE', index, '') then return 0 end
    redis.call('ZADD', index, endsAt, hash)
    local life = endsAt - now + ${indexSlackSeconds}
    if redis.call('TTL', index) < life then redis.call('EXPIRE', index, life) end
    if redis.call('ZCARD', index) % 16 == 0 then
      redis.call('ZREMRANGEBYSCORE', index, '-inf', tonumber(now) - ${indexSlackSeconds})
    end
    return 1
  end`

export function defineScripts(redis: Redis | Cluster): void {
  const define = (name: string, lua: string) => redis.defineCommand(name, { numberOfKeys: 1, lua })

  define('indexSession', `${keepIndex} redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) keep(KEYS[1], ARGV[3]) return 1`)

  // XX: never indexes an ended session again
  define(
    'extendSession',
    `${keepIndex} redis.call('ZADD', KEYS[1], 'XX', 'GT', ARGV[2], ARGV[1]) keep(KEYS[1], ARGV[3]) return 1`,
  )

  // keys: session, user's index, user's epoch; with an origin also the origin, the index and the
  // end time of each name 0 when the epoch is too old, or a name was ended meanwhile
  redis.defineCommand('putSession', {
    lua: `${keepIndex}
      local id, now = ARGV[1], ARGV[2]
      if tonumber(redis.call('GET', KEYS[3]) or 0) > tonumber(ARGV[6]) then return 0 end
      local names = math.max(0, (#KEYS - 4) / 2)
      for at = 5 + names, #KEYS do
        if tonumber(redis.call('GET', KEYS[at]) or 0) > tonumber(ARGV[9]) then return 0 end
      end
      redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[4])
      redis.call('ZADD', KEYS[2], ARGV[5], id)
      keep(KEYS[2], now)
      if KEYS[4] then redis.call('SET', KEYS[4], ARGV[7], 'EX', math.max(1, ARGV[8] - now)) end
      for at = 5, 4 + names do
        redis.call('ZADD', KEYS[at], ARGV[8], id)
        keep(KEYS[at], now)
      end
      return 1`,
  })

  define(
    'raiseEpoch',
    `local epoch = math.max(tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0))
     redis.call('SET', KEYS[1], epoch, 'EX', ${revokedSeconds})
     return epoch`,
  )

  define(
    'take',
    `local found = redis.call('GET', KEYS[1])
     if not found or string.sub(found, 1, #ARGV[1]) ~= ARGV[1] then return false end
     redis.call('DEL', KEYS[1])
     return found`,
  )

  // 0 when the grant is revoked
  define('indexArtifact', `${noteArtifact} return note(KEYS[1], ARGV[1], ARGV[2], ARGV[3])`)

  // 1: stored; 0: not stored, the grant is revoked; 2: not stored, `new` was requested and it
  // exists
  redis.defineCommand('putArtifact', {
    numberOfKeys: 2,
    lua: `${noteArtifact}
      if ARGV[3] == 'new' and redis.call('EXISTS', KEYS[1]) == 1 then return 2 end
      if note(KEYS[2], ARGV[4], ARGV[5], ARGV[6]) == 0 then
        redis.call('UNLINK', KEYS[1])
        return 0
      end
      redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
      return 1`,
  })

  define(
    'consumeArtifact',
    `if redis.call('GETRANGE', KEYS[1], 0, ${notConsumed.length - 1}) ~= '${notConsumed}' then return 0 end
     redis.call('SETRANGE', KEYS[1], 0, ARGV[1])
     return 1`,
  )

  // the empty member marks the grant as revoked for `indexArtifact`
  define(
    'revokeGrant',
    `local hashes = redis.call('ZRANGE', KEYS[1], 0, -1)
     redis.call('ZADD', KEYS[1], '+inf', '')
     if redis.call('TTL', KEYS[1]) < ${revokedSeconds} then redis.call('EXPIRE', KEYS[1], ${revokedSeconds}) end
     return hashes`,
  )

  // returns the number of fields
  define(
    'putFields',
    `redis.call('HSET', KEYS[1], unpack(ARGV, 2))
     redis.call('EXPIRE', KEYS[1], ARGV[1])
     return redis.call('HLEN', KEYS[1])`,
  )

  // DECR keeps the expiry of the window
  define(
    'refundCounter',
    `if tonumber(redis.call('GET', KEYS[1]) or 0) < 1 then return 0 end return redis.call('DECR', KEYS[1])`,
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
