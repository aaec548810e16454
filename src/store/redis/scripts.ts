/** Atomic operations in Lua. All but `putSession` and `putArtifact` run on Redis Cluster. */
import { hash } from 'node:crypto'
import { type Cluster, Command, type Redis } from 'ioredis'
import { healthSeconds, indexSlackSeconds, revokedSeconds } from '../keys.ts'

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

/** The clock of Redis in milliseconds: those of the processes differ. */
const redisTime = `
  local function time()
    local clock = redis.call('TIME')
    return clock[1] * 1000 + math.floor(clock[2] / 1000)
  end`

/** Lua scripts by name, with the arguments after the keys. */
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

  /** Milliseconds. A script, since a cluster sends TIME to no node. */
  clock: `${redisTime} return string.format('%.0f', time())`,

  /** Owner, seconds. 1 when the owner has the lease. */
  holdLease: `
    local owner = redis.call('GET', KEYS[1])
    if owner and owner ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
    return 1`,

  /** Owner. */
  releaseLease: `
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    return redis.call('DEL', KEYS[1])`,

  /** Results, times; connections and results in turn. Deletes what is a day old. */
  putHealth: `${redisTime}
    local now = time()
    for at = 1, #ARGV, 2 do
      redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
      redis.call('ZADD', KEYS[2], now, ARGV[at])
    end
    local old = now - ${healthSeconds * 1000}
    for _, connection in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', old)) do
      redis.call('HDEL', KEYS[1], connection)
    end
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', old)
    redis.call('EXPIRE', KEYS[1], ${healthSeconds})
    return redis.call('EXPIRE', KEYS[2], ${healthSeconds})`,

  /** Results, times; the first time. Returns the time now, then the results put since. */
  healthSince: `${redisTime}
    local reply = { string.format('%.0f', time()) }
    for _, connection in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[1], '+inf')) do
      reply[#reply + 1] = redis.call('HGET', KEYS[1], connection) or ''
    end
    return reply`,

  /** Id, process, seconds. */
  putProcess: `${redisTime}
    redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', time() + ARGV[3] * 1000) .. ARGV[2])
    return redis.call('EXPIRE', KEYS[1], ${healthSeconds})`,

  /** Deletes those that are forgotten by now. Returns the others. */
  runningProcesses: `${redisTime}
    local now, reply = time(), {}
    local all = redis.call('HGETALL', KEYS[1])
    for at = 1, #all, 2 do
      local ends, process = string.match(all[at + 1], '^(%d+)(.*)$')
      if tonumber(ends or 0) > now then
        reply[#reply + 1] = process
      else
        redis.call('HDEL', KEYS[1], all[at])
      end
    end
    return reply`,
}

type Name = keyof typeof scripts
type Replies = Readonly<
  Record<
    Exclude<Name, 'take' | 'takeField' | 'revokeGrant' | 'hitCounter' | 'clock' | 'healthSince' | 'runningProcesses'>,
    number
  >
> & {
  readonly take: Buffer | null
  readonly takeField: readonly Buffer[]
  readonly revokeGrant: readonly Buffer[]
  readonly hitCounter: readonly [count: number, leftMs: number]
  readonly clock: Buffer
  readonly healthSince: readonly Buffer[]
  readonly runningProcesses: readonly Buffer[]
}
type Argument = string | number | Buffer
export type RunScript = <Name extends keyof Replies>(
  name: Name,
  keys: readonly string[],
  ...args: readonly Argument[]
) => Promise<Replies[Name]>

/**
 * Plain commands: ioredis's own `defineCommand` makes a class for each script, and V8 optimizes
 * code for a few classes only.
 */
export function scriptsOn(redis: Redis | Cluster): RunScript {
  const shaOf = new Map(Object.entries(scripts).map(([name, lua]) => [name, hash('sha1', lua)]))
  const send = (command: 'eval' | 'evalsha', args: readonly Argument[]) =>
    redis.sendCommand(new Command(command, [...args], { replyEncoding: null })) as Promise<never>
  return (name, keys, ...args) => {
    const given = [keys.length, ...keys, ...args]
    return send('evalsha', [shaOf.get(name) ?? '', ...given]).catch((error: unknown) => {
      if (!isNotLoaded(error)) throw error
      return send('eval', [scripts[name], ...given])
    })
  }
}

/** Since a restart of the server, or a failover. */
const isNotLoaded = (error: unknown) => error instanceof Error && error.message.startsWith('NOSCRIPT')
