/** Linking where every sign-in needs a second factor. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../../support/browser/test-browser.ts'
import {
  connectionsOf,
  type PartnerServer,
  partnerPerson,
  password,
  proveByPassword,
  signInBy,
  startPartnerServer,
} from '../../../support/gatehouse/partner-server.ts'
import { addTotp } from '../../../support/gatehouse/second-factors.ts'
import { appOrigin } from '../../../support/gatehouse/tenants.ts'

let connections: PartnerServer
beforeAll(async () => {
  connections = await startPartnerServer('mfa: { required: all }\n')
})
afterAll(() => connections.stop())

const purpose = 'to connect <strong>Okta (partner)</strong> to your account'

it('each step names the connection to be added, and the last page confirms it', async () => {
  const { server } = connections
  const { email, name } = partnerPerson(1)
  await server.addUser({ tenant: 'acme', email, password })
  const factor = await addTotp(server, email)
  const browser = new TestBrowser(server)
  const query = `?return_to=${encodeURIComponent(`${appOrigin}/deep`)}`
  const asked = await proveByPassword(browser, await signInBy(browser, 'partner', name, 'acme', query))
  expect(asked.url.pathname).toBe('/login/second-factor')
  expect(asked.body).toContain(purpose)
  const connected = await browser.submit(asked, '/login/second-factor', { code: factor.nextCode() })
  expect(connected.body).toContain('<h1>Okta (partner) is now connected</h1>')
  const host = new URL(appOrigin).host
  expect((await browser.click(connected, `Continue to ${host}`, appOrigin)).url.href).toBe(`${appOrigin}/deep`)
  expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
})

it('a user without a second factor sets one up before the link', async () => {
  const { server } = connections
  const { email, name } = partnerPerson(2)
  await server.addUser({ tenant: 'acme', email, password })
  const browser = new TestBrowser(server)
  const setup = await proveByPassword(browser, await signInBy(browser, 'partner', name))
  expect(setup.url.pathname).toBe('/login/second-factor/setup')
  expect(setup.body).toContain(purpose)
  expect((await browser.submit(setup, '/login/second-factor/setup', { step: 'start' })).body).toContain(purpose)
})
