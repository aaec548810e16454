/** The volatile store on Redis. */
import type { VolatileStore } from '../../broker/ports.ts'
import type { KeyRing } from '../../keyring.ts'
import { redisArtefacts } from './artefacts.ts'
import { redisBrowsers } from './browsers.ts'
import { redisCodes } from './codes.ts'
import { connect } from './connection.ts'
import { redisCounters } from './counters.ts'
import { redisSessionApps } from './session-apps.ts'
import { redisSessions } from './sessions.ts'
import { redisTransactions } from './transactions.ts'

export interface RedisStoreOptions {
  /** Such as `redis://:password@host:6379/0`; `rediss:` for TLS; with `?cluster=true` a node of a Redis Cluster. */
  readonly url: string
  readonly keyRing: KeyRing
  readonly now: () => Date
  /** Told of every failed attempt to connect. */
  readonly onError?: (error: Error) => void
}

/** Connects in the background: a Redis that is down never stops the process. */
export function openRedis({ url, keyRing, now, onError = () => {} }: RedisStoreOptions): VolatileStore {
  const connection = connect(url, onError)
  return {
    artefacts: redisArtefacts(connection, keyRing, now),
    sessionApps: redisSessionApps(connection, keyRing, now),
    sessions: redisSessions(connection, keyRing, now),
    transactions: redisTransactions(connection, keyRing),
    codes: redisCodes(connection, keyRing),
    counters: redisCounters(connection),
    browsers: redisBrowsers(connection, keyRing),
    ping: async () => {
      await connection.one(connection.redis.ping())
    },
    close: async () => connection.redis.disconnect(),
  }
}
