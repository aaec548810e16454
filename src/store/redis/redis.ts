/** The volatile store on Redis. */
import type { VolatileStore } from '../../broker/ports/stores.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { redisArtifacts } from './artifacts.ts'
import { redisBrowsers } from './browsers.ts'
import { redisCodes } from './codes.ts'
import { connect } from './connection.ts'
import { redisCounters } from './counters.ts'
import { keys } from './keys.ts'
import { redisSessionApps } from './session-apps.ts'
import { redisSessions } from './sessions.ts'
import { redisTransactions } from './transactions.ts'

export interface RedisStoreOptions {
  /** See redis-url.ts. */
  readonly url: string
  readonly keyRing: KeyRing
  readonly now: () => Date
  /** Told of every failure that means Redis is away, failed attempts to connect among them. */
  readonly onUnavailable?: (error: Error) => void
}

/** Connects in the background: a Redis that is down never stops the process. */
export function openRedis({ url, keyRing, now, onUnavailable = () => {} }: RedisStoreOptions): VolatileStore {
  const connection = connect(url, onUnavailable)
  return {
    artifacts: redisArtifacts(connection, keyRing, now),
    sessionApps: redisSessionApps(connection, keyRing, now),
    sessions: redisSessions(connection, keyRing, now),
    transactions: redisTransactions(connection, keyRing),
    codes: redisCodes(connection, keyRing),
    counters: redisCounters(connection),
    browsers: redisBrowsers(connection, keyRing),
    ping: async () => {
      // a replica, a full disk and a full memory answer PING, and take no writes
      await connection.one(connection.redis.set(keys.probe, '1', 'EX', 60))
      // a user may write and run no scripts, which logins need
      await connection.one(connection.redis.eval('return 1', 1, keys.probe))
    },
    close: async () => connection.redis.disconnect(),
  }
}
