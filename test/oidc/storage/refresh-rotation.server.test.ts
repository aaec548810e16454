import { startProviderHouse } from '../../support/oidc/parties.ts'
import { describeRefresh } from '../../support/oidc/refresh-suite.ts'
import { sharedPostgres, sharedRedis } from '../../support/servers/servers.ts'

describeRefresh('Redis and PostgreSQL, two processes', async () => {
  const storage = { redis: await sharedRedis(), postgres: await sharedPostgres() }
  const first = await startProviderHouse({ storage })
  return { houses: [first, await startProviderHouse({ storage, okta: first.okta })] }
})
