/** PostgreSQL works, but the connection to it does not; or another client holds a lock. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import pg from 'pg'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { DurableStore } from '../../src/broker/ports/durable.ts'
import { migratePostgres, openPostgres } from '../../src/store/postgres/postgres.ts'
import { type FaultyProxy, startFaultyProxy, throughProxy } from '../support/servers/faulty-proxy.ts'
import { sharedPostgres } from '../support/servers/servers.ts'
import { expectUnavailable, keyRing, sampleIdentity, sampleUser } from '../support/store/samples.ts'

const user = sampleUser()
let url: string
let line: FaultyProxy
let store: DurableStore
const open = (at: string) => openPostgres({ url: at, keyRing, now: () => new Date() })
beforeAll(async () => {
  url = await sharedPostgres()
  await migratePostgres({ url })
  const direct = open(url)
  await direct.users.create(user, sampleIdentity())
  await direct.close()
})
beforeEach(async () => {
  line = await startFaultyProxy(Number(new URL(url).port))
  store = open(throughProxy(url, line))
  await vi.waitFor(() => store.ping(), { timeout: 10_000 })
})
afterEach(async () => {
  await store.close()
  await line.close()
})

/** Promised: 5 s, on a machine that has nothing else to do. */
const heals = () =>
  vi.waitFor(async () => expect(await store.users.find('demo', user.id)).toEqual(user), { timeout: 15_000 })

it.each([
  ['FT-10 that swallows everything', { kind: 'blackhole' }],
  ['FT-11 that is slow by 5 s', { kind: 'slow', byMs: 5000 }],
  ['FT-13 that is cut', { kind: 'cut' }],
  ['FT-14 that makes noise of every answer', { kind: 'garbage' }],
] as const)('a connection to PostgreSQL %s fails with store_unavailable in time, and recovers', async (_, ill) => {
  line.fail(ill)
  await expectUnavailable(() => store.ping())
  await expectUnavailable(() => store.users.find('demo', user.id))
  await Promise.all(
    Array.from({ length: 20 }, () => expectUnavailable(() => store.users.create(sampleUser(), sampleIdentity()))),
  )
  line.recover()
  await heals()
})

it('FT-11 a connection to PostgreSQL that is slow by 400 ms works', async () => {
  line.fail({ kind: 'slow', byMs: 400 })
  expect(await store.users.find('demo', user.id)).toEqual(user)
})

it('FT-14 an unstable connection to PostgreSQL never makes a user unknown', async () => {
  const outcomes: unknown[] = []
  for (let round = 0; round < 12; round += 1) {
    if (round % 2 === 0) line.fail({ kind: 'cut' })
    else line.recover()
    const asked = Array.from({ length: 5 }, () => store.users.find('demo', user.id).catch((error: unknown) => error))
    outcomes.push(...(await Promise.all(asked)))
    await sleep(60)
  }
  for (const outcome of outcomes)
    expect(outcome).toSatisfy((it: unknown) => it instanceof Error || isDeepStrictEqual(it, user))
  for (const error of outcomes.filter((outcome) => outcome instanceof Error))
    expect(error).toMatchObject({ code: 'store_unavailable' })
  line.recover()
  await heals()
})

it('FT-10 a locked table fails with store_unavailable in time, and works after the lock', async () => {
  const other = new pg.Client({ connectionString: url })
  await other.connect()
  await other.query('begin; lock table users in access exclusive mode')
  await expectUnavailable(() => store.users.find('demo', user.id))
  await other.query('rollback')
  await other.end()
  await heals()
})
