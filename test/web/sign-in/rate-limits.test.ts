/** Rate limits behind a trusted proxy: one source does not affect others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send } from '../../support/browser/test-browser.ts'
import { api, password } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ settings: 'trustedProxies: [127.0.0.1]\n' })
})
afterAll(() => server.stop())

const signIn = async (email: string, typed: string, source: string) => {
  const json = { tenant: 'acme', email, password: typed }
  const headers = { 'x-forwarded-for': source }
  return (await api(server, '/api/v1/sessions', { method: 'POST', json, headers })).status
}
const victimsOf = async (count: number, name: string) => {
  const emails = Array.from({ length: count }, (_, at) => `${name}${at}@mail.test`)
  for (const email of emails) await server.addUser({ tenant: 'acme', email, password })
  return emails
}

describe('A7: a source that guesses many passwords', () => {
  it('A7: does not lock 20 users out of other networks by 10 simultaneous attempts each', async () => {
    const victims = await victimsOf(20, 'victim')
    const attempts = victims.flatMap((email) =>
      Array.from({ length: 10 }, () => signIn(email, 'a guess', '198.51.100.1')),
    )
    const statuses = await Promise.all(attempts)
    for (const status of statuses) expect([401, 429, 503]).toContain(status)
    for (const [at, email] of victims.entries()) expect(await signIn(email, password, `203.0.113.${at}`)).toBe(201)
  })

  it('A7: requests email for a victim, who can still request their own', async () => {
    const [email = ''] = await victimsOf(1, 'mailed')
    const ask = (source: string) =>
      send(server.port, new URL('/forgot', publicOrigin), {
        method: 'POST',
        form: { tenant: 'acme', email },
        headers: { origin: publicOrigin, 'sec-fetch-site': 'same-origin', 'x-forwarded-for': source },
      })
    for (let turn = 0; turn < 12; turn += 1) expect((await ask('198.51.100.4')).status).toBe(200)
    await ask('203.0.113.200')
    const mail = await server.mail(email, 3)
    expect(mail.subject).toContain('Choose a new password')
  })
})
