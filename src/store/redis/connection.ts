/** The connection to Redis: gives up in time, comes back by itself, and is to the configured database or to none. */
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { GatehouseError } from '../../errors.ts'
import { type RedisAddress, readRedisUrl } from '../../primitives/redis-url.ts'
import { messageOf } from '../failure.ts'
import { failing, withStoreTimeout } from '../timeout.ts'
import { batchWrites } from './batch-writes.ts'
import { explainRedis } from './failure.ts'
import { defineScripts } from './scripts.ts'

const storeName = 'Redis'
/** Longest that commands one after the other take; each has its own, shorter limit. */
const severalMs = 5000

const timeouts = {
  connectTimeout: 1000,
  commandTimeout: 800,
  // one that stays silent that long, as after a network cut, is replaced by a new one
  socketTimeout: 2000,
  maxRetriesPerRequest: 1,
  retryStrategy: (attempt: number) => Math.min(attempt * 50, 500),
  // whoever was interrupted while taking something must not take it twice
  autoResendUnfulfilledCommands: false,
  // after a failover the old primary says so: the address leads to the new one
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

/** Redis as the parts of the store see it: every failure is `store_unavailable`, within a second. */
export interface RedisConnection {
  readonly redis: Redis | Cluster
  /** One command, which has its own time limit. */
  one<T>(command: Promise<T>): Promise<T>
  /** Like `one`; null when what lives under the key is not of our making. */
  read<T>(command: Promise<T>): Promise<T | null>
  /**
   * Commands whose order matters, and their answers. One server does them in the order they are sent in, so all are sent at once; the
   * nodes of a cluster know nothing of each other, so there each waits for the one before. Not for scripts: one that the server has
   * forgotten is sent again, after the others.
   */
  inOrder(commands: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]>
  /** Several commands, each with its own time limit, so that a distant server is slow and not away. */
  several<T>(work: () => Promise<T>): Promise<T>
}

/** Begins to connect, and waits for nothing. */
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
    // ioredis goes on in database 0 then, which may be another deployment's
    if (redis instanceof Redis && commandOf(error) === 'select') redis.disconnect(true)
  })
  redis.on('ready', () => {
    connectionError = undefined
  })
  if (redis instanceof Redis) batchWrites(redis)
  defineScripts(redis)
  // in a cluster a command may go from node to node, each with a time limit of its own
  const inTime = <T>(command: Promise<T>) => (redis.isCluster ? withStoreTimeout(failure, () => command) : command)

  const fail = (error: unknown): never => {
    throw failure(error)
  }
  const nullIfWrongType = (error: unknown): null => (isWrongType(error) ? null : fail(error))

  const one = <T>(command: Promise<T>): Promise<T> => inTime(command).catch(fail)
  const read = <T>(command: Promise<T>): Promise<T | null> => inTime(command).catch(nullIfWrongType)

  async function inOrder(commands: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> {
    if (!redis.isCluster) return Promise.all(commands.map((command) => command()))
    const answers: unknown[] = []
    for (const command of commands) answers.push(await command())
    return answers
  }

  // a cluster that is not there lets commands wait without a limit of their own
  const several = <T>(work: () => Promise<T>) =>
    redis.isCluster && redis.status !== 'ready'
      ? withStoreTimeout(failure, work)
      : withStoreTimeout(failure, work, severalMs)

  return { redis, one, read, inOrder, several }
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

/** `address` is one node of the cluster, which tells the others. */
function openCluster(address: RedisAddress): Cluster {
  const { host, port, tls } = address
  return new Cluster([{ host, port }], {
    redisOptions: { ...timeouts, ...loginOf(address), ...(tls && { tls: {} }) },
    clusterRetryStrategy: timeouts.retryStrategy,
    // certificates are made out to names, so nodes are called by what they call themselves
    ...(tls && { dnsLookup: (name, callback) => callback(null, name) }),
  })
}

/** Says only that there is no connection; the error of the attempt to connect says why. */
function isConnectionClosed(error: unknown): boolean {
  return /max retries per request|Connection is closed|Command (timed out|aborted)|Stream isn't writeable|no answer within|ended by|None of startup nodes|All keys in the pipeline/i.test(
    messageOf(error),
  )
}

function commandOf(error: unknown): unknown {
  const command: unknown = error instanceof Error && 'command' in error ? error.command : undefined
  return typeof command === 'object' && command !== null && 'name' in command ? command.name : undefined
}

/** The key holds another type than ours would. */
function isWrongType(error: unknown): boolean {
  const cause = error instanceof GatehouseError ? error.cause : error
  return cause instanceof Error && cause.message.includes('WRONGTYPE')
}

/** The keys of one script live on several nodes. */
export function isCrossSlot(error: unknown): boolean {
  const cause = error instanceof GatehouseError ? error.cause : error
  return cause instanceof Error && cause.message.includes('CROSSSLOT')
}
