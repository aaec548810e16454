/** Which users and which apps may have tokens for an API: `tenants` and `requestableBy`. */
import { randomBytes } from 'node:crypto'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { secretHash } from '../../../src/crypto/token.ts'
import { createTokenChecker } from '../../../src/sdk/token-checker.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { gatehouse, load, tenant } from '../../support/gatehouse/config-folder.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  begin,
  fetchOf,
  newSignIn,
  type RelyingParty,
  redeem,
  signIn,
} from '../../support/oidc/relying-parties.ts'

const api = (name: string) => `https://api.test/${name}`
const secret = 'canary-secret-of-the-apps-0123456789'
const scopes = ['openid', 'offline_access', 'orders', 'open', 'named', 'ours', 'any', 'shared']

/** `orders` serves acme, `open` every tenant; `named`, `ours` and `any` limit the apps. */
const settings = `
apis:
  - { id: '${api('orders')}', name: Orders, scopes: { orders: see orders, shared: see both }, tenants: [acme], resourceServerApps: [server] }
  - { id: '${api('open')}', name: Open, scopes: { open: see what is open }, accessTokens: jwt, resourceServerApps: [server] }
  - { id: '${api('named')}', name: Named, scopes: { named: see names, shared: see both }, requestableBy: [staff, app00000000000000000000000a] }
  - { id: '${api('ours')}', name: Ours, scopes: { ours: see ours }, requestableBy: first-party }
  - { id: '${api('any')}', name: Any, scopes: { any: see any }, requestableBy: everyone }
apps:
  staff:
    { name: Staff, kind: web, redirectUris: ['https://staff.test/cb'], tenants: [acme, beta], scopes: [${scopes.filter((each) => each !== 'ours').join(', ')}], secrets: ['${secret}'] }
  server:
    { name: Server, kind: service, tenants: all, secrets: ['${secret}2'] }
`

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ settings })
})
afterAll(() => server.stop())

async function partyNamed(id: string, redirectUri: string, secretOf = secret): Promise<RelyingParty> {
  const config = await client.discovery(new URL(publicOrigin), id, {}, client.ClientSecretBasic(secretOf), {
    [client.customFetch]: fetchOf(server),
  })
  config[client.customFetch] = fetchOf(server)
  return { id, config, redirectUri }
}

const staff = () => partyNamed('staff', 'https://staff.test/cb')

/** As a developer of the tenant registered it. */
async function developersApp(of: string, id = `app${randomBytes(12).toString('hex')}`): Promise<RelyingParty> {
  const redirectUri = `https://${id}.test/cb`
  const app: App = {
    id,
    name: `Notes ${id}`,
    kind: 'web',
    logoUri: undefined,
    backchannelLogoutUri: undefined,
    scopes,
    redirectUris: [redirectUri],
    postLogoutRedirectUris: [],
    tenants: [of],
    firstParty: false,
    keys: [],
    owner: { tenant: of, userId: `developer-of-${of}` },
    secrets: [{ id: '1', sealed: '', hash: secretHash(secret), createdAt: server.clock.now(), expiresAt: undefined }],
    createdAt: server.clock.now(),
    revision: 0,
  }
  expect(await server.core.parts.apps.create(app)).toBe(true)
  return partyNamed(id, redirectUri)
}

/** What the app is told: an error, or `code`. */
async function answerTo(relyingParty: RelyingParty, more: Record<string, string>): Promise<string> {
  const of = more['tenant'] ?? 'acme'
  const person = await addUser(server, of)
  const browser = new TestBrowser(server)
  const opened = await browser.open((await begin(relyingParty, more)).url, relyingParty.redirectUri)
  const [, stated] = /href="([^"]*[?&]error=[^"]*)"/.exec(opened.body.replaceAll('&amp;', '&')) ?? []
  if (stated !== undefined) return new URL(stated).searchParams.get('error') ?? ''
  const page = opened.status === 0 ? opened : await signIn(browser, opened, person, relyingParty.redirectUri)
  const { url } = page.status === 0 ? page : await allow(browser, page, relyingParty.redirectUri)
  return url.searchParams.get('error') ?? (url.searchParams.has('code') ? 'code' : 'nothing')
}

describe('A11: an app of a developer requests an API', () => {
  it.each([
    ['acme', 'orders', 'code'],
    ['beta', 'orders', 'invalid_scope'],
    ['acme', 'open', 'invalid_scope'],
    ['beta', 'open', 'invalid_scope'],
    ['acme', 'named', 'invalid_scope'],
    ['acme', 'ours', 'invalid_scope'],
    ['beta', 'any', 'code'],
  ])('A11: of tenant %s, scope %s: %s', async (of, scope, expected) => {
    const relyingParty = await developersApp(of)
    expect(await answerTo(relyingParty, { tenant: of, scope: `openid ${scope}` })).toBe(expected)
  })

  it('A11: that names the app in requestableBy', async () => {
    const relyingParty = await developersApp('beta', 'app00000000000000000000000a')
    expect(await answerTo(relyingParty, { tenant: 'beta', scope: 'openid named' })).toBe('code')
  })

  it('A11: by resource, if another API that it may request has the scope too', async () => {
    const relyingParty = await developersApp('acme')
    const named = { tenant: 'acme', scope: 'openid shared', resource: api('named') }
    expect(await answerTo(relyingParty, named)).toBe('invalid_target')
    const { begun, answer } = await newSignIn(server, relyingParty, { tenant: 'acme', scope: 'openid shared' })
    const { access_token: token } = await redeem(relyingParty, begun, answer)
    expect(await client.tokenIntrospection(relyingParty.config, token)).toMatchObject({ aud: api('orders') })
  })
})

describe('A11: a user of a tenant that the API does not serve', () => {
  it('A11: yields no token, whether or not the app names the tenant', async () => {
    const relyingParty = await staff()
    expect(await answerTo(relyingParty, { tenant: 'beta', scope: 'openid orders' })).toBe('invalid_target')
    expect(await answerTo(relyingParty, { tenant: 'acme', scope: 'openid orders' })).toBe('code')
  })

  it('A11: yields a token for another API that has the scope', async () => {
    const relyingParty = await staff()
    const { begun, answer } = await newSignIn(server, relyingParty, { tenant: 'beta', scope: 'openid shared' })
    const { access_token: token } = await redeem(relyingParty, begun, answer)
    expect(await client.tokenIntrospection(relyingParty.config, token)).toMatchObject({ aud: api('named') })
  })

  it('A11: is asked to sign in at a tenant that the API serves', async () => {
    const relyingParty = await staff()
    const { browser } = await newSignIn(server, relyingParty, { tenant: 'beta', scope: 'openid' })
    const page = await browser.open(
      (await begin(relyingParty, { scope: 'openid orders' })).url,
      relyingParty.redirectUri,
    )
    expect(page.url.pathname).toBe('/login')
    expect(page.url.searchParams.get('tenant')).toBe('acme')
    const silent = await begin(relyingParty, { scope: 'openid orders', prompt: 'none' })
    const { url } = await browser.open(silent.url, relyingParty.redirectUri)
    expect(url.searchParams.get('error')).toBe('login_required')
  })
})

it('A11: is refused by the SDK at an API of another tenant', async () => {
  const relyingParty = await staff()
  const fetch: typeof globalThis.fetch = (input, init) =>
    globalThis.fetch(String(input).replace(publicOrigin, `http://127.0.0.1:${server.port}`), init)
  const options = { issuer: publicOrigin, app: 'server', secret: `${secret}2`, audience: api('open'), fetch }
  const checker = createTokenChecker({ ...options, tenants: ['acme'] })
  for (const of of ['acme', 'beta']) {
    const { begun, answer } = await newSignIn(server, relyingParty, { tenant: of, scope: 'openid open' })
    const { access_token: token } = await redeem(relyingParty, begun, answer)
    expect(await createTokenChecker({ ...options, tenants: 'all' }).check(token)).toMatchObject({ tenant: of })
    if (of === 'acme') expect(await checker.check(token)).toMatchObject({ tenant: of })
    else expect(await checker.check(token)).toBeNull()
  }
})

describe('A11: the configuration', () => {
  const withApi = (more: string, apps = '') =>
    `${gatehouse}apis:\n  - id: https://a.test/\n    name: A\n    scopes: { a.read: see a }\n${more}${apps}`
  const files = (text: string) => ({
    'gatehouse.yaml': text,
    'tenants/acme.yaml': tenant('acme'),
    'tenants/beta.yaml': `${tenant('beta')}access: { developer: everyone }\n`,
  })

  it('A11: `gatehouse check` names the APIs that apps of developers cannot request, and the setting', async () => {
    const { notes, faults } = await load(files(withApi('')))
    expect(faults).toEqual([])
    expect(notes).toEqual([expect.stringContaining('apis[0]: apps registered by developers (of beta) cannot request')])
    for (const more of ['    tenants: [beta]\n', '    requestableBy: everyone\n', '    requestableBy: first-party\n'])
      expect((await load(files(withApi(more)))).notes).toEqual([])
  })

  it('A11: unknown tenants and apps are faults', async () => {
    expect((await load(files(withApi('    tenants: [amce]\n')))).faults).toEqual([
      expect.stringContaining('apis[0].tenants[0]: there is no tenant amce'),
    ])
    expect((await load(files(withApi('    requestableBy: [shop]\n')))).faults).toEqual([
      expect.stringContaining('apis[0].requestableBy[0]: is neither'),
    ])
  })

  it('A11: a declared scope that its API does not let the app request is a fault', async () => {
    const apps =
      'apps:\n  shop:\n    name: Shop\n    kind: web\n    tenants: all\n    redirectUris: [https://shop.test/]\n    scopes: [openid, a.read]\n'
    expect((await load(files(withApi('    requestableBy: first-party\n', apps)))).faults).toEqual([
      expect.stringContaining('apps.shop.scopes[1]: belongs to apis[0], whose requestableBy'),
    ])
  })

  it('A11: a declared scope whose API serves none of the app’s tenants is a fault', async () => {
    const apps =
      'apps:\n  shop:\n    name: Shop\n    kind: web\n    tenants: [beta]\n    redirectUris: [https://shop.test/]\n    scopes: [openid, a.read]\n'
    expect((await load(files(withApi('    tenants: [acme]\n', apps)))).faults).toEqual([
      expect.stringContaining('apps.shop.scopes[1]: belongs to apis[0], whose tenants name none of this app'),
    ])
  })

  it('A11: with one tenant, an API without tenants is that tenant’s', async () => {
    const { loaded } = await load({ 'gatehouse.yaml': withApi(''), 'tenants/acme.yaml': tenant('acme') })
    expect(loaded.ok && loaded.deployment.apis[0]?.tenants).toEqual(['acme'])
  })
})
