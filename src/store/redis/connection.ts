/** The connection to Redis. Commands have time limits; a lost connection is opened again. */
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { GatehouseError } from '../../errors.ts'
import { type RedisAddress, readRedisUrl } from '../../primitives/redis-url.ts'
import { failing, messageOf, withStoreTimeout } from '../failure.ts'
import { explainRedis } from './failure.ts'
import { type RunScript, scriptsOn } from './scripts.ts'

const storeName = 'Redis'
/** Limit of several commands in sequence; each has its own, shorter limit. */
const severalMs = 5000

const timeouts = {
  connectTimeout: 1000,
  commandTimeout: 800,
  // a silent connection is replaced, as after a network failure
  socketTimeout: 2000,
  maxRetriesPerRequest: 1,
  retryStrategy: (attempt: number) => Math.min(attempt * 50, 500),
  // an interrupted single-use operation must not run twice
  autoResendUnfulfilledCommands: false,
  // the old primary replies so after a failover: reconnecting reaches the new one
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

/** Every failure is `store_unavailable`, within a second. */
export interface RedisConnection {
  readonly redis: Redis | Cluster
  readonly script: RunScript
  /** One command, which has its own time limit. */
  one<T>(command: Promise<T>): Promise<T>
  /** Like `one`; null when the key holds another type. */
  read<T>(command: Promise<T>): Promise<T | null>
  /** Several commands in sequence, with a longer limit, for distant servers. */
  several<T>(work: () => Promise<T>): Promise<T>
  /** One script over several keys, or the same in steps where the keys are on several nodes. */
  atomicOrStepwise<T>(atomic: () => Promise<T>, stepwise: () => Promise<T>): Promise<T>
}

/** Connects in the background. */
export function connect(url: string, onUnavailable: (error: Error) => void): RedisConnection {
  const address = addressOf(url)
  const redis = address.cluster ? openCluster(address) : new Redis(optionsOf(address))
  const explain = explainRedis(address)
  let connectionError: unknown
  const failure = failing(
    storeName,
    (error) => explain(isConnectionClosed(error) ? (connectionError ?? error) : error),
    onUnavailable,
  )
  redis.on('error', (error: Error) => {
    connectionError = error
    failure(error)
    // ioredis would continue in database 0, which may belong to another deployment
    if (redis instanceof Redis && commandOf(error) === 'select') redis.disconnect(true)
  })
  redis.on('ready', () => {
    connectionError = undefined
  })
  if (redis instanceof Redis) batchWrites(redis)
  const script = scriptsOn(redis)
  // in a cluster a command may be redirected, with a new time limit at each node
  const inTime = <T>(command: Promise<T>) => (redis.isCluster ? withStoreTimeout(failure, () => command) : command)

  const fail = (error: unknown): never => {
    throw failure(error)
  }
  const nullIfWrongType = (error: unknown): null => (isWrongType(error) ? null : fail(error))

  const one = <T>(command: Promise<T>): Promise<T> => inTime(command).catch(fail)
  const read = <T>(command: Promise<T>): Promise<T | null> => inTime(command).catch(nullIfWrongType)

  // an unreachable cluster queues commands without a limit
  const several = <T>(work: () => Promise<T>) =>
    redis.isCluster && redis.status !== 'ready'
      ? withStoreTimeout(failure, work)
      : withStoreTimeout(failure, work, severalMs)

  let isSharded = redis.isCluster
  async function atomicOrStepwise<T>(atomic: () => Promise<T>, stepwise: () => Promise<T>): Promise<T> {
    if (isSharded) return several(stepwise)
    try {
      return await one(atomic())
    } catch (error) {
      if (!isCrossSlot(error)) throw error
      isSharded = true // a proxy serves several nodes at one address
      return several(stepwise)
    }
  }

  return { redis, script, one, read, several, atomicOrStepwise }
}

function addressOf(url: string): RedisAddress {
  const read = readRedisUrl(url)
  if (!read.ok) throw new TypeError(`the address of Redis ${read.wrong}`)
  return read.address
}

function optionsOf(address: RedisAddress) {
  const { socket, host, port, database, tls } = address
  const place = socket === undefined ? { host, port } : { path: socket }
  return { ...timeouts, ...place, ...loginOf(address), db: database, ...(tls && { tls: {} }) }
}

function loginOf({ username, password }: RedisAddress): Pick<RedisOptions, 'username' | 'password'> {
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) }
}

/** `address` is one node of the cluster, from which ioredis learns the others. */
function openCluster(address: RedisAddress): Cluster {
  const { host, port, tls } = address
  return new Cluster([{ host, port }], {
    redisOptions: { ...timeouts, ...loginOf(address), ...(tls && { tls: {} }) },
    clusterRetryStrategy: timeouts.retryStrategy,
    // certificates name hosts, so connect to nodes by the names they announce
    ...(tls && { dnsLookup: (name, callback) => callback(null, name) }),
  })
}

/** Sends a turn's commands in one write, in order: a system call costs more than a command. */
function batchWrites(redis: Redis): void {
  redis.on('connect', () => {
    const { stream } = redis
    const write = stream.write.bind(stream)
    let gathering = false
    const release = () => {
      gathering = false
      stream.uncork()
    }
    Object.assign(stream, {
      write(...given: Parameters<typeof write>): boolean {
        if (!gathering) {
          gathering = true
          stream.cork()
          setImmediate(release)
        }
        return write(...given)
      },
    })
  })
}

/** The command had no connection; the error of the connection attempt has the cause. */
function isConnectionClosed(error: unknown): boolean {
  return /max retries per request|Connection is closed|Command (timed out|aborted)|Stream isn't writeable|no answer within|ended by|None of startup nodes|All keys in the pipeline/i.test(
    messageOf(error),
  )
}

function commandOf(error: unknown): unknown {
  const command: unknown = error instanceof Error && 'command' in error ? error.command : undefined
  return typeof command === 'object' && command !== null && 'name' in command ? command.name : undefined
}

function isWrongType(error: unknown): boolean {
  const cause = error instanceof GatehouseError ? error.cause : error
  return cause instanceof Error && cause.message.includes('WRONGTYPE')
}

/** The keys of a script are on several nodes. */
function isCrossSlot(error: unknown): boolean {
  const cause = error instanceof GatehouseError ? error.cause : error
  return cause instanceof Error && cause.message.includes('CROSSSLOT')
}
