/** API tokens that an app checks for its own clients. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenApi } from '../../../support/gatehouse/api-tokens.ts'
import { api, portal, portalYaml, tokenFor } from '../../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ settings: `trustedProxies: [127.0.0.1]\n${portalYaml}` })
})
afterAll(() => server.stop())

const { read, check, tokensOf, created } = tokenApi(() => server)
const checkFor = (token: string, client: object = {}, headers = {}) =>
  api(server, '/api/v1/app/tokens/check', {
    method: 'POST',
    json: { token, ...client },
    headers: { authorization: `Secret ${portal.secret}`, ...headers },
  })
const isActive = async (token: string, client: object = {}, headers = {}) =>
  read(await checkFor(token, client, headers)).active
const lastUsedOf = async (session: string) => (await tokensOf(session))[0].lastUsed

describe('POST /api/v1/app/tokens/check', () => {
  it('AP-01 compares the ranges with the address that the app names, never with its own', async () => {
    const { token } = await created(await tokenFor(server, 'ranges@mail.test'), {
      ranges: ['192.0.2.0/24', '2001:db8::/32'],
    })
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1'])
      expect(await isActive(token, { address }), address).toBe(true)
    expect(await isActive(token, { address: '198.51.100.1' })).toBe(false)
    expect(await isActive(token)).toBe(false)
    expect(await isActive(token, {}, { 'x-forwarded-for': '192.0.2.7' })).toBe(false)
    for (const address of ['', 'localhost', '192.0.2.0/24', 'fe80::1%lo'])
      expect((await checkFor(token, { address })).status, address).toBe(400)
  })

  it('stores the use with the address and agent of the client', async () => {
    const session = await tokenFor(server, 'agent@mail.test')
    const { token } = await created(session)
    expect(await isActive(token, { address: '192.0.2.7', agent: 'shop-app/1.0' })).toBe(true)
    await expect.poll(() => lastUsedOf(session)).toMatchObject({ address: '192.0.2.7', agent: 'shop-app/1.0' })
  })

  it('without an address counts as no network: the owner gets no false alarm', async () => {
    const session = await tokenFor(server, 'alarm@mail.test')
    const { token } = await created(session)
    const timeOfUse = async () => (await lastUsedOf(session))?.at
    expect(await isActive(token)).toBe(true)
    await expect.poll(() => lastUsedOf(session)).toEqual({ at: expect.any(String) })
    for (const use of [
      () => check(token, { 'x-forwarded-for': '192.0.2.7' }),
      () => checkFor(token),
      () => checkFor(token, { address: '198.51.100.7' }),
    ]) {
      const before = await timeOfUse()
      server.clock.forward(120)
      const next = async () => {
        await use()
        return timeOfUse()
      }
      await expect.poll(next).not.toBe(before)
    }
    const alarms = async () =>
      (await server.mails()).filter(({ to, subject }) => to === 'alarm@mail.test' && subject.includes('new network'))
    await expect.poll(alarms).toHaveLength(1)
    expect((await alarms())[0]?.text).toContain('198.51.100.7')
  })
})
