/** The connection to Redis: gives up in time, comes back by itself. */
import { Cluster, Redis } from 'ioredis'
import { GatehouseError } from '../../errors.ts'
import { reach, unavailable } from '../reach.ts'
import { gatherWrites } from './gather-writes.ts'
import { defineScripts } from './scripts.ts'

const storeName = 'Redis'

const impatient = {
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
}

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
  /** Several commands under one time limit. */
  several<T>(work: () => Promise<T>): Promise<T>
}

/** Begins to connect, and waits for nothing. */
export function connect(url: string, onError: (error: Error) => void): RedisConnection {
  const address = new URL(url)
  const redis = address.searchParams.get('cluster') === 'true' ? openCluster(address) : new Redis(url, impatient)
  redis.on('error', onError)
  if (redis instanceof Redis) gatherWrites(redis)
  defineScripts(redis)
  // in a cluster a command may go from node to node, each with a time limit of its own
  const inTime = <T>(command: Promise<T>) => (redis.isCluster ? reach(storeName, () => command) : command)

  const fail = (error: unknown): never => {
    throw unavailable(storeName, error)
  }
  const failUnlessForeign = (error: unknown): null => (isForeign(error) ? null : fail(error))

  const one = <T>(command: Promise<T>): Promise<T> => inTime(command).catch(fail)
  const read = <T>(command: Promise<T>): Promise<T | null> => inTime(command).catch(failUnlessForeign)

  async function inOrder(commands: readonly (() => Promise<unknown>)[]): Promise<readonly unknown[]> {
    if (!redis.isCluster) return Promise.all(commands.map((command) => command()))
    const answers: unknown[] = []
    for (const command of commands) answers.push(await command())
    return answers
  }

  return { redis, one, read, inOrder, several: (work) => reach(storeName, work) }
}

/** `address` is one node of the cluster, which tells the others. */
function openCluster(address: URL): Cluster {
  const { hostname, port, username, password, protocol } = address
  const login =
    password === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) }
  const tls = protocol === 'rediss:' ? { tls: {} } : {}
  return new Cluster([{ host: hostname, port: Number(port || 6379) }], {
    redisOptions: { ...impatient, ...login, ...tls },
    clusterRetryStrategy: impatient.retryStrategy,
    // certificates are made out to names, so nodes are called by what they call themselves
    ...(protocol === 'rediss:' ? { dnsLookup: (name, callback) => callback(null, name) } : {}),
  })
}

/** The key holds another type than ours would. */
function isForeign(error: unknown): boolean {
  const cause = error instanceof GatehouseError ? error.cause : error
  return cause instanceof Error && cause.message.includes('WRONGTYPE')
}

/** The keys of one script live on several nodes. */
export function isAcrossSlots(error: unknown): boolean {
  const cause = error instanceof GatehouseError ? error.cause : error
  return cause instanceof Error && cause.message.includes('CROSSSLOT')
}
