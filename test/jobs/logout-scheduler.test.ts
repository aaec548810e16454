/** Slow and failing servers of one developer delay no other tenant's logouts. */
import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { App } from '../../src/app/app.ts'
import { type OpenSigningKeys, openSigningKeys } from '../../src/broker/keys/signing-keys.ts'
import type { LogoutQueue } from '../../src/broker/ports/durable.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { signingAlgorithms } from '../../src/crypto/signing-algorithm.ts'
import { startBackchannel } from '../../src/jobs/backchannel-logout.ts'
import type { Delivery } from '../../src/jobs/queue-worker.ts'
import { type GuardedFetch, guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import { openBroker } from '../support/gatehouse/broker.ts'
import { type LogoutReceiver, startLogoutReceiver } from '../support/servers/logout-receiver.ts'
import { sampleApp } from '../support/store/samples.ts'

let queue: LogoutQueue
let keys: OpenSigningKeys
let slow: LogoutReceiver
let quick: LogoutReceiver
let outbound: GuardedFetch
let worker: Delivery | undefined
let offsetMs: number
const apps = new Map<string, App>()
const patience = { timeout: 60_000 }
let stoppedAt: number | undefined
const now = () => new Date((stoppedAt ?? Date.now()) + offsetMs)

beforeEach(async () => {
  offsetMs = 0
  stoppedAt = undefined
  const { parts } = await openBroker()
  queue = parts.logouts
  const policy = {
    algorithms: signingAlgorithms,
    rotateEverySeconds: undefined,
    publishAheadSeconds: 0,
    keepRetiredSeconds: 60,
  }
  keys = openSigningKeys({ store: parts.signingKeys, keyRing: new KeyRing([randomBytes(32)]), policy, now })
  ;[slow, quick] = [await startLogoutReceiver(), await startLogoutReceiver()]
  slow.behave('silent')
  // longer than any test: a delivery to the slow server never ends by itself
  outbound = guardedFetch({ allowPrivate: ['127.0.0.1'], timeoutMs: 60_000 })
  apps.clear()
  apps.set('victim', appOf('victim', quick, { tenant: 'beta', userId: 'bea' }))
})
afterEach(async () => {
  const stopped = worker?.stop()
  await slow.close() // ends what waits for it
  await stopped
  await Promise.all([quick.close(), outbound.close()])
})

const appOf = (id: string, { uri }: LogoutReceiver, owner: App['owner']) =>
  sampleApp({ id, backchannelLogoutUri: uri, owner, firstParty: false })

function start(fetch = outbound.fetch): void {
  const find = async (id: string) => apps.get(id) ?? null
  const problems = { onProblem: () => {}, random: randomBytes, issuer: 'https://gatehouse.test' }
  worker = startBackchannel({ ...problems, queue, apps: { find }, keys, fetch, now, everySeconds: 0.05 })
}

/** Apps with dead servers, and their logouts, all queued before the victim's. */
async function crowd(count: number, logoutsEach: number, ownerOf: (index: number) => App['owner']): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `slow-${index}`)
  for (const [index, id] of ids.entries()) apps.set(id, appOf(id, slow, ownerOf(index)))
  const logout = (appId: string, session: number) => ({ appId, subject: 'user', sid: `s${session}` })
  const logouts = ids.flatMap((id) => Array.from({ length: logoutsEach }, (_, session) => logout(id, session)))
  await queue.add(logouts, now())
}

const tellVictim = () => queue.add([{ appId: 'victim', subject: 'user', sid: 's' }], now())
const victimHeard = () => vi.waitFor(() => expect(quick.tokens).toHaveLength(1), patience)

describe('A12: 48 apps of one developer whose servers do not respond', () => {
  it('A12: do not delay the logout of another tenant', async () => {
    await crowd(48, 1, () => ({ tenant: 'acme', userId: 'mallory' }))
    start()
    await vi.waitFor(() => expect(slow.requests.length).toBeGreaterThan(0), patience)
    await tellVictim()
    await victimHeard()
    expect(slow.maxConcurrent()).toBeLessThanOrEqual(4)
  })

  it('A12: do not delay it with thousands of due logouts either', async () => {
    await crowd(48, 50, () => ({ tenant: 'acme', userId: 'mallory' }))
    await tellVictim()
    start()
    await victimHeard()
  })

  it('A12: share their tenant’s limit when many developers own them', async () => {
    await crowd(48, 1, (index) => ({ tenant: 'acme', userId: `developer-${index}` }))
    start()
    await tellVictim()
    await victimHeard()
    await vi.waitFor(() => expect(slow.requests.length).toBe(8), patience)
    expect(slow.maxConcurrent()).toBe(8)
  })
})

it('A12: failing apps of many tenants have a limit of their own', async () => {
  slow.behave(503)
  stoppedAt = Date.now() // no retry is due before the clock is moved
  await crowd(80, 1, (index) => ({ tenant: `tenant-${index}`, userId: 'mallory' }))
  start()
  await vi.waitFor(() => expect(slow.requests.length).toBe(80), patience)
  slow.behave('silent')
  offsetMs = 6000 // the retries are due
  await vi.waitFor(() => expect(slow.requests.length).toBe(96), patience)
  await tellVictim()
  await victimHeard()
  expect(slow.requests.length).toBe(96)
})

it('A12: a burst of logouts of one app is delivered completely', async () => {
  const logouts = Array.from({ length: 450 }, (_, session) => ({
    appId: 'victim',
    subject: 'user',
    sid: `s${session}`,
  }))
  await queue.add(logouts, now())
  start()
  await vi.waitFor(() => expect(quick.tokens).toHaveLength(450), patience)
})
