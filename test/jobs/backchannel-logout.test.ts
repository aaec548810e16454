import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../src/app/app.ts'
import { type OpenSigningKeys, openSigningKeys } from '../../src/broker/keys/signing-keys.ts'
import type { LogoutQueue } from '../../src/broker/ports/logout-queue.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { signingAlgorithms } from '../../src/crypto/signing-algorithm.ts'
import { type BackchannelOptions, retryDelaySeconds, startBackchannel } from '../../src/jobs/backchannel-logout.ts'
import type { Delivery } from '../../src/jobs/queue-worker.ts'
import { type GuardedFetch, guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import { openBroker } from '../support/gatehouse/broker.ts'
import { type LogoutReceiver, startLogoutReceiver } from '../support/servers/logout-receiver.ts'
import { sampleApp } from '../support/store/samples.ts'

const issuer = 'https://gatehouse.test'
let now: Date
let queue: LogoutQueue
let keys: OpenSigningKeys
let receiver: LogoutReceiver
let other: LogoutReceiver
let outbound: GuardedFetch
let apps: Map<string, App>
let problems: string[]
let workers: Delivery[]

beforeEach(async () => {
  now = new Date('2026-01-15T12:00:00Z')
  const { parts } = await openBroker()
  queue = parts.logouts
  const policy = {
    algorithms: signingAlgorithms,
    rotateEverySeconds: undefined,
    publishAheadSeconds: 0,
    keepRetiredSeconds: 60,
  }
  keys = openSigningKeys({ store: parts.signingKeys, keyRing: new KeyRing([randomBytes(32)]), policy, now: () => now })
  ;[receiver, other] = [await startLogoutReceiver(), await startLogoutReceiver()]
  outbound = guardedFetch({ allowPrivate: ['127.0.0.1'], timeoutMs: 3000 })
  apps = new Map([
    ['notes', sampleApp({ id: 'notes', backchannelLogoutUri: receiver.uri })],
    ['maps', sampleApp({ id: 'maps', backchannelLogoutUri: other.uri })],
  ])
  problems = []
  workers = []
})
afterEach(async () => {
  receiver.release()
  other.release()
  await Promise.all(workers.map((worker) => worker.stop()))
  await Promise.all([receiver.close(), other.close(), outbound.close()])
})

/** It looks at the queue only when kicked, unless a test wants otherwise. */
function hire(changes: Partial<BackchannelOptions> = {}): Delivery {
  const worker = startBackchannel({
    queue,
    apps: { find: async (id) => apps.get(id) ?? null },
    keys,
    issuer,
    fetch: outbound.fetch,
    now: () => now,
    random: randomBytes,
    onProblem: (sentence) => problems.push(sentence),
    everySeconds: 3600,
    ...changes,
  })
  workers.push(worker)
  return worker
}

const inTheFuture = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000)
}
const logout = (sid: string, appId = 'notes') => ({ appId, subject: 'user-1', sid })
const logouts = (count: number, appId = 'notes') =>
  Array.from({ length: count }, (_, index) => logout(`s${index}`, appId))
const sids = ({ tokens }: LogoutReceiver) => tokens.map((token) => String(decodeJwt(token)['sid']))

/** How many are left, however long they still wait. Takes them. */
async function left(): Promise<number> {
  const farAway = new Date(now.getTime() + 86_400_000_000)
  return (await queue.claim(farAway, new Date(farAway.getTime() + 1000), 500)).length
}

describe('a back-channel logout', () => {
  it.each(['ES256', 'PS256', 'EdDSA'] as const)(
    'C3: is signed with %s if the ID tokens of the app are (Back-Channel Logout 1.0 2.4)',
    async (alg) => {
      apps.set('notes', sampleApp({ id: 'notes', backchannelLogoutUri: receiver.uri, idTokenSignedResponseAlg: alg }))
      await queue.add([logout('s-1')], now)
      hire()
      await expect.poll(() => receiver.tokens.length).toBe(1)
      const published = (await keys.current()).keys.map(({ d, p, q, dp, dq, qi, ...key }) => key)
      const checks = { issuer, audience: 'notes', algorithms: [alg], currentDate: now }
      await jwtVerify(receiver.tokens[0] ?? '', createLocalJWKSet({ keys: published }), checks)
    },
  )

  it('OP-51 is a form with a logout token: typed, signed, short-lived, for one app and session', async () => {
    await queue.add([logout('s-1')], now)
    hire()
    await expect.poll(() => receiver.tokens.length).toBe(1)
    expect(receiver.requests).toEqual([
      { method: 'POST', type: 'application/x-www-form-urlencoded;charset=UTF-8', fields: ['logout_token'] },
    ])
    const jwks = createLocalJWKSet({ keys: (await keys.current()).keys.map(({ d, p, q, dp, dq, qi, ...key }) => key) })
    const { payload, protectedHeader } = await jwtVerify(receiver.tokens[0] ?? '', jwks, {
      issuer,
      audience: 'notes',
      subject: 'user-1',
      typ: 'logout+jwt',
      algorithms: ['RS256'],
      currentDate: now,
      maxTokenAge: 120,
    })
    expect(protectedHeader.kid).toBe((await keys.current()).keys[0]?.kid)
    expect(payload).toEqual({
      iss: issuer,
      aud: 'notes',
      sub: 'user-1',
      sid: 's-1',
      iat: now.getTime() / 1000,
      exp: now.getTime() / 1000 + 120,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    expect(payload).not.toHaveProperty('nonce')
  })

  it('is sent on wake and removed after 200 and 204', async () => {
    const worker = hire()
    for (const status of [200, 204]) {
      receiver.behave(status)
      await queue.add([logout(`s-${status}`)], now)
      worker.wake()
      await expect.poll(() => receiver.tokens.length).toBe(status === 200 ? 1 : 2)
    }
    await worker.stop()
    expect(await left()).toBe(0)
    expect(problems).toEqual([])
  })

  it('is sent without a wake, since another process may have queued it', async () => {
    hire({ everySeconds: 0.05 })
    await queue.add([logout('s-1')], now)
    await expect.poll(() => receiver.tokens.length).toBe(1)
  })

  it('is retried after 500 with a new token until the app accepts it', async () => {
    receiver.behave(500)
    await queue.add([logout('s-1')], now)
    const worker = hire()
    await expect.poll(() => problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^logout \S+ for app notes \(attempt 1\) was not delivered; next try in 5 s$/)
    await worker.stop()
    receiver.behave(200)
    inTheFuture(4)
    await hire().stop()
    expect(receiver.tokens).toHaveLength(1)
    inTheFuture(1)
    hire()
    await expect.poll(() => receiver.tokens.length).toBe(2)
    expect(sids(receiver)).toEqual(['s-1', 's-1'])
    expect(new Set(receiver.tokens.map((token) => decodeJwt(token).jti)).size).toBe(2)
  })

  it.each(['redirect', 400, 302] as const)('is not delivered by a response of %s', async (how) => {
    receiver.behave(how)
    await queue.add([logout('s-1')], now)
    hire()
    await expect.poll(() => problems).toHaveLength(1)
    expect(receiver.requests).toHaveLength(1)
  })

  it('is retried for a day with growing delays, then given up', () => {
    const delays = Array.from({ length: 40 }, (_, attempts) => retryDelaySeconds(attempts))
    expect(delays.slice(0, 6)).toEqual([5, 30, 120, 600, 3600, 3600])
    const tried = delays.filter((delay) => delay !== null)
    expect(tried.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(86_400)
    expect(tried.length).toBe(27)
    expect(delays.slice(tried.length).every((delay) => delay === null)).toBe(true)
  })

  it('is logged without the token when it is given up after a day', async () => {
    receiver.behave(500)
    await queue.add([logout('s-1')], now)
    for (let attempt = 0; attempt < 28; attempt++) {
      const worker = hire()
      await expect.poll(() => problems.length).toBe(attempt + 1)
      await worker.stop()
      inTheFuture(3600)
    }
    expect(problems.at(-1)).toMatch(/\(attempt 28\) was not delivered and is given up$/)
    expect(await left()).toBe(0)
  })

  it('is dropped when the app or its logout URI is gone', async () => {
    apps.set('deaf', sampleApp({ id: 'deaf', backchannelLogoutUri: undefined }))
    await queue.add([logout('s-1', 'gone'), logout('s-2', 'deaf'), logout('s-3')], now)
    const worker = hire()
    await expect.poll(() => sids(receiver)).toEqual(['s-3'])
    await worker.stop()
    expect(await left()).toBe(0)
    expect(problems).toEqual([])
  })

  it('CF-01 is never sent to a private address', async () => {
    const guarded = guardedFetch({ timeoutMs: 1000 })
    await queue.add([logout('s-1')], now)
    hire({ fetch: guarded.fetch })
    await expect.poll(() => problems).toHaveLength(1)
    await guarded.close()
    expect(receiver.requests).toEqual([])
  })
})

describe('the delivery of back-channel logouts', () => {
  it('sends an app the logouts of 50 sessions one at a time, each once', async () => {
    await queue.add(logouts(50), now)
    const worker = hire()
    await expect.poll(() => receiver.tokens.length).toBe(50)
    await worker.stop()
    expect(new Set(sids(receiver)).size).toBe(50)
    expect(receiver.maxConcurrent()).toBe(1)
    expect(await left()).toBe(0)
  })

  it('delivers to other apps while one does not respond, however many logouts it has', async () => {
    receiver.behave('silent')
    await queue.add([...logouts(50), ...logouts(20, 'maps')], now)
    hire()
    await expect.poll(() => other.tokens.length).toBe(20)
    expect(receiver.tokens).toHaveLength(1)
  })

  it('calls a failing app once, not once per logout, and delivers all when it recovers', async () => {
    receiver.behave(503)
    await queue.add(logouts(50), now)
    const ill = hire()
    await expect.poll(() => problems).toHaveLength(1)
    await ill.stop()
    expect(receiver.requests).toHaveLength(1)
    receiver.behave(200)
    inTheFuture(5)
    const worker = hire()
    await expect.poll(() => new Set(sids(receiver)).size).toBe(50)
    await worker.stop()
    expect(await left()).toBe(0)
  })

  it('delivers the other logouts of an app that refuses one', async () => {
    receiver.behave(400)
    await queue.add(logouts(3), now)
    hire()
    await expect.poll(() => receiver.requests.length).toBe(3)
  })

  it('sends the logouts of a killed process again after their lease', async () => {
    await queue.add([logout('s-1')], now)
    await queue.claim(now, new Date(now.getTime() + 180_000), 10) // and dies
    const worker = hire()
    await worker.stop()
    expect(receiver.tokens).toEqual([])
    inTheFuture(181)
    hire()
    await expect.poll(() => sids(receiver)).toEqual(['s-1'])
  })

  it('delivers each logout once with three processes on one queue', async () => {
    await queue.add([...logouts(30), ...logouts(30, 'maps')], now)
    for (let turn = 0; turn < 3; turn++) hire()
    await expect.poll(() => receiver.tokens.length + other.tokens.length).toBe(60)
    await Promise.all(workers.map((worker) => worker.stop()))
    expect([new Set(sids(receiver)).size, new Set(sids(other)).size]).toEqual([30, 30])
  })

  it('finishes running deliveries on stop and gives back the rest', async () => {
    receiver.behave('silent')
    await queue.add(logouts(5), now)
    const worker = hire()
    await expect.poll(() => receiver.tokens.length).toBe(1)
    const stopped = worker.stop()
    receiver.behave(200)
    receiver.release()
    await stopped
    expect(receiver.tokens).toHaveLength(1)
    hire()
    await expect.poll(() => receiver.tokens.length).toBe(5)
    expect(new Set(sids(receiver)).size).toBe(5)
  })

  it('logs an outage of the store once and continues after it', async () => {
    let away = true
    let looks = 0
    const claim: LogoutQueue['claim'] = async (...asked) => {
      looks += 1
      if (away) throw new Error('no store')
      return queue.claim(...asked)
    }
    await queue.add([logout('s-1')], now)
    const worker = hire({ queue: { ...queue, claim } })
    await expect.poll(() => problems).toEqual(['the logout queue cannot be read; it is tried again'])
    worker.wake()
    await expect.poll(() => looks).toBe(2)
    away = false
    worker.wake()
    await expect.poll(() => sids(receiver)).toEqual(['s-1'])
    expect(problems).toHaveLength(1)
  })
})
