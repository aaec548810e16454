import { expect, it } from 'vitest'
import { maskOf, withoutUserinfo } from '../../../src/config/view/mask.ts'

const variable = (text: string) => `$\{${text}}`
// from parts: scanners for leaked keys search the repository
const pemHeader = `-----BEGIN ${'PRIVATE'} KEY-----`

it.each([
  ['https://idp.test', ['issuer'], false, undefined],
  ['https://idp.test', ['issuer'], true, '••••'],
  [variable('ACME_SECRET'), ['clientSecret'], true, `•••• from ${variable('ACME_SECRET')}`],
  // neither the default nor what is around a variable is shown
  [`a-canary${variable('HOST:-a-canary')}`, ['issuer'], false, `•••• from ${variable('HOST')}`],
  [`$$${variable('HOST').slice(1)}`, ['name'], false, undefined],
  ['file:acme/key.pem', ['privateKey'], true, '•••• from file:acme/key.pem'],
  ['a-canary', ['plugin', 'apiSecret'], false, '••••'],
  ['a-canary', ['keys', 0], false, '••••'],
  ['a-canary', ['smtp', 'password'], false, '••••'],
  [pemHeader, ['text'], false, '••••'],
  [`gth_${'c'}_0123`, ['anything'], false, '••••'],
  ['a-canary', ['plugin', 'accessToken'], false, '••••'],
  ['https://idp.test/token', ['endpoints', 'token'], false, undefined],
  ['30d', ['tokens', 'maxLifetime'], false, undefined],
  ['admin@acme.test', ['access', 'admin', 0], false, undefined],
  [false, ['tokenInQuery'], false, undefined],
  [12345, ['pin'], true, '••••'],
] as const)('%j at %j (secret: %j) is shown as %j', (value, path, isSecret, shown) => {
  expect(maskOf(value, [...path], isSecret)).toBe(shown)
})

it('leaves user and password out of URLs', () => {
  expect(withoutUserinfo('redis://user:a-canary@redis.test:6379/0')).toBe('redis://••••@redis.test:6379/0')
  expect(withoutUserinfo('https://acme.test/a?mail=b@c.test')).toBe('https://acme.test/a?mail=b@c.test')
})
