/** Atomic operations in Lua. All but `putSession` and `putArtifact` run on Redis Cluster. */
import type { Cluster, Redis } from 'ioredis'
import { indexSlackSeconds, revokedSeconds } from '../keys.ts'

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

/** By name, with the arguments after the keys. */
const scripts = {
  /** Index of a user or a name; id, end, now. */
  indexSession: `${keepIndex} redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1]) keep(KEYS[1], ARGV[3]) return 1`,

  /** Like `indexSession`. XX: never indexes an ended session again. */
  extendSession: `${keepIndex}
    redis.call('ZADD', KEYS[1], 'XX', 'GT', ARGV[2], ARGV[1]) keep(KEYS[1], ARGV[3]) return 1`,

  /**
   * Session, user's index, user's epoch; with an origin also the origin, and the index and the end
   * time of each name. 0 when the epoch is too old, or a name was ended meanwhile.
   * Arguments: id, now, session, seconds, end, epoch; origin, its end, since in milliseconds.
   */
  putSession: `${keepIndex}
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

  /** Epoch. */
  raiseEpoch: `
    local epoch = math.max(tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0))
    redis.call('SET', KEYS[1], epoch, 'EX', ${revokedSeconds})
    return epoch`,

  /** Start of the value. Returns the value. */
  take: `
    local found = redis.call('GET', KEYS[1])
    if not found or string.sub(found, 1, #ARGV[1]) ~= ARGV[1] then return false end
    redis.call('DEL', KEYS[1])
    return found`,

  /** Hash, end, now. 0 when the grant is revoked. */
  indexArtifact: `${noteArtifact} return note(KEYS[1], ARGV[1], ARGV[2], ARGV[3])`,

  /**
   * Artifact, grant; hash, end, now, record, seconds, `any` or `new`. 1: stored; 0: not stored, the
   * grant is revoked; 2: not stored, `new` was requested and it exists.
   */
  putArtifact: `${noteArtifact}
    if ARGV[6] == 'new' and redis.call('EXISTS', KEYS[1]) == 1 then return 2 end
    if note(KEYS[2], ARGV[1], ARGV[2], ARGV[3]) == 0 then
      redis.call('UNLINK', KEYS[1])
      return 0
    end
    redis.call('SET', KEYS[1], ARGV[4], 'EX', ARGV[5])
    return 1`,

  /** Time in milliseconds, of 13 digits. */
  consumeArtifact: `
    if redis.call('GETRANGE', KEYS[1], 0, ${notConsumed.length - 1}) ~= '${notConsumed}' then return 0 end
    redis.call('SETRANGE', KEYS[1], 0, ARGV[1])
    return 1`,

  /** Returns the hashes. The empty member marks the grant as revoked for `indexArtifact`. */
  revokeGrant: `
    local hashes = redis.call('ZRANGE', KEYS[1], 0, -1)
    redis.call('ZADD', KEYS[1], '+inf', '')
    if redis.call('TTL', KEYS[1]) < ${revokedSeconds} then redis.call('EXPIRE', KEYS[1], ${revokedSeconds}) end
    return hashes`,

  /** Seconds, fields and values. Returns the number of fields. */
  putFields: `
    redis.call('HSET', KEYS[1], unpack(ARGV, 2))
    redis.call('EXPIRE', KEYS[1], ARGV[1])
    return redis.call('HLEN', KEYS[1])`,

  /** Field. Returns all fields and values, before the field is removed. */
  takeField: `
    local found = redis.call('HGETALL', KEYS[1])
    redis.call('HDEL', KEYS[1], ARGV[1])
    return found`,

  /** DECR keeps the expiry of the window. */
  refundCounter: `
    if tonumber(redis.call('GET', KEYS[1]) or 0) < 1 then return 0 end
    return redis.call('DECR', KEYS[1])`,

  /** Window in milliseconds. Returns the count, and the milliseconds that are left. */
  hitCounter: `
    local count = redis.call('INCR', KEYS[1])
    local left = redis.call('PTTL', KEYS[1])
    if left < 0 then
      redis.call('PEXPIRE', KEYS[1], ARGV[1])
      left = tonumber(ARGV[1])
    end
    return { count, left }`,
}

type Replies = Readonly<
  Record<Exclude<keyof typeof scripts, 'take' | 'takeField' | 'revokeGrant' | 'hitCounter'>, number>
> & {
  readonly take: Buffer | null
  readonly takeField: readonly Buffer[]
  readonly revokeGrant: readonly Buffer[]
  readonly hitCounter: readonly [count: number, leftMs: number]
}
type Argument = string | number | Buffer
export type RunScript = <Name extends keyof Replies>(
  name: Name,
  keys: readonly string[],
  ...args: readonly Argument[]
) => Promise<Replies[Name]>

export function defineScripts(redis: Redis | Cluster): RunScript {
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { lua })
  const commands = redis as unknown as Readonly<Record<string, (...args: readonly Argument[]) => Promise<never>>>
  return async (name, keys, ...args) => commands[`${name}Buffer`]?.(keys.length, ...keys, ...args) as Promise<never>
}
