/** The connection to Redis: gives up in time, comes back by itself. */
import { Redis } from 'ioredis'
import { reach, unavailable } from '../reach.ts'
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
  readonly redis: Redis
  /** One command, which has its own time limit. */
  one<T>(command: Promise<T>): Promise<T>
  /** Like `one`; null when what lives under the key is not of our making. */
  read<T>(command: Promise<T>): Promise<T | null>
  /** Several commands under one time limit. */
  several<T>(work: () => Promise<T>): Promise<T>
}

/** Begins to connect, and waits for nothing. */
export function connect(url: string, onError: (error: Error) => void): RedisConnection {
  const redis = new Redis(url, impatient)
  redis.on('error', onError)
  defineScripts(redis)

  async function one<T>(command: Promise<T>): Promise<T> {
    try {
      return await command
    } catch (error) {
      throw unavailable(storeName, error)
    }
  }

  async function read<T>(command: Promise<T>): Promise<T | null> {
    try {
      return await command
    } catch (error) {
      if (error instanceof Error && error.message.includes('WRONGTYPE')) return null
      throw unavailable(storeName, error)
    }
  }

  return { redis, one, read, several: (work) => reach(storeName, work) }
}
