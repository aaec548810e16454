/** An email verified by the upstream only is released to apps as unverified (nOAuth). */
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf } from '../../support/gatehouse/connections.ts'
import { post, userOf } from '../../support/gatehouse/partner-server.ts'
import { people } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  allow,
  begin,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopCallback,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

const { email, name } = people.mallory
const unproven = { email, email_verified: false }
const appSecret = 'canary-secret-of-the-intranet-0123456789'

let server: TestGatehouse
let shop: RelyingParty
let mallory: TestBrowser
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  mallory = await arrive()
})
afterAll(() => server.stop())

async function arrive(): Promise<TestBrowser> {
  const browser = new TestBrowser(server)
  await browser.click(await browser.open('/t/acme/okta/start'), name)
  return browser
}

const read = async (path: string, browser = mallory) => JSON.parse((await browser.ask(path)).body)
const asApp = (path: string, json?: unknown) =>
  api(server, path, {
    headers: { authorization: `Secret ${appSecret}` },
    ...(json !== undefined && { method: 'POST', json }),
  })

it("ID-01 ID-02 session check and user API report it as unverified; the upstream's claim stays with the user", async () => {
  expect((await read('/api/v1/session')).profile).toMatchObject(unproven)
  const user = await read('/api/v1/users/me')
  expect(user.profile).toMatchObject(unproven)
  const stored = await server.core.parts.users.find('acme', user.id)
  expect(stored).toMatchObject({ emailProven: false, profile: { email: { address: email, verified: true } } })
  expect((await mallory.open('/account')).body).toContain('Not verified')
})

it('ID-01 ID-02 FW-01 a reverse proxy receives no email', async () => {
  const { headers } = await mallory.ask('/verify')
  expect([headers['x-auth-email'], headers['x-auth-email-verified']]).toEqual(['', 'false'])
})

it('ID-01 ID-02 ID tokens, userinfo and refreshed tokens report it as unverified', async () => {
  const begun = await begin(shop, { tenant: 'acme', scope: 'openid email offline_access', prompt: 'consent' })
  const answer = await allow(mallory, await mallory.open(begun.url), shopCallback)
  const tokens = await redeem(shop, begun, answer.url)
  const claims = tokens.claims()
  expect(claims).toMatchObject(unproven)
  expect(await client.fetchUserInfo(shop.config, tokens.access_token, claims?.sub ?? '')).toMatchObject(unproven)

  await post(mallory, '/account/sign-out', {})
  const inTheFuture = await client.refreshTokenGrant(shop.config, tokens.refresh_token ?? '')
  expect(inTheFuture.claims()).toMatchObject(unproven)
  expect(await client.fetchUserInfo(shop.config, inTheFuture.access_token, claims?.sub ?? '')).toMatchObject(unproven)
  mallory = await arrive()
})

it("ID-01 ID-02 an app's server gets the same for the token and the user", async () => {
  const { id } = await userOf(mallory)
  const shown = JSON.parse((await asApp(`/api/v1/app/users/${id}`)).body)
  expect(shown.claims).toMatchObject(unproven)
})

it('ID-03 only the user who verifies the mailbox has the email as verified', async () => {
  const owner = await browserOf(server, email)
  expect((await userOf(owner)).profile).toMatchObject({ email, email_verified: true })
  mallory = await arrive()
  expect((await read('/api/v1/session')).profile).toMatchObject(unproven)
  expect((await userOf(mallory)).id).not.toBe((await userOf(owner)).id)
})
