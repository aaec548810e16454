/** The device flow (RFC 8628): the user enters the code of a device and confirms it. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  type RelyingParty,
  relyingPartyOf,
  signIn,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let phone: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  phone = await relyingPartyOf(server, 'phone')
})
afterAll(() => server.stop())

const poll = (code: string) =>
  client.genericGrantRequest(phone.config, 'urn:ietf:params:oauth:grant-type:device_code', { device_code: code })

describe('the device flow', () => {
  it('issues tokens to the device without a script', async () => {
    const begun = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid email', tenant: 'acme' })
    await expect(poll(begun.device_code)).rejects.toMatchObject({ error: 'authorization_pending' })
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const asked = await browser.open(begun.verification_uri)
    expect(asked.body).not.toMatch(/<script(?! src="\/static\/)/)
    const wrong = await browser.submit(asked, '/oauth2/device', { user_code: 'BBBB-BBBB' })
    expect(wrong.body).toContain('This code is unknown')
    const confirm = await browser.submit(wrong, '/oauth2/device', { user_code: begun.user_code.toLowerCase() })
    expect(confirm.body).toContain('Phone')
    expect(confirm.body).toContain(begun.user_code)
    expect(confirm.body).toContain('you sign in next')
    const login = await browser.submit(confirm, '/oauth2/device', { confirm: 'yes' })
    expect(login.body).toContain('Sign in to Phone')
    const consent = await signIn(browser, login, person)
    const done = await allow(browser, consent)
    expect(done.body).toContain('Your device is connected')
    const tokens = await poll(begun.device_code)
    expect(tokens.access_token).toMatch(/^gth_at_/)
    await expect(poll(begun.device_code)).rejects.toMatchObject({ error: 'invalid_grant' })
    const next = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid email', tenant: 'acme' })
    const again = await browser.submit(await browser.open(next.verification_uri), '/oauth2/device', {
      user_code: next.user_code,
    })
    expect(again.body, 'who is signed in here').toContain(person.email)
  })

  it('states the polling interval and answers slow_down to a device that polls sooner, without delay', async () => {
    const begun = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid' })
    expect(begun.interval).toBe(5)
    const other = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid' })
    await expect(poll(begun.device_code)).rejects.toMatchObject({ error: 'authorization_pending' })
    await expect(poll(begun.device_code)).rejects.toMatchObject({ error: 'slow_down', status: 400 })
    await expect(poll(other.device_code)).rejects.toMatchObject({ error: 'authorization_pending' })
    server.clock.forward(5)
    await expect(poll(begun.device_code)).rejects.toMatchObject({ error: 'authorization_pending' })
    const browser = new TestBrowser(server)
    const confirm = await browser.submit(await browser.open(begun.verification_uri), '/oauth2/device', {
      user_code: begun.user_code,
    })
    await browser.submit(confirm, '/oauth2/device', { abort: 'yes' })
    await expect(poll(begun.device_code)).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('a link with the code fills it in and still asks for confirmation', async () => {
    const begun = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid' })
    const page = await new TestBrowser(server).open(begun.verification_uri_complete ?? '')
    expect(page.body).toContain(`value="${begun.user_code}"`)
    expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
  })

  it.each([
    'user_code=BBBB-BBBB&user_code=CCCC-CCCC',
    'a=1&user%5Fcode=BBBB-BBBB',
    'user_code=BBBB-BBBB&u%73er_code=x',
  ])('a link with another spelling of the code (%s) runs no script and asks for confirmation', async (query) => {
    const page = await new TestBrowser(server).open(`/oauth2/device?${query}`)
    expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
    expect(page.body).not.toContain('onload')
    expect(page.body).toContain('name="user_code"')
  })

  it('the form leads to a page that redirects, since the target may be an upstream', async () => {
    const begun = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid' })
    const browser = new TestBrowser(server)
    const asked = await browser.open(begun.verification_uri)
    const confirm = await browser.submit(asked, '/oauth2/device', { user_code: begun.user_code })
    const answer = await browser.ask('/oauth2/device', {
      method: 'POST',
      form: { xsrf: 'same-origin', user_code: begun.user_code, confirm: 'yes' },
      headers: { origin: 'null', 'sec-fetch-site': 'same-origin' },
    })
    expect(confirm.body).toContain('Phone')
    expect(answer.status).toBe(200)
    expect(answer.headers.location).toBeUndefined()
    expect(answer.headers.refresh).toMatch(/^0; url=https:\/\/login\.gatehouse\.test\/consent\//)
  })

  it('a refusal is reported to the device', async () => {
    const begun = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid' })
    const browser = new TestBrowser(server)
    const confirm = await browser.submit(await browser.open(begun.verification_uri), '/oauth2/device', {
      user_code: begun.user_code,
    })
    const page = await browser.submit(confirm, '/oauth2/device', { abort: 'yes' })
    expect(page.body).toContain('You refused')
    await expect(poll(begun.device_code)).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('a form of another site connects no device', async () => {
    const begun = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid' })
    const page = await new TestBrowser(server).ask('/oauth2/device', {
      method: 'POST',
      form: { user_code: begun.user_code, confirm: 'yes', xsrf: 'same-origin' },
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    })
    expect(page.status).toBe(403)
  })
})
