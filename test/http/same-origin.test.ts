import { describe, expect, it } from 'vitest'
import { mayWriteWithCookie } from '../../src/http/same-origin.ts'

const own = 'https://login.example'
const spa = 'https://app.example'
const trusted = { publicUrl: new URL(own), returnOrigins: [spa, 'http://localhost:5173'] }

describe('SE-07 a write with a cookie', () => {
  it.each([
    ['our own page', { origin: own, 'sec-fetch-site': 'same-origin' }],
    ['our own page in an old browser', { origin: own }],
    ['our own form under no-referrer', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['a page of returnOrigins on our site', { origin: spa, 'sec-fetch-site': 'same-site' }],
    ['a page of returnOrigins on another site', { origin: 'http://localhost:5173', 'sec-fetch-site': 'cross-site' }],
    ['a page of returnOrigins in an old browser', { origin: spa }],
  ])('is accepted from %s', (_, headers) => expect(mayWriteWithCookie(headers, trusted)).toBe(true))

  it.each([
    ['no page', {}],
    ['an unnamed origin', { origin: 'null' }],
    ['an unnamed origin of another site', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling', { origin: 'https://evil.app.example', 'sec-fetch-site': 'same-site' }],
    ['another port', { origin: `${spa}:444`, 'sec-fetch-site': 'same-site' }],
    ['another scheme', { origin: 'http://app.example', 'sec-fetch-site': 'cross-site' }],
    ['an origin with a path', { origin: `${spa}/`, 'sec-fetch-site': 'same-site' }],
    ['a page of returnOrigins, without Origin', { 'sec-fetch-site': 'same-site' }],
    ['a page that names returnOrigins and our own origin', { origin: spa, 'sec-fetch-site': 'same-origin' }],
    ['a page that names returnOrigins and no page', { origin: spa, 'sec-fetch-site': 'none' }],
    ['an Origin of ours from another site', { origin: own, 'sec-fetch-site': 'cross-site' }],
  ])('is refused from %s', (_, headers) => expect(mayWriteWithCookie(headers, trusted)).toBe(false))
})
