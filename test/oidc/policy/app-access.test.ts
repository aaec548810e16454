/**
 * Access rules of an app: at sign-in, at the token endpoint, at userinfo and in the device flow.
 */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AppAccess } from '../../../src/app/access.ts'
import type { App } from '../../../src/app/app.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { addTotp } from '../../support/gatehouse/second-factors.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  begin,
  fetchOf,
  newSignIn,
  type Person,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  signIn,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

const wiki = 'https://wiki.test'
let server: TestGatehouse
let ada: Person
beforeAll(async () => {
  server = await startProviderServer()
  ada = await addUser(server)
})
afterAll(() => server.stop())

let count = 0

/** An app of a developer: its rules can change while the process runs. */
async function wikiWith(access: AppAccess, more: Partial<App> = {}): Promise<RelyingParty> {
  count += 1
  const id = `app${count.toString(16).padStart(24, '0')}`
  const app: App = {
    ...{ id, name: 'Wiki', kind: 'single-page', logoUri: undefined, redirectUris: [`${wiki}/cb`] },
    ...{ postLogoutRedirectUris: [], backchannelLogoutUri: undefined, tenants: ['acme'], firstParty: true },
    ...{
      scopes: ['openid', 'email', 'offline_access'],
      owner: { tenant: 'acme', userId: 'dev' },
      secrets: [],
      keys: [],
    },
    ...{ createdAt: new Date(), revision: 0, ...access, ...more },
  }
  await server.core.parts.apps.create(app)
  const config = await client.discovery(new URL(publicOrigin), id, {}, client.None(), {
    [client.customFetch]: fetchOf(server),
  })
  config[client.customFetch] = fetchOf(server)
  return { id, config, redirectUri: `${wiki}/cb` }
}

async function changeRules({ id }: RelyingParty, access: Partial<App>): Promise<void> {
  const app = await server.core.parts.apps.find(id)
  if (app === null) throw new Error('no app')
  await server.core.parts.apps.update({ ...app, ...access })
  server.core.parts.appRegistry.forget(id)
}

const events = async (app: string, action: string) =>
  (await server.core.parts.audit.recent({ tenant: 'acme', limit: 200 })).filter(
    (event) => event.action === action && (event.target === app || event.details['app'] === app),
  )
const textOf = ({ body }: { readonly body: string }) => body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

async function refusedPage(rp: RelyingParty, person = ada) {
  const browser = new TestBrowser(server)
  const begun = await begin(rp, { tenant: 'acme' })
  const page = await signIn(browser, await browser.open(begun.url, wiki), person, wiki)
  return { browser, begun, page }
}

describe('an app with access rules', () => {
  it('signs in a user with a proven email of the list', async () => {
    const rp = await wikiWith({ allow: { groups: ['empty-group'], emails: [ada.email] } })
    const { page, begun } = await refusedPage(rp)
    await redeem(rp, begun, page.url)
    expect(await events(rp.id, 'app.access_refused')).toEqual([])
  })

  it('shows other users the missing access and the person to ask, and its app gets access_denied', async () => {
    const rp = await wikiWith({ allow: { groups: ['sales'], emails: ['boss@acme.test'] } })
    const { browser, begun, page } = await refusedPage(rp)
    expect(page.status).toBe(403)
    const text = textOf(page)
    expect(text).toContain('You do not have access to Wiki')
    expect(text).toContain('Wiki is for: members of the group &quot;sales&quot;')
    expect(text).not.toContain('boss@acme.test')
    expect(page.body).toContain('href="https://help.acme.test/"')
    expect(page.body).toContain('Use another account')
    const reference = /<code>(.{4}-.{4})<\/code>/.exec(page.body)?.[1] ?? ''
    expect(await server.trace(reference)).toMatchObject({ outcome: 'refused', code: 'app_access_refused', app: rp.id })
    const again = await browser.open(page.url, wiki)
    expect(again.body, 'a reload shows the same reference').toContain(reference)
    const answer = await browser.submit(again, again.url.pathname, { answer: 'no' }, wiki)
    expect(Object.fromEntries(answer.url.searchParams)).toMatchObject({ error: 'access_denied', state: begun.state })
    expect(await events(rp.id, 'app.access_refused')).toMatchObject([{ details: { at: 'sign-in' } }])
  })

  it('cannot be entered by a yes to the page', async () => {
    const rp = await wikiWith({ allow: { groups: ['sales'] } })
    const { browser, page } = await refusedPage(rp)
    const answer = await browser.submit(page, page.url.pathname, { answer: 'yes' }, wiki)
    expect(answer.url.searchParams.get('error')).toBe('access_denied')
    expect(answer.url.searchParams.get('code')).toBeNull()
  })

  it('signs in another account of the same browser', async () => {
    const grace = await addUser(server)
    const rp = await wikiWith({ allow: { emails: [grace.email] } })
    const { browser, begun, page } = await refusedPage(rp)
    const href = /href="([^"]+)">Use another account/.exec(page.body)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const answer = await signIn(browser, await browser.open(new URL(href, publicOrigin), wiki), grace, wiki)
    await redeem(rp, begun, answer.url)
  })

  it('answers prompt=none with access_denied', async () => {
    const rp = await wikiWith({ allow: { groups: ['sales'] } })
    const { browser } = await refusedPage(rp)
    const answer = await browser.open((await begin(rp, { prompt: 'none' })).url, wiki)
    expect(answer.url.searchParams.get('error')).toBe('access_denied')
  })

  it.each(['openid email', 'openid email offline_access'])(
    'loses the grant at the next refresh when its rules no longer allow the user (%s)',
    async (scope) => {
      const rp = await wikiWith({})
      const { begun, answer } = await newSignIn(server, rp, {
        scope,
        ...(scope.includes('off') && { prompt: 'consent' }),
      })
      const tokens = await redeem(rp, begun, answer)
      const refresh = () => client.refreshTokenGrant(rp.config, tokens.refresh_token ?? '')
      await changeRules(rp, { allow: { groups: ['sales'] } })
      await expect(client.fetchUserInfo(rp.config, tokens.access_token, client.skipSubjectCheck)).rejects.toThrow()
      await expect(refresh()).rejects.toMatchObject({
        error: 'invalid_grant',
        error_description: 'user: the access rules of the app no longer allow the user',
      })
      // the grant has ended: it stays so with other rules
      await changeRules(rp, { allow: undefined })
      await expect(refresh()).rejects.toMatchObject({ error: 'invalid_grant' })
      expect(await events(rp.id, 'grant.revoked')).toMatchObject([{ actor: 'system' }])
      expect((await events(rp.id, 'app.access_refused')).map(({ details }) => details['at'])).toContain('token')
    },
  )

  it('MF-04 gets no tokens by a grant without a second factor, once it requires one', async () => {
    const rp = await wikiWith({})
    const { begun, answer, browser, person } = await newSignIn(server, rp)
    const before = await redeem(rp, begun, answer)
    const refreshed = await client.refreshTokenGrant(rp.config, before.refresh_token ?? '')
    await changeRules(rp, { mfa: 'required' })
    await expect(client.refreshTokenGrant(rp.config, refreshed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('requires a second factor'),
    })
    const { nextCode } = await addTotp(server, person.email)
    const again = await begin(rp)
    const page = await browser.open(again.url, wiki)
    const proven = await browser.submit(page, '/login/second-factor', { code: nextCode() }, wiki)
    const after = await redeem(rp, again, proven.url)
    const claims = (await client.refreshTokenGrant(rp.config, after.refresh_token ?? '')).claims()
    expect(claims).toMatchObject({ acr: 'urn:gatehouse:acr:mfa', amr: ['pwd', 'otp', 'mfa'] })
  })

  it('gets no tokens for a code that it received before its rules changed', async () => {
    const rp = await wikiWith({})
    const { begun, answer } = await newSignIn(server, rp)
    await changeRules(rp, { allow: { groups: ['sales'] } })
    await expect(redeem(rp, begun, answer)).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('refuses the user of a device, and the device gets access_denied', async () => {
    const rp = await wikiWith({ allow: { groups: ['sales'] } }, { kind: 'native', redirectUris: [] })
    const device = await client.initiateDeviceAuthorization(rp.config, { scope: 'openid email', tenant: 'acme' })
    const poll = () =>
      client.genericGrantRequest(rp.config, 'urn:ietf:params:oauth:grant-type:device_code', {
        device_code: device.device_code,
      })
    const browser = new TestBrowser(server)
    const asked = await browser.open(device.verification_uri)
    const confirm = await browser.submit(asked, '/oauth2/device', { user_code: device.user_code })
    const login = await browser.submit(confirm, '/oauth2/device', { confirm: 'yes' })
    const page = await signIn(browser, login, ada)
    expect(textOf(page)).toContain('You do not have access to Wiki')
    await browser.submit(page, page.url.pathname, { answer: 'no' })
    await expect(poll()).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('rules of a tenant replace those of the app', async () => {
    const rules = { allow: { groups: ['sales'] }, allowPerTenant: { acme: { emails: [ada.email] } } }
    const rp = await wikiWith(rules)
    const { page, begun } = await refusedPage(rp)
    await redeem(rp, begun, page.url)
  })
})

it('apps without access rules sign in every user of their tenants', async () => {
  const shop = await relyingPartyOf(server, 'shop')
  const { begun, answer } = await newSignIn(server, shop)
  await redeem(shop, begun, answer)
})
