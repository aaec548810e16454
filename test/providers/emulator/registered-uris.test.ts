/** Which URLs an emulated upstream takes as registered. */
import { expect, it } from 'vitest'
import { isRegistered } from '../../../providers/emulator/registered-uris.ts'

const registered = ['http://localhost:4000/t/demo/okta/callback']

it.each([
  ['http://localhost:4000/t/demo/okta/callback', true, true],
  ['http://localhost:5000/t/acme/okta/callback', true, false],
  ['https://127.0.0.1:5000/t/acme/okta/callback', true, false],
  ['https://[::1]/callback', true, false],
  ['http://localhost.evil.test/callback', false, false],
  ['http://localhost@evil.test/callback', false, false],
  ['http://me@localhost/callback', false, false],
  ['http://localhost/callback#', false, false],
  ['javascript://localhost/alert', false, false],
  ['http://192.168.1.5/callback', false, false],
  ['', false, false],
])('%s: %s if it accepts every URL on this machine, else %s', (uri, local, otherwise) => {
  expect(isRegistered(uri, registered, { acceptsLocalUris: true })).toBe(local)
  expect(isRegistered(uri, registered, {})).toBe(otherwise)
})
