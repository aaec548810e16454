/** `mfa.methods` at the setup before the session. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { userOf } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'
const email = 'pat@mail.test'
const setup = '/login/second-factor/setup'
const passkeyCalls = [
  { to: `${setup}/passkey-options`, step: '' },
  { to: setup, step: 'passkey' },
]
const totpCalls = [
  { to: setup, step: 'start' },
  { to: setup, step: 'confirm' },
]

describe.each([
  { allowed: 'totp', refused: passkeyCalls, accepted: totpCalls[0] },
  { allowed: 'passkey', refused: totpCalls, accepted: passkeyCalls[0] },
])('with methods: [$allowed]', ({ allowed, refused, accepted }) => {
  let server: TestGatehouse
  beforeAll(async () => {
    const okta = await oktaFor()
    const mfa = `mfa: { required: all, methods: [${allowed}] }\n`
    server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, mfa) } })
    await server.addUser({ tenant: 'acme', email, password })
  })
  afterAll(async () => {
    await server.stop()
    await server.okta.close()
  })

  it('takes that method, and refuses the steps of the other', async () => {
    const browser = new TestBrowser(server)
    const login = await browser.submit(await browser.open('/login?tenant=acme'), '/login', { email })
    const intro = await browser.submit(login, '/login', { password })
    const challenge = intro.url.searchParams.get('challenge') ?? ''
    const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
    const statusOf = async ({ to, step }: { to: string; step: string }) => {
      const form = { challenge, step, enrollment: 'x.y', code: '000000', response: '{}' }
      return (await browser.ask(to, { method: 'POST', form, headers })).status
    }
    for (const call of refused) expect(await statusOf(call), JSON.stringify(call)).toBe(400)
    expect(await statusOf(accepted!)).toBe(200)
    expect(await server.core.parts.authenticators.of(await userOf(server, email))).toEqual([])
  })
})
