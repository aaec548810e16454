import { afterAll } from 'vitest'
import { startPostgres, startRedis, type TestServer } from '../servers.ts'
import { startProviderHouse } from './parties.ts'
import { describeRefresh } from './refresh-suite.ts'

const servers: TestServer[] = []
afterAll(() => Promise.all(servers.map((server) => server.stop())))

describeRefresh('Redis and PostgreSQL, two processes', async () => {
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  servers.push(redis, postgres)
  const storage = { redis: redis.url, postgres: postgres.url }
  const first = await startProviderHouse({ storage })
  return { houses: [first, await startProviderHouse({ storage, okta: first.okta })] }
})
