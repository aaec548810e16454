import { describe, expect, it } from 'vitest'
import { type CallbackRequest, stateOf, verifyCallback } from '../../../src/broker/login/transaction.ts'
import type { LoginTransaction, TakenTransaction } from '../../../src/broker/ports/volatile.ts'
import { AttemptTrace } from '../../../src/broker/trace.ts'
import { browser, callback, clock } from '../../support/gatehouse/broker.ts'
import { sampleTransaction } from '../../support/store/samples.ts'

const state = 'a'.repeat(43)
const { now } = clock()
const inTheFuture = (ms: number) => new Date(now().getTime() + ms)

const transaction: LoginTransaction = sampleTransaction({
  state,
  resume: { reference: '7KQ2-M9XD', tenant: 'acme', connection: 'okta', returnTo: '/' },
  browser,
  startedAt: now(),
  expiresAt: inTheFuture(600_000),
})
const fresh: TakenTransaction = { outcome: 'fresh', transaction }

function verifying(taken: TakenTransaction, changes: Partial<CallbackRequest> = {}, at = now()) {
  const head = { reference: '7KQ2-M9XD', tenant: 'acme', connection: 'okta', startedAt: now() }
  const trace = new AttemptTrace(head, now, () => {})
  return { trace, work: () => verifyCallback(taken, callback({ state }, changes), trace, at) }
}

describe('a callback', () => {
  it.each([
    ['at once', now()],
    ['a millisecond before its end', inTheFuture(599_999)],
    ['after the clock went back', inTheFuture(-3_600_000)],
  ])('is accepted %s, and its four checks are recorded', (_, at) => {
    const { trace, work } = verifying(fresh, {}, at)
    expect(work()).toBe(transaction)
    expect(trace.steps.map(({ name, checks }) => [name, checks[0]?.ok])).toEqual([
      ['first use', true],
      ['same connection', true],
      ['same browser', true],
      ['in time', true],
    ])
  })

  const used: TakenTransaction = { outcome: 'used', resume: transaction.resume }
  const limit = transaction.expiresAt.toISOString()
  it.each([
    ['RP-39 that comes twice', used, {}, now(), 'login_used', 'a sign-in not finished before', 'used'],
    [
      'RP-38 at another tenant',
      fresh,
      { tenant: 'other' },
      now(),
      'login_connection_mismatch',
      'acme/okta',
      'other/okta',
    ],
    [
      'RP-37 at another connection',
      fresh,
      { connection: 'evil' },
      now(),
      'login_connection_mismatch',
      'acme/okta',
      'acme/evil',
    ],
    [
      'RP-38 at a longer name',
      fresh,
      { connection: 'okta2' },
      now(),
      'login_connection_mismatch',
      'acme/okta',
      'acme/okta2',
    ],
    [
      'RP-39 SE-02 from another browser',
      fresh,
      { browser: 'another' },
      now(),
      'login_other_browser',
      'the browser that began the sign-in',
      'another browser',
    ],
    [
      'RP-39 from a browser without our cookie',
      fresh,
      { browser: undefined },
      now(),
      'login_other_browser',
      'the browser that began the sign-in',
      'a browser without our cookie',
    ],
    ['RP-39 at the very end', fresh, {}, inTheFuture(600_000), 'login_expired', `before ${limit}`, limit],
    [
      'RP-39 a day later',
      fresh,
      {},
      inTheFuture(86_400_000),
      'login_expired',
      `before ${limit}`,
      inTheFuture(86_400_000).toISOString(),
    ],
  ] as const)('%s is rejected, as the check says', (_, taken, changes, at, code, expected, got) => {
    const { trace, work } = verifying(taken, changes, at)
    expect(work).toThrow(expect.objectContaining({ code }))
    expect(trace.steps.at(-1)?.checks).toEqual([{ name: expect.any(String), ok: false, expected, got }])
    expect(JSON.stringify(trace.steps)).not.toContain(browser)
  })

  it('with several errors reports the first one', () => {
    const { trace, work } = verifying(fresh, { connection: 'evil', browser: undefined }, inTheFuture(86_400_000))
    expect(work).toThrow(expect.objectContaining({ code: 'login_connection_mismatch' }))
    expect(trace.steps).toHaveLength(2)
  })
})

describe('the state of an answer', () => {
  it.each([
    ['one state', `state=${state}`, state],
    ['one state among others', `code=x&state=${state}&iss=y`, state],
    ['every letter it may have', `state=${'-_Az09'.padEnd(43, 'x')}`, '-_Az09'.padEnd(43, 'x')],
    ['none', 'code=x', null],
    ['an empty one', 'state=', null],
    ['RP-36 two that differ', `state=${state}&state=${'b'.repeat(43)}`, null],
    ['RP-36 the same twice', `state=${state}&state=${state}`, null],
    ['one too short', `state=${state.slice(1)}`, null],
    ['one too long', `state=${state}a`, null],
    ['OP-53 one of 100 kB', `state=${'a'.repeat(100_000)}`, null],
    ['a line break after it', `state=${state}%0a`, null],
    ['a NUL in it', `state=${state.slice(1)}%00`, null],
    ['a letter of plain base64', `state=${state.slice(1)}%2B`, null],
    ['another case of the name', `State=${state}`, null],
    ['a list', `state[]=${state}`, null],
    ['a property', '__proto__=x', null],
  ])('with %s', (_, query, expected) => {
    expect(stateOf(new URLSearchParams(query))).toBe(expected)
  })
})
