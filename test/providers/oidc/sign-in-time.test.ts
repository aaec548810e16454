/** `auth_time` at the edges of what an upstream may say, wherever an ID token is judged. */
import { describe, expect, it } from 'vitest'
import { authTimeCheck, checkClaims, evidenceOf } from '../../../providers/oidc/claims/claims.ts'
import { notInTheFuture } from '../../../src/broker/session/open-session.ts'

const now = new Date('2026-11-22T12:00:00Z')
const seconds = now.getTime() / 1000
const expected = { issuer: 'https://upstream.test', clientId: 'gatehouse', now, authenticatedAfter: undefined }
const failed = (auth_time: unknown, changes = {}) => {
  const claims = { iss: expected.issuer, aud: 'gatehouse', exp: seconds + 60, iat: seconds, sub: 'ada', auth_time }
  return checkClaims(claims, { ...expected, ...changes }).filter(({ ok }) => !ok)
}

describe('auth_time of an ID token', () => {
  it.each([
    ['nothing', undefined],
    ['null, which is nothing', null],
    ['long ago', 1],
    ['1970', 0],
    ['an hour ago', seconds - 3600],
    ['now', seconds],
    ['a fraction of a second', seconds - 0.5],
    ['as far ahead as clocks may differ', seconds + 60],
  ])('may be %s', (_, time) => {
    expect(failed(time)).toEqual([])
  })

  it.each([
    ['a second beyond what clocks may differ by', seconds + 61, '2026-11-22T12:01:01.000Z'],
    ['a fraction beyond it', seconds + 60.001, '2026-11-22T12:01:00.001Z'],
    ['an hour ahead', seconds + 3600, '2026-11-22T13:00:00.000Z'],
    ['in milliseconds', seconds * 1000, expect.stringMatching(/^\+058/)],
    ['in microseconds', seconds * 1_000_000, 'number'],
    ['no moment at all', 1e300, 'number'],
    ['endless', Number.POSITIVE_INFINITY, 'number'],
    ['no number', Number.NaN, 'number'],
    ['negative', -1, '1969-12-31T23:59:59.000Z'],
    ['a text', String(seconds), `the text ${seconds}, which is no number`],
    ['a date', '2026-11-22T12:00:00Z', 'the text 2026-11-22T12:00:00Z, which is no number'],
    ['a yes', true, 'boolean'],
    ['a list', [seconds], 'object'],
    ['an object', { $gt: 0 }, 'object'],
  ])('that is %s is refused where a new sign-in is wanted, and else is no evidence', (_, time, got) => {
    const expectation = 'seconds since 1970, until 2026-11-22T12:00:00.000Z'
    const check = { name: 'auth_time', ok: false, expected: expectation, got }
    expect(authTimeCheck({ auth_time: time }, now)).toEqual(check)
    expect(failed(time, { authenticatedAfter: new Date(0) })[0]).toEqual(check)
    expect(failed(time)).toEqual([])
    expect(evidenceOf({ auth_time: time }, now)).toEqual({})
  })

  it('OP-30 in milliseconds does not pass for a new sign-in where one was wanted', () => {
    const wanted = { authenticatedAfter: now, providesAuthTime: true }
    expect(failed(seconds * 1000, wanted)[0]?.name).toBe('auth_time')
    expect(failed(seconds, wanted)).toEqual([])
    expect(failed(undefined, wanted).map(({ name }) => name)).toEqual(['auth_time'])
  })

  it('within the difference of clocks becomes a session of now', () => {
    expect(notInTheFuture(evidenceOf({ auth_time: seconds + 60 }, now), now).authenticatedAt).toEqual(now)
  })
})
