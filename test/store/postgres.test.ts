import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { migratePostgres, openPostgres } from '../../src/store/postgres/postgres.ts'
import { migrations } from '../../src/store/sql/migrations/migrations.ts'
import { auditContract, durableStoreContract } from '../contract/store.ts'
import { freePort, startPostgres, type TestServer } from '../support/servers/servers.ts'
import {
  expectUnavailable,
  keyRing,
  retryConnecting,
  sampleIdentity,
  sampleUser,
  simultaneously,
} from '../support/store/samples.ts'
import { waitOptions } from '../support/wait-options.ts'

const now = () => new Date()
let server: TestServer
beforeAll(async () => {
  server = await startPostgres()
  // only its first question has a second
  const nothingAsked = /^(timeout exceeded when trying to connect|no answer within \d+ ms)$/
  const migrate = (each: TestServer) => retryConnecting(() => migratePostgres(each), nothingAsked)
  const migrated = await simultaneously([server], 5, migrate)
  // one of five that start together does it
  expect(migrated.flat()).toEqual(Object.keys(migrations))
})
afterAll(() => server.stop())

durableStoreContract('PostgreSQL', async ({ keyRing }) => openPostgres({ url: server.url, keyRing, now }))

auditContract('PostgreSQL', async ({ keyRing }) => openPostgres({ url: server.url, keyRing, now }), execute)

async function execute(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

it('migrates nothing twice', async () => {
  expect(await migratePostgres(server)).toEqual([])
})

describe('when PostgreSQL fails', () => {
  const opened: { close(): Promise<void> }[] = []
  const open = (url: string) => {
    const store = openPostgres({ url, keyRing, now })
    opened.push(store)
    return store
  }
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close()
  })

  it('FT-09 fails with store_unavailable within a second when nothing listens', async () => {
    const url = `postgres://postgres@127.0.0.1:${await freePort()}/postgres`
    await expectUnavailable(() => open(url).ping())
    await expectUnavailable(() => open(url).users.create(sampleUser(), sampleIdentity()))
    await expectUnavailable(() => migratePostgres({ url }))
  })

  it('FT-09 fails with store_unavailable for a missing database', async () => {
    await expectUnavailable(() => open(`${server.url}-unknown`).ping())
  })

  it('FT-13 works again after a restart of PostgreSQL, without loss', async () => {
    const store = open(server.url)
    const user = sampleUser()
    await store.users.create(user, sampleIdentity())
    await simultaneously([store], 10, (each) => each.ping())
    await server.kill()
    await expectUnavailable(() => store.users.find('demo', user.id))
    await expectUnavailable(() => store.users.update(user, sampleIdentity()))
    await server.restart()
    await vi.waitFor(() => store.ping(), waitOptions)
    expect(await store.users.find('demo', user.id)).toEqual(user)
  })

  it('FT-12 does not hang while PostgreSQL is silent, and works again afterwards', async () => {
    const store = open(server.url)
    await simultaneously([store], 3, (each) => each.ping())
    server.pause()
    await Promise.all(
      Array.from({ length: 15 }, () => expectUnavailable(() => store.users.create(sampleUser(), sampleIdentity()))),
    )
    await expectUnavailable(() => store.ping())
    await expectUnavailable(() => migratePostgres(server))
    server.resume()
    await vi.waitFor(() => store.ping(), waitOptions)
    const user = sampleUser()
    expect(await store.users.create(user, sampleIdentity())).toBe(true)
  })
})
