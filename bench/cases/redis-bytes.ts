/** Memory of Redis for a session with its index, stored by the real adapter. */
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import type { Result } from '../results.ts'
import { startRedis } from '../servers.ts'
import { putSessions } from '../sessions.ts'

const count = 20_000

export async function benchRedisBytes(): Promise<readonly Result[]> {
  const server = await startRedis()
  const redis = new Redis(server.url)
  const store = openRedis({ url: server.url, keyRing: new KeyRing([randomBytes(32)]), now: () => new Date() })
  try {
    await putSessions(store.sessions, 1) // connections and scripts exist now
    const before = await usedBytes(redis)
    await putSessions(store.sessions, count)
    const after = await usedBytes(redis)
    return [{ name: 'redis-bytes-per-session', value: (after - before) / count, unit: 'bytes' }]
  } finally {
    redis.disconnect()
    await store.close()
    await server.stop()
  }
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
}
