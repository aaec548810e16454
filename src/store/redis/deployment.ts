/** State that the processes of a deployment share, in Redis. */
import { placeOf } from '../../broker/connections.ts'
import type { HealthResults, Leases, ProbedHealth, Processes } from '../../broker/ports/health.ts'
import { decodeHealth, decodeProcesses, encodeHealth, encodeProcess } from '../deployment-codec.ts'
import { keys } from '../keys.ts'
import type { RedisConnection } from './connection.ts'

/** A script blocks Redis while it runs. */
const maxResultsPerScript = 200

export function redisHealthResults({ script, one, read, several }: RedisConnection): HealthResults {
  const places = [keys.healthResults, keys.healthTimes]
  const putSome = (results: readonly ProbedHealth[]) =>
    one(script('putHealth', places, ...results.flatMap((result) => [placeOf(result), encodeHealth(result)])))

  const since: HealthResults['since'] = async (cursor = 0, except) => {
    const [time, ...results] = (await read(script('healthSince', places, cursor))) ?? []
    return { results: decodeHealth(results.map(String), except), cursor: Number(time ?? 0) }
  }

  return {
    put: (results) =>
      several(async () => {
        for (let at = 0; at < results.length; at += maxResultsPerScript)
          await putSome(results.slice(at, at + maxResultsPerScript))
      }),
    all: async () => (await since()).results,
    since,
  }
}

export function redisLeases({ script, one }: RedisConnection): Leases {
  return {
    hold: async (name, owner, seconds) => (await one(script('holdLease', [keys.lease(name)], owner, seconds))) === 1,
    release: async (name, owner) => {
      await one(script('releaseLease', [keys.lease(name)], owner))
    },
  }
}

export function redisProcesses({ redis, script, one, read }: RedisConnection): Processes {
  return {
    put: async (process, seconds) => {
      await one(script('putProcess', [keys.processes], process.id, encodeProcess(process), seconds))
    },
    remove: async (id) => {
      await one(redis.hdel(keys.processes, id))
    },
    all: async () => {
      const running = (await read(script('runningProcesses', [keys.processes]))) ?? []
      return decodeProcesses(running.map(String))
    },
  }
}
