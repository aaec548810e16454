import { describe, expect, it } from 'vitest'
import { notCounted, readSearchValues, searchOf, statisticsOf } from '../../../src/web/admin/sign-ins/search.ts'

const now = new Date('2026-11-29T12:00:00Z')
const filterOf = (query: string) =>
  searchOf(readSearchValues(Object.fromEntries(new URLSearchParams(query))), now).filter
const given = (query: string) =>
  Object.fromEntries(Object.entries(filterOf(query)).filter(([, value]) => value !== undefined))

describe('the search of sign-ins', () => {
  const day = new Date('2026-11-28T12:00:00Z')

  it.each([
    ['', { since: day }],
    ['tenant=&email=&since=&period=', { since: day }],
    ['period=1h', { since: new Date('2026-11-29T11:00:00Z') }],
    ['period=7d', { since: new Date('2026-11-22T12:00:00Z') }],
    ['period=all', {}],
    ['period=never', { since: day }],
    ['email=+Ada@ACME.test+', { email: 'ada@acme.test' }],
    ['user=u1', { userId: 'u1' }],
    ['user=u1&period=24h', { userId: 'u1', since: day }],
    ['since=2026-11-01T09:30', { since: new Date('2026-11-01T09:30:00Z') }],
    ['since=2026-11-01&until=2026-11-02', { since: new Date('2026-11-01'), until: new Date('2026-11-02') }],
    ['period=7d&since=2h', { since: new Date('2026-11-29T10:00:00Z') }],
    ['period=all&outcome=refused&code=login_expired', { outcome: 'refused', code: 'login_expired' }],
    [
      'period=all&connection=okta&app=shop&cause=upstream_invalid%3A+aud',
      { connection: 'okta', app: 'shop', cause: 'upstream_invalid: aud' },
    ],
  ])('%j means %j', (query, filter) => {
    expect(given(query)).toEqual(filter)
  })

  it.each([
    'email=none',
    'outcome=lost',
    'code=nonsense',
    'since=yesterday',
    'since=999999999d',
    'until=2026-99-99',
    'until=2h&since=1h',
  ])('names the field of the wrong value %s and does not filter by it', (query) => {
    const search = searchOf(readSearchValues(Object.fromEntries(new URLSearchParams(query))), now)
    const [field = ''] = query.split('=')
    expect(search.faults.map((fault) => fault.field)).toEqual([field])
    expect(search.filter).toHaveProperty(field, undefined)
  })

  it.each([
    ['', undefined, undefined],
    ['connection=okta', 'acme', undefined],
    ['connection=okta', undefined, /choose a tenant too/],
    ['outcome=refused', undefined, undefined],
    ['outcome=started', undefined, /not counted by outcome/],
    ['email=ada@acme.test', 'acme', /not counted by email/],
    ['cause=login_expired', 'acme', /not counted by cause/],
    ['period=7d', 'acme', undefined],
    ['period=all', 'acme', /counted for 8 days/],
    ['since=9d', 'acme', /counted for 8 days/],
  ] as const)(
    'of %j within %j the counts of failures are exact unless a sentence says why: %s',
    (query, tenant, why) => {
      const search = searchOf(readSearchValues(Object.fromEntries(new URLSearchParams(query))), now)
      const text = notCounted(search, tenant, now)
      if (why === undefined) expect(text).toBeUndefined()
      else expect(text).toMatch(why)
      expect(statisticsOf(search).since).toBeInstanceOf(Date)
    },
  )

  it.each([[{ email: ['a', 'b'] }], [{ cause: 'x'.repeat(255) }]])('refuses repeated and long values', (fields) => {
    expect(() => readSearchValues(fields)).toThrow(/email must be given once|cause is longer/)
  })
})
