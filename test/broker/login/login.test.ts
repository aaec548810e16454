import { describe, expect, it } from 'vitest'
import { blockUser, unblockUser } from '../../../src/broker/identity/block-user.ts'
import { identityName } from '../../../src/broker/identity/sign-in-methods.ts'
import { unlinkIdentity } from '../../../src/broker/identity/unlink-identity.ts'
import { finishLogin } from '../../../src/broker/login/finish-login.ts'
import type { Finished, Started } from '../../../src/broker/login/outcome.ts'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { endAllOtherSessions, revokeAllAccess } from '../../../src/broker/session/end-session.ts'
import { secretHash, tokenId } from '../../../src/crypto/token.ts'
import { GatehouseError } from '../../../src/errors.ts'
import type { ConnectionContext } from '../../../src/provider/provider.ts'
import {
  type Broker,
  browser,
  callback,
  codeOf,
  connectionSettings,
  loginRequest,
  openBroker,
  type StubHooks,
  stubProvider,
  tenantOf,
  traceOf,
} from '../../support/gatehouse/broker.ts'

const ann = { subject: 'ann', name: 'Ann' }

/** The state of a login that began, as the upstream sees it. */
function stateIn(started: Started): string {
  if (started.outcome !== 'begun' || started.challenge.step !== 'redirect') throw new Error(`it ${started.outcome}`)
  return started.challenge.url.searchParams.get('state') ?? ''
}

async function begin(broker: Broker, changes = {}): Promise<string> {
  return stateIn(await startLogin(broker.parts, loginRequest(changes)))
}

const finish = (broker: Broker, parameters: Record<string, string>, changes = {}) =>
  finishLogin(broker.parts, callback(parameters, changes))

const outcomeOf = (finished: Finished | Started) =>
  finished.outcome === 'refused' ? finished.error.code : finished.outcome

async function brokerWith(work: Partial<StubHooks>): Promise<Broker> {
  return openBroker({ providers: [stubProvider(work)] })
}

describe('a login', async () => {
  const broker = await openBroker()

  it('runs from the connection to a session and the destination', async () => {
    const started = await startLogin(broker.parts, loginRequest({ returnTo: '/account?tab=2' }))
    const finished = await finish(broker, { state: stateIn(started), ...ann })
    if (finished.outcome !== 'signed in') throw finished.error
    expect(finished.resume).toMatchObject({ returnTo: 'https://gatehouse.test/account?tab=2', connection: 'gate' })
    expect(finished.session).toMatchObject({
      id: tokenId(finished.token),
      tenant: 'acme',
      connection: 'gate',
      kind: 'gate',
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
    expect(traceOf(slow, started.resume.reference)).toMatchObject({ outcome: 'begun', startedAt: began })
    slow.pass(30)
    const finished = await finish(slow, { state: stateIn(started), ...ann })
    if (finished.outcome !== 'signed in') throw finished.error
    expect(finished.resume.reference).toBe(started.resume.reference)
    expect(slow.traces).toHaveLength(2)
    const trace = traceOf(slow, started.resume.reference)
    expect(trace).toMatchObject({ outcome: 'signed in', userId: finished.session.userId, startedAt: began })
    expect(trace.reasons).toEqual([
      'connection gate told no email',
      'nobody has this identity, nobody has proven this email: a new user',
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
    if (finished.outcome !== 'signed in') throw finished.error
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
    'OP-30 proves anew: %j, %s: the server knows what was asked',
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
  ])('for %s is refused before anything is asked or kept', async (_, changes, code) => {
    expect(await codeOf(startLogin(broker.parts, loginRequest(changes)))).toBe(code)
    expect(broker.traces).toEqual([])
  })
})

describe('a callback', async () => {
  const tenants = [
    tenantOf([connectionSettings({ id: 'gate' }), connectionSettings({ id: 'second' })]),
    tenantOf([connectionSettings({ id: 'gate' })], { id: 'other' }),
  ]
  const broker = await openBroker({ tenants })

  it('RP-39 sent 50 times at once signs in once; repeats are rejected, and rate limited from the 21st on', async () => {
    const started = await startLogin(broker.parts, loginRequest())
    const state = stateIn(started)
    const ends = await Promise.all(Array.from({ length: 50 }, () => finish(broker, { state, subject: 'crowd' })))
    const outcomes = ends.map(outcomeOf)
    expect(outcomes.filter((outcome) => outcome === 'signed in')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === 'login_used')).toHaveLength(19)
    expect(outcomes.filter((outcome) => outcome === 'too_many_attempts')).toHaveLength(30)
    const [winner] = ends.filter((end) => end.outcome === 'signed in')
    if (winner?.outcome !== 'signed in') throw new Error('nobody won')
    expect(await broker.parts.sessions.list('acme', winner.session.userId)).toHaveLength(1)
    expect(traceOf(broker, winner.resume.reference).outcome).toBe('signed in')
  })

  it('SE-12 sent again still has its destination and a trace of its own', async () => {
    const state = await begin(broker, { returnTo: '/after' })
    const first = await finish(broker, { state, ...ann })
    const again = await finish(broker, { state, ...ann })
    expect(outcomeOf(again)).toBe('login_used')
    if (again.outcome !== 'refused') throw new Error('signed in twice')
    expect(again.resume).toEqual(first.resume)
    expect(again.reference).not.toBe(first.resume?.reference)
    expect(traceOf(broker, again.reference)).toMatchObject({ outcome: 'refused', code: 'login_used', fixer: 'user' })
    expect(traceOf(broker, first.resume?.reference ?? '').outcome).toBe('signed in')
  })

  it.each([
    ['RP-39 SE-02 in another browser', { browser: 'another' }, 'login_other_browser'],
    ['RP-39 in a browser without our cookie', { browser: undefined }, 'login_other_browser'],
    ['RP-37 at another gate of the tenant', { connection: 'second' }, 'login_connection_mismatch'],
    ['RP-38 at another tenant', { tenant: 'other' }, 'login_connection_mismatch'],
    ['RP-38 at a gate that is not there', { connection: 'evil' }, 'login_connection_mismatch'],
  ])('%s is refused, asks the upstream nothing, and spends the login', async (_, changes, code) => {
    let asked = 0
    const recorded = await openBroker({
      tenants,
      providers: [
        stubProvider({
          complete: async () => {
            asked++
          },
        }),
      ],
    })
    const state = await begin(recorded, { returnTo: '/after' })
    const refused = await finish(recorded, { state, ...ann }, changes)
    expect(outcomeOf(refused)).toBe(code)
    expect(refused.resume?.returnTo).toBe('https://gatehouse.test/after')
    if (refused.outcome !== 'refused') throw new Error('signed in')
    const trace = traceOf(recorded, refused.reference)
    expect(trace).toMatchObject({ outcome: 'refused', code })
    expect(trace.steps.flatMap(({ checks }) => checks).filter(({ ok }) => !ok)).toHaveLength(1)
    expect(outcomeOf(await finish(recorded, { state, ...ann }))).toBe('login_used')
    expect(asked).toBe(0)
  })

  it('RP-39 after ten minutes is rejected, and keeps its destination for a day', async () => {
    const [soon, late, gone] = [await begin(broker), await begin(broker), await begin(broker)]
    broker.pass(599)
    expect(outcomeOf(await finish(broker, { state: soon, ...ann }))).toBe('signed in')
    broker.pass(1)
    const refused = await finish(broker, { state: late, ...ann })
    expect(outcomeOf(refused)).toBe('login_expired')
    expect(refused.resume?.returnTo).toBe('https://gatehouse.test/account')
    broker.pass(86_400)
    const forgotten = await finish(broker, { state: gone, ...ann })
    expect([outcomeOf(forgotten), forgotten.resume]).toEqual(['login_unknown', undefined])
  })

  it.each([
    ['no state', {}, '0 states'],
    ['an empty state', { state: '' }, 'an unknown state'],
    ['a state that is none of ours', { state: 'x' }, 'an unknown state'],
    ['a state nobody was given', { state: 'a'.repeat(43) }, 'an unknown state'],
    ['OP-53 a state of 100 kB', { state: 'a'.repeat(100_000) }, 'an unknown state'],
  ])('RP-36 with %s belongs to no login, and its trace says so', async (_, parameters, got) => {
    const refused = await finish(broker, { ...parameters, ...ann })
    if (refused.outcome !== 'refused') throw new Error('signed in')
    expect([refused.error.code, refused.resume]).toEqual(['login_unknown', undefined])
    const trace = traceOf(broker, refused.reference)
    expect(trace).toMatchObject({ outcome: 'refused', code: 'login_unknown', tenant: 'acme', connection: 'gate' })
    expect(trace.steps).toMatchObject([{ name: 'state', checks: [{ ok: false, got }] }])
    expect(JSON.stringify(trace).length).toBeLessThan(1000)
  })

  it('RP-36 with two state parameters matches no login and does not consume it', async () => {
    const state = await begin(broker)
    const parameters = new URLSearchParams([
      ['state', state],
      ['state', state],
    ])
    expect(outcomeOf(await finish(broker, {}, { parameters }))).toBe('login_unknown')
    expect(outcomeOf(await finish(broker, { state, ...ann }))).toBe('signed in')
  })

  it('for an unknown connection is rejected, with or without a state', async () => {
    expect(await codeOf(finish(broker, { ...ann }, { connection: 'evil' }))).toBe('connection_unknown')
    expect(await codeOf(finish(broker, { state: 'a'.repeat(43) }, { tenant: 'evil' }))).toBe('connection_unknown')
  })
})

describe('a failing login', () => {
  it("reports the upstream's error by code, with the reference of the trace", async () => {
    const broker = await openBroker()
    const state = await begin(broker)
    const refused = await finish(broker, { state, error: 'access_denied' })
    if (refused.outcome !== 'refused') throw new Error('signed in')
    expect(refused.error.code).toBe('user_denied')
    expect(traceOf(broker, refused.reference)).toMatchObject({
      outcome: 'refused',
      code: 'user_denied',
      fixer: 'user',
      steps: expect.arrayContaining([
        expect.objectContaining({ name: 'complete', note: 'the upstream says that the person said no' }),
      ]),
    })
  })

  it('FT-15 fails at the start if the upstream is down, and stores nothing', async () => {
    const error = new GatehouseError('upstream_unreachable', 'discovery failed', { retryAfterSeconds: 7 })
    const broker = await brokerWith({ begin: () => Promise.reject(error) })
    const refused = await startLogin(broker.parts, loginRequest({ returnTo: '/after' }))
    if (refused.outcome !== 'refused') throw new Error('begun')
    expect(refused.error).toBe(error)
    expect(refused.resume?.returnTo).toBe('https://gatehouse.test/after')
    expect(traceOf(broker, refused.reference)).toMatchObject({ outcome: 'refused', code: 'upstream_unreachable' })
  })

  it.each([
    ['an error', new TypeError('canary-token is not a function')],
    ['a text', 'canary-token'],
    ['nothing', undefined],
  ])('%s thrown by a fault of ours becomes internal, with a reference and without its words', async (_, thrown) => {
    const broker = await brokerWith({ complete: () => Promise.reject(thrown) })
    const refused = await finish(broker, { state: await begin(broker), ...ann })
    if (refused.outcome !== 'refused') throw new Error('signed in')
    expect(refused.error).toMatchObject({ code: 'internal', cause: thrown })
    expect(traceOf(broker, refused.reference)).toMatchObject({ code: 'internal', fixer: 'operator' })
    expect(JSON.stringify(broker.traces)).not.toContain('canary')
  })

  it('FT-01 fails with store_unavailable at every step, and never opens a session', async () => {
    const broker = await openBroker()
    const state = await begin(broker)
    const gone = () => Promise.reject(new GatehouseError('store_unavailable', 'no answer'))
    const { parts } = broker
    const without = async (changes: Partial<typeof parts>, parameters: Record<string, string>) =>
      outcomeOf(await finishLogin({ ...parts, ...changes }, callback(parameters)))

    const transactions = { ...parts.transactions, put: gone, take: gone }
    expect(outcomeOf(await startLogin({ ...parts, transactions }, loginRequest()))).toBe('store_unavailable')
    expect(await codeOf(without({ transactions }, { state }))).toBe('store_unavailable')
    expect(await without({ users: { ...parts.users, findByIdentity: gone } }, { state, ...ann })).toBe(
      'store_unavailable',
    )
    const users = { ...parts.users, create: gone }
    expect(await without({ users }, { state: await begin(broker), ...ann })).toBe('store_unavailable')
    const sessions = { ...parts.sessions, put: gone }
    expect(await without({ sessions }, { state: await begin(broker), ...ann })).toBe('store_unavailable')
    expect(outcomeOf(await finish(broker, { state: await begin(broker), ...ann }))).toBe('signed in')
  })

  it('SE-10 keeps no session if all sessions of the user ended meanwhile', async () => {
    const broker = await openBroker()
    const sessions = { ...broker.parts.sessions, put: async () => false }
    const refused = await finishLogin({ ...broker.parts, sessions }, callback({ state: await begin(broker), ...ann }))
    expect(outcomeOf(refused)).toBe('session_invalid')
  })

  it('A6 keeps no session if the user is blocked or signed out everywhere meanwhile', async () => {
    const broker = await openBroker()
    const { parts } = broker
    const first = await finish(broker, { state: await begin(broker), ...ann })
    if (first.outcome !== 'signed in') throw first.error
    const { session } = first
    const between = async (work: () => Promise<unknown>) => {
      const users = {
        ...parts.users,
        update: async (...given: Parameters<typeof parts.users.update>) => {
          const updated = await parts.users.update(...given)
          await work()
          return updated
        },
      }
      return outcomeOf(await finishLogin({ ...parts, users }, callback({ state: await begin(broker), ...ann })))
    }
    expect(await between(() => endAllOtherSessions(parts, session))).toBe('session_invalid')
    expect(await parts.sessions.list('acme', session.userId)).toEqual([session])
    expect(await between(() => revokeAllAccess(parts, session))).toBe('session_invalid')
    const user = await parts.users.find('acme', session.userId)
    if (user === null) throw new Error('no user')
    expect(await between(() => blockUser(parts, user, 'operator'))).toBe('user_blocked')
    expect(await parts.sessions.list('acme', session.userId)).toEqual([])
    await unblockUser(parts, user, 'operator')

    const again = await finish(broker, { state: await begin(broker), ...ann })
    if (again.outcome !== 'signed in') throw again.error
    const other = {
      issuer: 'https://other.test',
      subject: 'ann',
      connection: 'gate',
      profile: {},
      lastLoginAt: parts.now(),
    }
    await parts.users.link(user, other)
    const theirs = identityName({ issuer: 'https://upstream.test', subject: 'ann' })
    expect(await between(() => unlinkIdentity(parts, again.session, theirs))).toBe('session_invalid')
    expect(await parts.sessions.list('acme', session.userId)).toEqual([again.session])
    expect(outcomeOf(await finish(broker, { state: await begin(broker), ...ann }))).toBe('signed in')
  })

  it('FT-26 fails with an explanation if its connection was removed', async () => {
    const broker = await openBroker({ tenants: [tenantOf([connectionSettings({ id: 'gate' })])] })
    const state = await begin(broker)
    const { connections } = (await openBroker({ tenants: [tenantOf([])] })).parts
    expect(outcomeOf(await finishLogin({ ...broker.parts, connections }, callback({ state, ...ann })))).toBe(
      'connection_unknown',
    )
  })
})
