import { afterAll, beforeAll } from 'vitest'
import { migratePostgres, openPostgres } from '../../src/store/postgres/postgres.ts'
import { durableStoreContract } from '../contract/store.ts'
import { startPostgres, type TestServer } from '../servers.ts'

let server: TestServer
beforeAll(async () => {
  server = await startPostgres()
  await migratePostgres(server)
})
afterAll(() => server.stop())

durableStoreContract('PostgreSQL', async ({ keyRing }) =>
  openPostgres({ url: server.url, keyRing, now: () => new Date() }),
)
