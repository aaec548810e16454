import { describe, expect, it } from 'vitest'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { secretHash, tokenId } from '../../../src/crypto/token.ts'
import type { ConnectionContext } from '../../../src/provider/provider.ts'
import { notSignedIn } from '../../support/broker/not-signed-in.ts'
import { ann, begin, brokerWith, finish, outcomeOf, stateIn } from '../../support/broker/run-login.ts'
import { browser, codeOf, loginRequest, openBroker, stubProvider, traceOf } from '../../support/gatehouse/broker.ts'

describe('a login', async () => {
  const broker = await openBroker()

  it('runs from the connection to a session and the destination', async () => {
    const started = await startLogin(broker.parts, loginRequest({ returnTo: '/account?tab=2' }))
    const finished = await finish(broker, { state: stateIn(started), ...ann })
    if (finished.outcome !== 'signed in') throw notSignedIn(finished)
    expect(finished.resume).toMatchObject({ returnTo: 'https://gatehouse.test/account?tab=2', connection: 'okta' })
    expect(finished.session).toMatchObject({
      id: tokenId(finished.token),
      tenant: 'acme',
      connection: 'okta',
      kind: 'okta',
      profile: { name: 'Ann' },
      acr: 'high',
      amr: ['mfa'],
      device: 'Firefox on Linux',
    })
    expect(await broker.parts.sessions.find(finished.session.id)).toEqual(finished.session)
  })

  it('has one trace, found by the reference, with steps, times, decision and reasons', async () => {
    const slow = await brokerWith({
      begin: async () => slow.pass(2),
      complete: ({ record }) => record.step('token exchange', async () => slow.pass(3)),
    })
    const began = slow.parts.now()
    const started = await startLogin(slow.parts, loginRequest())
    if (started.outcome !== 'begun') throw started.error
    expect(traceOf(slow, started.resume.reference)).toMatchObject({ outcome: 'started', startedAt: began })
    slow.pass(30)
    const finished = await finish(slow, { state: stateIn(started), ...ann })
    if (finished.outcome !== 'signed in') throw notSignedIn(finished)
    expect(finished.resume.reference).toBe(started.resume.reference)
    expect(slow.traces).toHaveLength(2)
    const trace = traceOf(slow, started.resume.reference)
    expect(trace).toMatchObject({ outcome: 'signed in', userId: finished.session.userId, startedAt: began })
    expect(trace.reasons).toEqual([
      'connection okta sent no email',
      'the identity is unknown and no user has proven this email: a new user',
    ])
    expect(trace.steps.map(({ name, atMs, tookMs }) => [name, atMs, tookMs])).toEqual([
      ['begin', 0, 2000],
      ['first use', 32_000, 0],
      ['same connection', 32_000, 0],
      ['same browser', 32_000, 0],
      ['in time', 32_000, 0],
      ['complete', 32_000, 3000],
      ['token exchange', 32_000, 3000],
      ['user', 35_000, 0],
      ['session', 35_000, 0],
    ])
    expect(trace.steps.find(({ name }) => name === 'complete')?.checks).toEqual([{ name: 'memo', ok: true }])
  })

  it('LK-01 keeps state, memo, tokens and browser secret out of traces', async () => {
    const state = await begin(broker)
    const finished = await finish(broker, { state, code: 'canary-code', ...ann })
    if (finished.outcome !== 'signed in') throw notSignedIn(finished)
    const written = JSON.stringify(broker.traces)
    for (const secret of [state, secretHash(state), 'canary', finished.token, finished.session.id, browser])
      expect(written).not.toContain(secret)
  })

  it('signs a known person in as the same user', async () => {
    const [one, other] = [
      await finish(broker, { state: await begin(broker), ...ann }),
      await finish(broker, { state: await begin(broker), ...ann }),
    ]
    if (one.outcome !== 'signed in' || other.outcome !== 'signed in') throw new Error('refused')
    expect(other.session.userId).toBe(one.session.userId)
    expect(other.session.id).not.toBe(one.session.id)
    const facts = [one.facts, other.facts].map(({ hasSignedIn, isDeletionRequested }) => [
      hasSignedIn,
      isDeletionRequested,
    ])
    expect(facts).toEqual([
      [true, false],
      [true, false],
    ])
    const stranger = await finish(broker, { state: await begin(broker), subject: 'stranger' })
    expect(stranger.outcome === 'signed in' && stranger.facts.hasSignedIn).toBe(false)
  })

  it('SE-11 runs beside others in the same browser: ten tabs reach their own destinations in any order', async () => {
    const targets = Array.from({ length: 10 }, (_, tab) => `https://gatehouse.test/tab/${tab}`)
    const states = await Promise.all(targets.map((returnTo) => begin(broker, { returnTo })))
    const ends = await Promise.all(states.toReversed().map((state) => finish(broker, { state, ...ann })))
    expect(ends.map((end) => end.resume?.returnTo)).toEqual(targets.toReversed())
    expect(ends.map(outcomeOf)).toEqual(targets.map(() => 'signed in'))
  })

  it('passes login_hint and prompt to the connection', async () => {
    const asked: unknown[] = []
    const recorded = await brokerWith({
      begin: async ({ loginHint, reauthenticate, state }) => {
        asked.push({ loginHint, reauthenticate, length: state.length })
      },
    })
    await begin(recorded, { loginHint: 'ann@acme.test', reauthenticate: true })
    expect(asked).toEqual([{ loginHint: 'ann@acme.test', reauthenticate: true, length: 43 }])
  })
})

describe('a login at an upstream without auth_time', () => {
  it.each([
    [undefined, 'wished for', { reauthenticate: true }, undefined],
    [undefined, 'not wished for', {}, 'unasked'],
    [false, 'wished for', { reauthenticate: true }, 'asked'],
    [false, 'not wished for', {}, 'unasked'],
  ] as const)(
    'OP-30 reauthenticates: %j, %s: the server knows what was asked',
    async (proves, _, linkRequest, unstated) => {
      const broker = await openBroker({ providers: [connectionThatProves(proves)] })
      const finished = await finish(broker, { state: await begin(broker, linkRequest), ...ann })
      if (finished.outcome !== 'signed in') throw new Error('refused')
      expect(finished.session.unprovenSignIn).toBe(unstated)
      expect((await broker.parts.sessions.find(finished.session.id))?.unprovenSignIn).toBe(unstated)
    },
  )

  function connectionThatProves(proves: false | undefined) {
    const connection = stubProvider()
    const weak = proves === false && { traits: { providesAuthTime: proves } }
    return {
      ...connection,
      open: (config: unknown, context: ConnectionContext) => ({ ...connection.open(config, context), ...weak }),
    }
  }
})

describe('an invalid login request', async () => {
  const broker = await openBroker()
  it.each([
    ['an unknown tenant', { tenant: 'evil' }, 'connection_unknown'],
    ['a tenant named like a property', { tenant: '__proto__' }, 'connection_unknown'],
    ['an unknown connection', { connection: 'evil' }, 'connection_unknown'],
    ['OP-27 a foreign return address', { returnTo: 'https://evil.test/' }, 'return_to_refused'],
  ])('for %s is rejected before any request or write', async (_, changes, code) => {
    expect(await codeOf(startLogin(broker.parts, loginRequest(changes)))).toBe(code)
    expect(broker.traces).toEqual([])
  })
})
