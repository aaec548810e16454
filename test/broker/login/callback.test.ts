/** The callback of a login: repeated, late, from another browser, or for another connection. */
import { describe, expect, it } from 'vitest'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { ann, begin, finish, outcomeOf, stateIn } from '../../support/broker/run-login.ts'
import {
  codeOf,
  connectionSettings,
  loginRequest,
  openBroker,
  stubProvider,
  tenantOf,
  traceOf,
} from '../../support/gatehouse/broker.ts'

describe('a callback', async () => {
  const tenants = [
    tenantOf([connectionSettings({ id: 'okta' }), connectionSettings({ id: 'second' })]),
    tenantOf([connectionSettings({ id: 'okta' })], { id: 'other' }),
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
    if (winner?.outcome !== 'signed in') throw new Error('no callback signed in')
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
    ['RP-37 at another connection of the tenant', { connection: 'second' }, 'login_connection_mismatch'],
    ['RP-38 at another tenant', { tenant: 'other' }, 'login_connection_mismatch'],
    ['RP-38 at an unknown connection', { connection: 'evil' }, 'login_connection_mismatch'],
  ])('%s is rejected without an upstream request and consumes the login', async (_, changes, code) => {
    let requests = 0
    const recorded = await openBroker({
      tenants,
      providers: [
        stubProvider({
          complete: async () => {
            requests++
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
    expect(requests).toBe(0)
  })

  it('RP-39 after ten minutes is rejected, and its destination is kept for a day', async () => {
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
    ['a state of another form', { state: 'x' }, 'an unknown state'],
    ['a state that was never issued', { state: 'a'.repeat(43) }, 'an unknown state'],
    ['OP-53 a state of 100 kB', { state: 'a'.repeat(100_000) }, 'an unknown state'],
  ])('RP-36 with %s is rejected as unknown, and its trace shows the check', async (_, parameters, got) => {
    const refused = await finish(broker, { ...parameters, ...ann })
    if (refused.outcome !== 'refused') throw new Error('signed in')
    expect([refused.error.code, refused.resume]).toEqual(['login_unknown', undefined])
    const trace = traceOf(broker, refused.reference)
    expect(trace).toMatchObject({ outcome: 'refused', code: 'login_unknown', tenant: 'acme', connection: 'okta' })
    expect(trace.steps).toMatchObject([{ name: 'state', checks: [{ ok: false, got }] }])
    expect(JSON.stringify(trace).length).toBeLessThan(1000)
  })

  it('RP-36 with two state parameters is rejected as unknown and does not consume the login', async () => {
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
