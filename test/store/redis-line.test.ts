/** Redis is well, the line to it is not. */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { VolatileStore } from '../../src/broker/ports/volatile.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import { type FaultyProxy, startFaultyProxy, throughProxy } from '../support/servers/faulty-proxy.ts'
import { sharedRedis } from '../support/servers/servers.ts'
import { expectUnavailable, keyRing, sampleSession } from '../support/store/samples.ts'

const session = sampleSession()
let url: string
let line: FaultyProxy
let store: VolatileStore
beforeAll(async () => {
  url = await sharedRedis()
})
beforeEach(async () => {
  line = await startFaultyProxy(Number(new URL(url).port))
  store = openRedis({ url: throughProxy(url, line), keyRing, now: () => new Date(), onUnavailable: () => {} })
  await store.sessions.put(session)
})
afterEach(async () => {
  await store.close()
  await line.close()
})

/** Promised: 5 s, on a machine that has nothing else to do. */
const heals = () =>
  vi.waitFor(async () => expect(await store.sessions.find(session.id)).toEqual(session), { timeout: 15_000 })

it.each([
  ['FT-02 that swallows everything', { kind: 'blackhole' }],
  ['FT-03 that is slow by 5 s', { kind: 'slow', byMs: 5000 }],
  ['FT-05 that is cut', { kind: 'cut' }],
  ['FT-06 that makes noise of every answer', { kind: 'garbage' }],
] as const)('a connection to Redis %s fails with store_unavailable in time, and recovers', async (_, ill) => {
  line.fail(ill)
  await expectUnavailable(() => store.ping())
  await expectUnavailable(() => store.sessions.find(session.id))
  await expectUnavailable(() => store.transactions.take('state'))
  await Promise.all(Array.from({ length: 20 }, () => expectUnavailable(() => store.counters.hit('key', 60))))
  line.recover()
  await heals()
})

it('FT-03 a connection to Redis that is slow by 400 ms works', async () => {
  line.fail({ kind: 'slow', byMs: 400 })
  expect(await store.sessions.find(session.id)).toEqual(session)
})

it('FT-07 an unstable connection to Redis never makes a session unknown', async () => {
  const outcomes: unknown[] = []
  for (let round = 0; round < 12; round += 1) {
    if (round % 2 === 0) line.fail({ kind: 'cut' })
    else line.recover()
    const asked = Array.from({ length: 5 }, () => store.sessions.find(session.id).catch((error: unknown) => error))
    outcomes.push(...(await Promise.all(asked)))
    await sleep(60)
  }
  for (const outcome of outcomes)
    expect(outcome).toSatisfy((it: unknown) => it instanceof Error || isDeepStrictEqual(it, session))
  for (const error of outcomes.filter((outcome) => outcome instanceof Error))
    expect(error).toMatchObject({ code: 'store_unavailable' })
  line.recover()
  await heals()
})
