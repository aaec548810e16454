/** The cookie of remembered devices, with users who share a browser. */
import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { readDeviceSecret, writeDeviceSecret } from '../../../src/web/account/factors/remembered-device-cookie.ts'

const settings = { domain: undefined, path: '/', sameSite: 'lax', secure: true, persistent: true } as const
const keys = { keyRing: new KeyRing([randomBytes(32)]), cookie: { ...settings, name: 'session' } }
const userOf = (userId: string) => ({ tenant: 'acme', userId })

let server: Server
beforeAll(async () => {
  const app = express()
  app.get('/remember/:user/:secret', (request, response) => {
    const { user, secret } = request.params
    writeDeviceSecret(keys, { header: request.headers.cookie, response }, userOf(user), secret)
    response.end()
  })
  server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterAll(() => server.close())

/** Returns the cookie afterwards, as a browser sends it. */
async function remember(user: string, secret: string, cookie = ''): Promise<{ header: string; whole: string }> {
  const { port } = server.address() as AddressInfo
  const response = await fetch(`http://127.0.0.1:${port}/remember/${user}/${secret}`, { headers: { cookie } })
  const [whole = ''] = response.headers.getSetCookie()
  return { header: whole.split(';')[0] ?? '', whole }
}

const secretIn = (header: string, user: string) => readDeviceSecret(keys, header, userOf(user))

it('is sealed, and kept from scripts and from other sites', async () => {
  const { header, whole } = await remember('ada', 'secret-of-ada')
  expect(whole).toMatch(/^__Host-gatehouse_remembered=[\w-]+; .*HttpOnly; Secure; SameSite=Lax$/)
  expect(Buffer.from(header.split('=')[1] ?? '', 'base64url').toString()).not.toContain('ada')
  expect(secretIn(header, 'ada')).toBe('secret-of-ada')
  expect(readDeviceSecret({ ...keys, keyRing: new KeyRing([randomBytes(32)]) }, header, userOf('ada'))).toBeUndefined()
})

it('MF-04: has a secret of its own for each user and tenant', async () => {
  const first = await remember('ada', 'of-ada')
  const both = await remember('bob', 'of-bob', first.header)
  expect([secretIn(both.header, 'ada'), secretIn(both.header, 'bob')]).toEqual(['of-ada', 'of-bob'])
  expect(secretIn(both.header, 'eve')).toBeUndefined()
  expect(readDeviceSecret(keys, both.header, { tenant: 'other', userId: 'ada' })).toBeUndefined()
  const anew = await remember('ada', 'anew', both.header)
  expect([secretIn(anew.header, 'ada'), secretIn(anew.header, 'bob')]).toEqual(['anew', 'of-bob'])
})

it('keeps the five latest users', async () => {
  let header = ''
  for (const user of ['u1', 'u2', 'u3', 'u4', 'u5', 'u6']) header = (await remember(user, `of-${user}`, header)).header
  expect(['u1', 'u2', 'u6'].map((user) => secretIn(header, user))).toEqual([undefined, 'of-u2', 'of-u6'])
  expect(header.length).toBeLessThan(4096)
})

it.each(['', '__Host-gatehouse_remembered=', '__Host-gatehouse_remembered=x', 'gatehouse_remembered=x'])(
  'is ignored if it is not ours: %j',
  (header) => expect(secretIn(header, 'ada')).toBeUndefined(),
)
