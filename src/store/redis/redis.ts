/** The volatile store on Redis. */
import type { StoreFigures } from '../../broker/ports/observed-store.ts'
import type { VolatileStore } from '../../broker/ports/volatile.ts'
import type { StoreOptions } from '../failure.ts'
import { keys } from '../keys.ts'
import { browsersIn, codesIn, transactionsIn } from '../records.ts'
import { sessionAppsIn } from '../session-apps.ts'
import { redisArtifacts } from './artifacts.ts'
import { connect } from './connection.ts'
import { redisCounters } from './counters.ts'
import { redisHealthResults, redisLeases, redisProcesses } from './deployment.ts'
import { redisFigures } from './figures.ts'
import { redisRecords } from './records.ts'
import { redisSessions } from './sessions.ts'

export interface RedisStoreOptions extends StoreOptions {
  /** See redis-url.ts. */
  readonly url: string
}

export interface RedisStore extends VolatileStore {
  figures(): Promise<StoreFigures>
  clock(): Promise<Date>
}

/** Connects in the background: an unavailable Redis never stops the process. */
export function openRedis({ url, keyRing, now, onUnavailable = () => {} }: RedisStoreOptions): RedisStore {
  const connection = connect(url, onUnavailable)
  const { redis, script, one, several } = connection
  const records = redisRecords(connection)
  const isStored = async (key: string) => (await one(redis.exists(key))) === 1
  const hasSession = (id: string) => isStored(keys.session(id))
  const hasArtifacts = (grantId: string) => isStored(keys.grant(grantId))
  return {
    artifacts: redisArtifacts(connection, keyRing, now),
    sessionApps: sessionAppsIn({ records, several, hasSession, hasArtifacts }, keyRing, now),
    sessions: redisSessions(connection, keyRing, now),
    transactions: transactionsIn(records, keyRing),
    codes: codesIn(records, keyRing),
    counters: redisCounters(connection),
    browsers: browsersIn(records, keyRing),
    healthResults: redisHealthResults(connection),
    leases: redisLeases(connection),
    processes: redisProcesses(connection),
    ping: async () => {
      // PING succeeds on a replica and without disk or memory; a write does not
      await one(redis.set(keys.probe, '1', 'EX', 60))
      // an ACL may allow writes and forbid scripts, which logins need
      await one(redis.eval('return 1', 1, keys.probe))
    },
    figures: () => redisFigures(connection),
    clock: async () => new Date(Number(await one(script('clock', [keys.probe])))),
    close: async () => redis.disconnect(),
  }
}
