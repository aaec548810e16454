import type { Request } from 'express'
import { expect, it } from 'vitest'
import { secretHash } from '../../../src/crypto/token.ts'
import { knownBrowserOf, lastConnectionOf } from '../../../src/web/sign-in/known-browser.ts'
import { keyRing } from '../../support/store/samples.ts'

const cookie = { secure: true } as Parameters<typeof knownBrowserOf>[0]['cookie']
const ports = { cookie, keyRing, parts: { random: () => Buffer.alloc(16) } }
const ada = secretHash('acme\nada@acme.test').slice(0, 16)

const requestWith = (name: string, content: unknown) => {
  const value = keyRing.seal(JSON.stringify(content), 'known browser').toString('base64url')
  return { headers: { cookie: `${name}=${value}` } } as Request
}

it.each([
  ['gatehouse_device', { id: 'browser', users: [ada], lastConnections: { acme: 'okta' } }],
  ['gatehouse_known', { id: 'browser', people: [ada], gates: { acme: 'okta' } }],
])('recognizes a browser by the cookie %s', (name, content) => {
  const request = requestWith(`__Host-${name}`, content)
  expect(knownBrowserOf(ports, request, { tenant: 'acme', email: 'ada@acme.test' })).toBe('browser')
  expect(knownBrowserOf(ports, request, { tenant: 'beta', email: 'ada@acme.test' })).toBeUndefined()
  expect(lastConnectionOf(ports, request, 'acme')).toBe('okta')
})
