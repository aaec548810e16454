import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { mayWriteThroughProxy, mayWriteWithCookie } from '../../src/http/same-origin.ts'
import { mayUseCookie } from '../../src/sdk/guards/places.ts'

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

describe('SE-07 a write with a cookie to an app, behind a proxy as with the SDK,', () => {
  const bySdk = (headers: Record<string, string>) => {
    const request = Object.assign(new IncomingMessage(new Socket()), { method: 'POST', headers })
    return mayUseCookie(request, { origins: [spa] })
  }
  it.each<[boolean, string, Record<string, string>]>([
    [true, "the app's own page", { origin: own, 'sec-fetch-site': 'same-origin' }],
    [true, "the app's own form under no-referrer", { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    [true, 'a listed page', { origin: spa, 'sec-fetch-site': 'cross-site' }],
    [true, 'a listed page in an old browser', { origin: spa }],
    [false, 'no page', {}],
    [false, 'an unnamed origin', { origin: 'null' }],
    [false, 'another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    [false, 'a sibling', { origin: 'https://evil.app.example', 'sec-fetch-site': 'same-site' }],
    [false, 'another port', { origin: `${spa}:444` }],
    [false, 'the address line', { 'sec-fetch-site': 'none' }],
  ])('is %s from %s', (accepted, _, headers) => {
    expect([mayWriteThroughProxy(headers, [spa]), bySdk(headers)]).toEqual([accepted, accepted])
  })
})
