/** Logout tokens, and when they are sent, retried and dropped (Back-Channel Logout 1.0). */
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { retryDelaySeconds } from '../../src/jobs/backchannel-logout.ts'
import { guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import { type Backchannel, issuer, logout, openBackchannel, sids } from '../support/servers/backchannel.ts'
import { sampleApp } from '../support/store/samples.ts'

let backchannel: Backchannel
beforeEach(async () => {
  backchannel = await openBackchannel()
})
afterEach(() => backchannel.close())

describe('a back-channel logout', () => {
  it.each(['ES256', 'PS256', 'EdDSA'] as const)(
    'C3: is signed with %s if the ID tokens of the app are (Back-Channel Logout 1.0 2.4)',
    async (alg) => {
      const { apps, keys, now, queue, receiver, startWorker } = backchannel
      apps.set('notes', sampleApp({ id: 'notes', backchannelLogoutUri: receiver.uri, idTokenSignedResponseAlg: alg }))
      await queue.add([logout('s-1')], now())
      startWorker()
      await expect.poll(() => receiver.tokens.length).toBe(1)
      const published = (await keys.current()).keys.map(({ d, p, q, dp, dq, qi, ...key }) => key)
      const checks = { issuer, audience: 'notes', algorithms: [alg], currentDate: now() }
      await jwtVerify(receiver.tokens[0] ?? '', createLocalJWKSet({ keys: published }), checks)
    },
  )

  it('OP-51 is a form with a logout token: typed, signed, short-lived, for one app and session', async () => {
    const { keys, now, queue, receiver, startWorker } = backchannel
    await queue.add([logout('s-1')], now())
    startWorker()
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
      currentDate: now(),
      maxTokenAge: 120,
    })
    expect(protectedHeader.kid).toBe((await keys.current()).keys[0]?.kid)
    expect(payload).toEqual({
      iss: issuer,
      aud: 'notes',
      sub: 'user-1',
      sid: 's-1',
      iat: now().getTime() / 1000,
      exp: now().getTime() / 1000 + 120,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    })
    expect(payload).not.toHaveProperty('nonce')
  })

  it('is sent on wake and removed after 200 and 204', async () => {
    const { countLeft, now, problems, queue, receiver, startWorker } = backchannel
    const worker = startWorker()
    for (const status of [200, 204]) {
      receiver.behave(status)
      await queue.add([logout(`s-${status}`)], now())
      worker.wake()
      await expect.poll(() => receiver.tokens.length).toBe(status === 200 ? 1 : 2)
    }
    await worker.stop()
    expect(await countLeft()).toBe(0)
    expect(problems).toEqual([])
  })

  it('is sent without a wake, since another process may have queued it', async () => {
    const { now, queue, receiver, startWorker } = backchannel
    startWorker({ everySeconds: 0.05 })
    await queue.add([logout('s-1')], now())
    await expect.poll(() => receiver.tokens.length).toBe(1)
  })

  it('is retried after 500 with a new token until the app accepts it', async () => {
    const { now, passSeconds, problems, queue, receiver, startWorker } = backchannel
    receiver.behave(500)
    await queue.add([logout('s-1')], now())
    const worker = startWorker()
    await expect.poll(() => problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^logout \S+ for app notes \(attempt 1\) was not delivered; next try in 5 s$/)
    await worker.stop()
    receiver.behave(200)
    passSeconds(4)
    await startWorker().stop()
    expect(receiver.tokens).toHaveLength(1)
    passSeconds(1)
    startWorker()
    await expect.poll(() => receiver.tokens.length).toBe(2)
    expect(sids(receiver)).toEqual(['s-1', 's-1'])
    expect(new Set(receiver.tokens.map((token) => decodeJwt(token).jti)).size).toBe(2)
  })

  it.each(['redirect', 400, 302] as const)('is not delivered by a response of %s', async (how) => {
    const { now, problems, queue, receiver, startWorker } = backchannel
    receiver.behave(how)
    await queue.add([logout('s-1')], now())
    startWorker()
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
    const { countLeft, now, passSeconds, problems, queue, receiver, startWorker } = backchannel
    receiver.behave(500)
    await queue.add([logout('s-1')], now())
    for (let attempt = 0; attempt < 28; attempt++) {
      const worker = startWorker()
      await expect.poll(() => problems.length).toBe(attempt + 1)
      await worker.stop()
      passSeconds(3600)
    }
    expect(problems.at(-1)).toMatch(/\(attempt 28\) was not delivered and is given up$/)
    expect(await countLeft()).toBe(0)
  })

  it('is dropped when the app or its logout URI is gone', async () => {
    const { apps, countLeft, now, problems, queue, receiver, startWorker } = backchannel
    apps.set('deaf', sampleApp({ id: 'deaf', backchannelLogoutUri: undefined }))
    await queue.add([logout('s-1', 'gone'), logout('s-2', 'deaf'), logout('s-3')], now())
    const worker = startWorker()
    await expect.poll(() => sids(receiver)).toEqual(['s-3'])
    await worker.stop()
    expect(await countLeft()).toBe(0)
    expect(problems).toEqual([])
  })

  it('CF-01 is never sent to a private address', async () => {
    const { now, problems, queue, receiver, startWorker } = backchannel
    const guarded = guardedFetch({ timeoutMs: 1000 })
    await queue.add([logout('s-1')], now())
    startWorker({ fetch: guarded.fetch })
    await expect.poll(() => problems).toHaveLength(1)
    await guarded.close()
    expect(receiver.requests).toEqual([])
  })
})
