import { describe, expect, it } from 'vitest'
import {
  type ConnectionExpiry,
  changesBetween,
  dueAlert,
  expiriesOf,
  expiryProblem,
  isSameState,
  mergedState,
  whenText,
} from '../../../src/broker/health/expiries.ts'
import type { PublishedState } from '../../../src/broker/ports/published-states.ts'
import { connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'

const now = new Date('2027-01-15T12:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)

const secret = (expiresAt: Date): ConnectionExpiry => {
  return { tenant: 'acme', connection: 'okta', kind: 'client secret', name: 'client secret', expiresAt }
}

const state = (changes: Partial<PublishedState> = {}): PublishedState => {
  return { tenant: 'acme', connection: 'okta', expiries: [], seenAt: now, ...changes }
}

describe('the alert that is due', () => {
  it.each([
    [61, undefined],
    [60.01, undefined],
    [60, 60],
    [45, 60],
    [30, 30],
    [29.9, 30],
    [14.1, 30],
    [14, 14],
    [7, 7],
    [1.1, 7],
    [1, 1],
    [0.01, 1],
    [0, undefined],
    [-1, undefined],
  ])('with %d days left is that of %s days', (days, due) => {
    expect(dueAlert(secret(inDays(days)), now)?.days).toBe(due)
  })

  it('names what expires and when, so that a renewed one has alerts of its own', () => {
    expect(dueAlert(secret(inDays(10)), now)).toEqual({
      tenant: 'acme',
      connection: 'okta',
      subject: 'client secret client secret',
      expiresAt: inDays(10),
      days: 14,
    })
  })
})

it.each([
  [90, undefined],
  [60, undefined],
  [59.5, 'The client secret expires in 59 days, on 16 Mar 2027'],
  [1.5, 'The client secret expires in 1 day, on 17 Jan 2027'],
  [0.2, 'The client secret expires within a day, on 15 Jan 2027'],
  [-3, 'The client secret expired on 12 Jan 2027'],
])('with %d days left the problem is: %s', (days, title) => {
  expect(expiryProblem(secret(inDays(days)), now)?.title).toBe(title)
})

it('says when in words', () => {
  expect(whenText(inDays(30), now)).toBe('expires in 30 days, on 14 Feb 2027')
})

describe('what of the configured connections expires', () => {
  const certificate = { kind: 'certificate', name: 'ab:cd', expiresAt: inDays(40) } as const
  const acme = tenantOf([
    connectionSettings({ id: 'okta', secretExpires: inDays(20) }),
    connectionSettings({ id: 'saml', kind: 'saml' }),
  ])

  it('are client secrets by their date, and what the upstreams published', () => {
    const states = [state({ connection: 'saml', expiries: [certificate] })]
    expect(expiriesOf([acme], states)).toEqual([
      secret(inDays(20)),
      { tenant: 'acme', connection: 'saml', ...certificate },
    ])
  })

  it('leaves out removed connections and those of other tenants', () => {
    const states = [
      state({ connection: 'gone', expiries: [certificate] }),
      state({ tenant: 'beta', connection: 'saml', expiries: [certificate] }),
    ]
    expect(expiriesOf([acme], states)).toEqual([secret(inDays(20))])
  })
})

describe('changes', () => {
  it('are none at the first sight, and none before a document is fetched', () => {
    expect(changesBetween(null, state({ keys: ['a'] }))).toEqual([])
    expect(changesBetween(state(), state({ keys: ['a'] }))).toEqual([])
    expect(changesBetween(state({ keys: ['a'] }), state())).toEqual([])
  })

  it('are one for each kind, with both sides', () => {
    const before = state({ keys: ['a', 'b'], endpoints: ['token_endpoint https://one.test'], certificates: ['x'] })
    const after = state({ keys: ['b', 'c'], endpoints: ['token_endpoint https://two.test'], certificates: ['x'] })
    expect(changesBetween(before, after)).toEqual([
      { kind: 'keys', before: ['a', 'b'], after: ['b', 'c'] },
      { kind: 'endpoints', before: ['token_endpoint https://one.test'], after: ['token_endpoint https://two.test'] },
    ])
  })

  it('keeps what was known of a document that is not fetched yet', () => {
    const merged = mergedState(state({ keys: ['a'], certificates: ['x'] }), state({ certificates: ['y'] }))
    expect(merged).toMatchObject({ keys: ['a'], certificates: ['y'] })
    expect(isSameState(merged, { ...merged, seenAt: inDays(1) })).toBe(true)
    expect(isSameState(merged, { ...merged, keys: ['b'] })).toBe(false)
  })
})
