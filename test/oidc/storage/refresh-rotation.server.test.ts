import { describeRefresh } from '../../support/oidc/refresh-suite.ts'
import { startProviderServer } from '../../support/oidc/relying-parties.ts'
import { sharedPostgres, sharedRedis } from '../../support/servers/servers.ts'

describeRefresh('Redis and PostgreSQL, two processes', async () => {
  const storage = { redis: await sharedRedis(), postgres: await sharedPostgres() }
  const first = await startProviderServer({ storage })
  return { houses: [first, await startProviderServer({ storage, okta: first.okta })] }
})
