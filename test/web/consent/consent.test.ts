/** Consent: asked in plain words, once; a no is told to the app; what is agreed to is all the app gets. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { Visitor } from '../../support/browser/visitor.ts'
import type { House } from '../../support/gatehouse/house.ts'
import {
  allow,
  begin,
  enrolPerson,
  newSignIn,
  type Party,
  partyOf,
  redeem,
  shopOrigin,
  signIn,
  startProviderHouse,
} from '../../support/oidc/parties.ts'

let house: House
let shop: Party
beforeAll(async () => {
  house = await startProviderHouse()
  shop = await partyOf(house, 'shop')
})
afterAll(() => house.stop())

async function asked(more: Readonly<Record<string, string>> = {}) {
  const visitor = new Visitor(house)
  const person = await enrolPerson(house)
  const begun = await begin(shop, { tenant: 'acme', ...more })
  const page = await signIn(visitor, await visitor.open(begun.url, shopOrigin), person, shopOrigin)
  return { visitor, person, begun, page }
}

describe('the consent page', () => {
  it('says who asks, who is asked, and what the app will see and do', async () => {
    const { page, person } = await asked({ scope: 'openid email offline_access orders:read' })
    expect(page.url.pathname).toMatch(/^\/consent\//)
    const text = page.body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
    for (const words of [
      'Shop',
      'Acme',
      person.email,
      'shop.test',
      'see your email address',
      'stay connected',
      'see your orders (Orders)',
    ])
      expect(text).toContain(words)
    expect(page.body).not.toContain('<script')
    expect(page.headers['content-security-policy']).toContain("form-action 'self';")
    expect(page.headers['cache-control']).toBe('no-store')
  })

  it('is not shown a second time, nor in another session', async () => {
    const { visitor, person } = await newSignIn(house, shop)
    expect((await visitor.open((await begin(shop)).url, shopOrigin)).status).toBe(0)
    const other = new Visitor(house)
    const begun = await begin(shop, { tenant: 'acme' })
    const answer = await signIn(other, await other.open(begun.url, shopOrigin), person, shopOrigin)
    await redeem(shop, begun, answer.url)
  })

  it('asks only for what is new', async () => {
    const { visitor } = await newSignIn(house, shop)
    const page = await visitor.open((await begin(shop, { scope: 'openid email groups' })).url, shopOrigin)
    expect(page.body).toContain('see which groups you are in')
    expect(page.body).not.toContain('see your email address')
  })

  it('a no is told to the app, and asked again the next time', async () => {
    const { visitor, begun, page } = await asked()
    const answer = await visitor.submit(page, page.url.pathname, { answer: 'no' }, shopOrigin)
    expect(Object.fromEntries(answer.url.searchParams)).toMatchObject({ error: 'access_denied', state: begun.state })
    expect((await visitor.open((await begin(shop)).url, shopOrigin)).url.pathname).toMatch(/^\/consent\//)
  })

  it("is not asked for the organisation's own app, but for staying in when the person is gone", async () => {
    const intranet = await partyOf(house, 'intranet')
    const { visitor } = await newSignIn(house, intranet)
    expect((await visitor.open((await begin(intranet)).url, intranet.redirectUri)).status).toBe(0)
    const page = await visitor.open(
      (await begin(intranet, { scope: 'openid offline_access' })).url,
      intranet.redirectUri,
    )
    expect(page.body).toContain('stay connected')
  })

  it('a form from another site agrees to nothing', async () => {
    const { visitor, page } = await asked()
    const session = /name="session" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const forged = await visitor.ask(page.url, {
      method: 'POST',
      form: { answer: 'yes', session },
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    })
    expect(forged.status).toBe(403)
    expect((await visitor.open((await begin(shop)).url, shopOrigin)).url.pathname).toMatch(/^\/consent\//)
  })

  it('nobody agrees for whoever signed in meanwhile in another tab', async () => {
    const { visitor, page } = await asked()
    const other = await enrolPerson(house)
    const login = await visitor.open('/login?tenant=acme&prompt=login')
    await signIn(visitor, login, other)
    const shown = await allow(visitor, page, shopOrigin)
    expect(shown.url.pathname).toMatch(/^\/consent\//)
    expect(shown.body).toContain(other.email)
  })

  it('OP-33 answers a form with a page that goes on by itself, asking for the next address', async () => {
    const { visitor, page } = await asked()
    const session = /name="session" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const answer = await visitor.ask(page.url, {
      method: 'POST',
      form: { answer: 'yes', session },
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.refresh).toMatch(/^0; url=https:\/\/login\.gatehouse\.test\/oauth2\/auth\//)
    expect(answer.headers['content-security-policy']).toContain("form-action 'self';")
  })

  it('revoking on /account ends what the app has, and it has to ask again', async () => {
    const { visitor, begun, answer } = await newSignIn(house, shop, { scope: 'openid email offline_access' })
    const tokens = await redeem(shop, begun, answer)
    const account = await visitor.open('/account')
    await visitor.submit(account, '/account/apps/revoke')
    const { config } = shop
    const { refreshTokenGrant } = await import('openid-client')
    await expect(refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    const again = await begin(shop)
    const page = await visitor.open(again.url, shopOrigin)
    expect(page.url.pathname).toMatch(/^\/consent\//)
    await redeem(shop, again, (await allow(visitor, page, shopOrigin)).url)
  })
})

describe('A16: the consent page of an app that a developer registered', () => {
  it('A16: says who registered it, and of which tenant; that of a declared app does not', async () => {
    const developer = await enrolPerson(house)
    const [user] = await house.core.parts.users.findByProvenEmail('acme', developer.email)
    const id = 'app0000000000000000000000bb'
    const app: App = {
      ...{
        id,
        name: 'Notes',
        kind: 'web',
        mark: undefined,
        backchannelLogoutUri: undefined,
        scopes: ['openid', 'email'],
      },
      ...{ redirectUris: ['https://notes.test/cb'], postLogoutRedirectUris: [], tenants: ['acme'], firstParty: false },
      ...{ owner: { tenant: 'acme', userId: user?.id ?? '' }, secrets: [], keys: [] },
      ...{ createdAt: house.clock.now(), revision: 0 },
    }
    expect(await house.core.parts.apps.create(app)).toBe(true)
    const { url } = await begin({ ...shop, redirectUri: 'https://notes.test/cb' }, { tenant: 'acme' })
    url.searchParams.set('client_id', id)
    const visitor = new Visitor(house)
    const page = await signIn(visitor, await visitor.open(url), await enrolPerson(house))
    expect(page.body.replace(/<[^>]+>/g, '')).toContain(`Registered by ${developer.email}`)
    expect(page.body.replace(/<[^>]+>/g, '')).toContain('of Acme.')
    expect((await asked()).page.body).not.toContain('Registered by')
  })
})
