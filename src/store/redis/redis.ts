/** The volatile store on Redis. */
import type { VolatileStore } from '../../broker/ports/volatile.ts'
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
  /** Called for every failure that makes Redis unavailable, failed connection attempts included. */
  readonly onUnavailable?: (error: Error) => void
}

/** Connects in the background: an unavailable Redis never stops the process. */
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
      // PING succeeds on a replica and without disk or memory; a write does not
      await connection.one(connection.redis.set(keys.probe, '1', 'EX', 60))
      // an ACL may allow writes and forbid scripts, which logins need
      await connection.one(connection.redis.eval('return 1', 1, keys.probe))
    },
    close: async () => connection.redis.disconnect(),
  }
}
