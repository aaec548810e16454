import type { StoreFigures } from '../../broker/ports/observed-store.ts'
import type { RedisConnection } from './connection.ts'

/** Figures of a single server: a node of a cluster has only its own. */
export async function redisFigures({ redis, one }: RedisConnection): Promise<StoreFigures> {
  if (redis.isCluster) return {}
  return figuresOf(await one(redis.info()))
}

/** Reads a reply to INFO: lines such as `used_memory:1048576`. */
export function figuresOf(text: string): StoreFigures {
  const values = new Map(
    text
      .split(/\r?\n/)
      .map((line) => line.split(':', 2))
      .flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [[name, value] as const])),
  )
  const numberOf = (name: string) => {
    const number = Number(values.get(name))
    return Number.isSafeInteger(number) ? number : undefined
  }
  const maxMemoryBytes = numberOf('maxmemory')
  return {
    version: values.get('redis_version'),
    memoryBytes: numberOf('used_memory'),
    maxMemoryBytes: maxMemoryBytes === 0 ? undefined : maxMemoryBytes,
    clients: numberOf('connected_clients'),
  }
}
