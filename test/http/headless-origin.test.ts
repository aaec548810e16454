import { describe, expect, it } from 'vitest'
import { isHeadlessOrigin, pageOriginOf } from '../../src/http/headless-origin.ts'

const publicUrl = new URL('https://login.acme.test')
const [app, far] = ['https://app.acme.test', 'https://app.far.test']
const sessions = { lifetimeSeconds: 60, idleSeconds: 60, tokenInQuery: false }
const tenant = { returnOrigins: [app, far], sessions }
const crossSite = { returnOrigins: [app, far], sessions: { ...sessions, crossSite: true } }

describe('the origin of a page', () => {
  it.each([
    ['our own page', { origin: publicUrl.origin, 'sec-fetch-site': 'same-origin' }, 'own'],
    ['our own page without Origin', { 'sec-fetch-site': 'same-origin' }, 'own'],
    ['a listed page on our site', { origin: app, 'sec-fetch-site': 'same-site' }, 'same-site'],
    ['a listed page of an old browser', { origin: app }, 'same-site'],
    [
      'a listed page that the browser calls cross-site',
      { origin: app, 'sec-fetch-site': 'cross-site' },
      'cross-site refused',
    ],
    ['a listed page on another site', { origin: far, 'sec-fetch-site': 'cross-site' }, 'cross-site refused'],
    ['a listed page on another site, in an old browser', { origin: far }, 'cross-site refused'],
    ['no origin', {}, 'unlisted'],
    ['no origin, from another site', { 'sec-fetch-site': 'cross-site' }, 'unlisted'],
    ['SE-07 an origin that is not listed', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }, 'unlisted'],
    ['SE-07 a prefix of a listed one', { origin: `${app}.evil.test` }, 'unlisted'],
    ['SE-07 another port', { origin: `${app}:8443` }, 'unlisted'],
    ['SE-07 plain HTTP', { origin: 'http://app.acme.test' }, 'unlisted'],
    ['SE-07 an opaque origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }, 'unlisted'],
    ['SE-07 a claim of no page at all', { origin: app, 'sec-fetch-site': 'none' }, 'unlisted'],
    ['SE-07 our origin, contradicted', { origin: publicUrl.origin, 'sec-fetch-site': 'cross-site' }, 'unlisted'],
  ] as const)('%s', (_, headers, expected) => {
    expect(pageOriginOf(headers, publicUrl, tenant)).toBe(expected)
  })

  it('SE-04 is cross-site only where the tenant allows it', () => {
    expect(pageOriginOf({ origin: far, 'sec-fetch-site': 'cross-site' }, publicUrl, crossSite)).toBe('cross-site')
    expect(pageOriginOf({ origin: app, 'sec-fetch-site': 'same-site' }, publicUrl, crossSite)).toBe('same-site')
    expect(pageOriginOf({ origin: 'https://evil.test' }, publicUrl, crossSite)).toBe('unlisted')
  })
})

it('OP-54 credentialed CORS is for listed origins only', () => {
  const tenants = [{ returnOrigins: [] }, tenant]
  expect([app, far].map((origin) => isHeadlessOrigin(tenants, origin))).toEqual([true, true])
  const others = ['https://evil.test', '*', 'null', `${app}/`, undefined]
  expect(others.map((origin) => isHeadlessOrigin(tenants, origin))).toEqual(others.map(() => false))
})
