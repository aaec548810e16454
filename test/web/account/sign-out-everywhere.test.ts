/** Every page of a signed-in user offers to sign out, and it works. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formsOn, type Page, type TestBrowser, unescaped } from '../../support/browser/test-browser.ts'
import { api, appLogin, browserOf } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { newSignIn, relyingPartyOf, startProviderServer } from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startProviderServer({ okta, tenants })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

const userCode = async () => {
  const form = { client_id: 'phone', scope: 'openid' }
  const begun = await api(server, '/oauth2/device_authorization', { method: 'POST', form })
  return String(JSON.parse(begun.body).user_code)
}
const shop = { client_id: 'shop', redirect_uri: 'https://shop.test/callback' }

const pages: readonly (readonly [string, (browser: TestBrowser) => Promise<Page>])[] = [
  ['/account', (browser) => browser.open('/account')],
  ['/developer', (browser) => browser.open('/developer')],
  ['/developer/apps/new', (browser) => browser.open('/developer/apps/new')],
  [
    'an app’s page',
    async (browser) => {
      const form = await browser.open('/developer/apps/new')
      const fields = { kind: 'web', name: 'Ledger', redirectUris: 'https://shop.example/back', scopes: 'openid' }
      return browser.submit(form, '/developer/apps/new', fields)
    },
  ],
  ['the page to sign in again', (browser) => browser.open('/login?tenant=acme&prompt=login')],
  ['a consent page', (browser) => browser.open(appLogin(shop).path)],
  ['the page that asks for a device’s code', (browser) => browser.open('/oauth2/device')],
  [
    'the page that asks whether it is their device',
    async (browser) =>
      browser.submit(await browser.open('/oauth2/device'), '/oauth2/device', { user_code: await userCode() }),
  ],
]

describe('a page of a signed-in user', () => {
  it.each(pages)('V3: %s names the user and signs them out', async (name, openPage) => {
    const email = `${name.replace(/\W+/g, '-')}@mail.test`.replace(/^-+/, 'x')
    const browser = await browserOf(server, email)
    const page = await openPage(browser)
    expect(page.status).toBe(200)
    expect(unescaped(page.body)).toContain(email)
    expect(formsOn(page).filter(({ action }) => action === '/account/sign-out')).toHaveLength(1)
    expect((await browser.submit(page, '/account/sign-out')).url.pathname).toBe('/login')
    expect((await browser.ask('/api/v1/session')).status).toBe(401)
  })

  it('V3: a page without a session offers no sign-out', async () => {
    const { browser } = await newSignIn(server, await relyingPartyOf(server, 'shop'))
    await browser.submit(await browser.open('/account'), '/account/sign-out')
    for (const path of ['/login?tenant=acme', '/oauth2/device', '/sign-up?tenant=acme'])
      expect((await browser.open(path)).body).not.toContain('/account/sign-out')
  })
})
