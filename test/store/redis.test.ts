import { afterAll, beforeAll } from 'vitest'
import { openRedis } from '../../src/store/redis/redis.ts'
import { volatileStoreContract } from '../contract/store.ts'
import { startRedis, type TestServer } from '../servers.ts'

let server: TestServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

volatileStoreContract('Redis', async (options) => openRedis({ url: server.url, ...options }))
