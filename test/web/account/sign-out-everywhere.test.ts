/** Every page of a signed-in user offers to sign out, and it works. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formsOn, type Page, unescaped, type Visitor } from '../../support/browser/visitor.ts'
import { api, appLogin, browserOf } from '../../support/gatehouse/gates.ts'
import type { House } from '../../support/gatehouse/house.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { newSignIn, partyOf, startProviderHouse } from '../../support/oidc/parties.ts'

let house: House
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'developers: everyone\n'), 'beta.yaml': betaYaml(okta) }
  house = await startProviderHouse({ okta, tenants })
})
afterAll(async () => {
  await house.stop()
  await house.okta.close()
})

const userCode = async () => {
  const form = { client_id: 'phone', scope: 'openid' }
  const begun = await api(house, '/oauth2/device_authorization', { method: 'POST', form })
  return String(JSON.parse(begun.body).user_code)
}
const shop = { client_id: 'shop', redirect_uri: 'https://shop.test/callback' }

const pages: readonly (readonly [string, (visitor: Visitor) => Promise<Page>])[] = [
  ['/account', (visitor) => visitor.open('/account')],
  ['/developer', (visitor) => visitor.open('/developer')],
  ['/developer/apps/new', (visitor) => visitor.open('/developer/apps/new')],
  [
    'an app’s page',
    async (visitor) => {
      const form = await visitor.open('/developer/apps/new')
      const fields = { kind: 'web', name: 'Ledger', redirectUris: 'https://shop.example/back', scopes: 'openid' }
      return visitor.submit(form, '/developer/apps/new', fields)
    },
  ],
  ['the page to sign in again', (visitor) => visitor.open('/login?tenant=acme&prompt=login')],
  ['a consent page', (visitor) => visitor.open(appLogin(shop).path)],
  ['the page that asks for a device’s code', (visitor) => visitor.open('/oauth2/device')],
  [
    'the page that asks whether it is their device',
    async (visitor) =>
      visitor.submit(await visitor.open('/oauth2/device'), '/oauth2/device', { user_code: await userCode() }),
  ],
]

describe('a signed-in page', () => {
  it.each(pages)('V3: %s names the user and signs them out', async (name, openPage) => {
    const email = `${name.replace(/\W+/g, '-')}@mail.test`.replace(/^-+/, 'x')
    const visitor = await browserOf(house, email)
    const page = await openPage(visitor)
    expect(page.status).toBe(200)
    expect(unescaped(page.body)).toContain(email)
    expect(formsOn(page).filter(({ action }) => action === '/account/sign-out')).toHaveLength(1)
    expect((await visitor.submit(page, '/account/sign-out')).url.pathname).toBe('/login')
    expect((await visitor.ask('/api/v1/session')).status).toBe(401)
  })

  it('V3: a page of somebody who is not signed in offers none', async () => {
    const { visitor } = await newSignIn(house, await partyOf(house, 'shop'))
    await visitor.submit(await visitor.open('/account'), '/account/sign-out')
    for (const path of ['/login?tenant=acme', '/oauth2/device', '/sign-up?tenant=acme'])
      expect((await visitor.open(path)).body).not.toContain('/account/sign-out')
  })
})
