import { sharedPostgres, sharedRedis } from '../servers.ts'
import { startProviderHouse } from './parties.ts'
import { describeRefresh } from './refresh-suite.ts'

describeRefresh('Redis and PostgreSQL, two processes', async () => {
  const storage = { redis: await sharedRedis(), postgres: await sharedPostgres() }
  const first = await startProviderHouse({ storage })
  return { houses: [first, await startProviderHouse({ storage, okta: first.okta })] }
})
