/** `/api/v1/app/users` and `/statistics`: the users of the calling app, and its sign-ins. */
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../../support/browser/test-browser.ts'
import { api } from '../../../support/gatehouse/connections.ts'
import { read } from '../../../support/gatehouse/first-party-app.ts'
import type { TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  begin,
  newSignIn,
  otherSecret,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
  shopSecret,
  signIn,
  startProviderServer,
} from '../../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

const encoded = encodeURIComponent
const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${encoded(secret)}`).toString('base64')}`
const asShop = basic('shop', shopSecret)
const asOther = basic('other', otherSecret)
const request = (path: string, method = 'GET', authorization = asShop) =>
  api(server, `/api/v1/app${path}`, { method, headers: { authorization } })

async function signedIn(more: Readonly<Record<string, string>> = {}) {
  const { browser, begun, answer } = await newSignIn(server, shop, more)
  const tokens = await redeem(shop, begun, answer)
  return { browser, tokens, id: tokens.claims()?.sub ?? '' }
}

const refresh = (token: string | undefined) => client.refreshTokenGrant(shop.config, token ?? '')
const audited = async (action: 'grant.revoked' | 'consent.revoked', target: string) =>
  (await server.core.parts.audit.recent({ tenant: 'acme', limit: 500 })).filter(
    (event) => event.action === action && event.target === target,
  )

it('lists the users who consented to the calling app, in pages, each once', async () => {
  const ids = []
  for (let turn = 0; turn < 3; turn++) ids.push((await signedIn()).id)
  const listed: string[] = []
  let path = '/users?limit=1'
  for (let turn = 0; turn < 3; turn++) {
    const { users, next } = read(await request(path))
    expect(users).toMatchObject([{ tenant: 'acme', scopes: ['openid', 'email'] }])
    listed.push(users[0].id)
    path = `/users?limit=1&cursor=${next}`
  }
  expect(listed.toSorted()).toEqual(ids.toSorted())
  expect(read(await request('/users?limit=200')).next).toBeUndefined()
  for (const query of ['?limit=0', '?limit=201', '?limit=x', '?cursor=x', '?app=other'])
    expect((await request(`/users${query}`)).status, query).toBe(400)
})

it('SE-09 lists no user of another app', async () => {
  await signedIn()
  expect(read(await request('/users', 'GET', asOther))).toEqual({ users: [] })
})

it("ends a user's sessions and tokens at this app alone, and keeps the consent", async () => {
  const { browser, tokens, id } = await signedIn({ scope: 'openid email offline_access' })
  expect(read(await request(`/users/${id}/sessions`, 'DELETE'))).toEqual({ ended: 1 })
  await expect(refresh(tokens.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
  expect((await client.tokenIntrospection(shop.config, tokens.access_token)).active).toBe(false)
  expect(await audited('grant.revoked', id)).toMatchObject([{ actor: 'app:shop', details: { app: 'shop' } }])
  expect(read(await request(`/users/${id}/sessions`, 'DELETE'))).toEqual({ ended: 0 })
  expect(await audited('grant.revoked', id)).toHaveLength(1)
  // the session at Gatehouse and the consent are left: signing in again asks nothing
  expect((await browser.open((await begin(shop)).url, shopOrigin)).status).toBe(0)
})

it('ends the consent, so that the user is asked again', async () => {
  const { browser, tokens, id } = await signedIn()
  expect((await request(`/users/${id}/consent`, 'DELETE')).status).toBe(204)
  expect((await client.tokenIntrospection(shop.config, tokens.access_token)).active).toBe(false)
  expect(await audited('consent.revoked', id)).toMatchObject([
    { actor: 'app:shop', before: { scopes: ['openid', 'email'] } },
  ])
  expect((await request(`/users/${id}`)).status).toBe(404)
  const page = await browser.open((await begin(shop)).url, shopOrigin)
  expect(page.url.pathname).toMatch(/^\/consent\//)
})

it('records nothing for a first-party app whose user had no grant', async () => {
  const { id } = await signedIn()
  const asIntranet = basic('intranet', 'canary-secret-of-the-intranet-0123456789')
  expect((await request(`/users/${id}/consent`, 'DELETE', asIntranet)).status).toBe(204)
  expect(await audited('grant.revoked', id)).toEqual([])
})

it('SE-09 ends no sessions of users who did not consent to the calling app', async () => {
  const { tokens, id } = await signedIn()
  for (const what of ['sessions', 'consent'])
    for (const user of [id, 'unknown', 'x'.repeat(100)])
      expect((await request(`/users/${user}/${what}`, 'DELETE', asOther)).status, `${user} ${what}`).toBe(404)
  expect((await client.tokenIntrospection(shop.config, tokens.access_token)).active).toBe(true)
})

it('counts the sign-ins and refusals of the calling app by day', async () => {
  const today = async (authorization = asShop) => {
    const { days } = read(await request('/statistics', 'GET', authorization))
    expect(days).toHaveLength(30)
    expect(days.map(({ day }: { day: string }) => day)).toEqual(days.map(({ day }: { day: string }) => day).toSorted())
    return days.at(-1)
  }
  const [before, others] = [await today(), await today(asOther)]
  const { browser } = await signedIn()
  // asks only whether the user is signed in
  const stranger = new TestBrowser(server)
  const silent = await stranger.open((await begin(shop, { prompt: 'none' })).url, shopOrigin)
  expect(silent.url.searchParams.get('error')).toBe('login_required')
  const denied = await begin(shop, { scope: 'openid groups' })
  const page = await browser.open(denied.url, shopOrigin)
  await browser.submit(page, page.url.pathname, { answer: 'no' }, shopOrigin)
  const after = await today()
  expect([after.signIns - before.signIns, after.refusals - before.refusals]).toEqual([1, 1])
  expect(await today(asOther)).toEqual(others)
  server.clock.forward(86_400)
  expect(await today()).toMatchObject({ signIns: 0, refusals: 0 })
})

it('ends the access of a blocked user too', async () => {
  const person = await addUser(server)
  const browser = new TestBrowser(server)
  const begun = await begin(shop, { tenant: 'acme' })
  const page = await signIn(browser, await browser.open(begun.url, shopOrigin), person, shopOrigin)
  const answer = await browser.submit(page, page.url.pathname, { answer: 'yes' }, shopOrigin)
  const tokens = await redeem(shop, begun, answer.url)
  const id = tokens.claims()?.sub ?? ''
  await server.core.parts.users.setStatus('acme', id, 'blocked')
  expect((await request(`/users/${id}/consent`, 'DELETE')).status).toBe(204)
  expect(await server.core.parts.consents.find('acme', id, 'shop')).toBeNull()
})
