/** An app registered on /developer, with two client libraries in Chromium. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import express from 'express'
import session from 'express-session'
import * as oidc from 'openid-client'
import passport from 'passport'
import { Strategy as OpenIdConnectStrategy } from 'passport-openidconnect'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBrowser } from '../support/browser/chromium.ts'
import { type Quickstart, startQuickstart } from '../support/servers/quickstart.ts'

// whole walks with a look at every page
vi.setConfig({ testTimeout: 90_000 })

let quickstart: Quickstart
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  ;[quickstart, browser] = await Promise.all([startQuickstart(), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await quickstart?.stop()
})
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  page = await context.newPage()
})
afterEach(() => context.close())

const press = (role: 'link' | 'button', name: RegExp) => page.getByRole(role, { name }).first().click()

/** Starts at the sign-in page. Each client has its own user, so that each asks for consent. */
async function signInAs(person: string, connection: RegExp): Promise<void> {
  await page.waitForURL(`${quickstart.gatehouse}/login**`)
  await press('link', connection)
  await page.getByText(person).first().click()
}

/** What a developer gets for an app they register themselves. */
interface Registered {
  readonly clientId: string
  readonly clientSecret: string
}

async function register(draft: object): Promise<Registered> {
  const call = async (path: string, json: object, token?: string) => {
    const answer = await fetch(`${quickstart.gatehouse}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(json),
    })
    const said = await answer.json()
    if (!answer.ok) throw new Error(`${path}: ${JSON.stringify(said)}`)
    return said
  }
  const { token } = await call('/sessions', { tenant: 'demo', ...quickstart.person })
  const app = await call('/apps', draft, token)
  const made = await call(`/apps/${app.id}/secrets`, {}, token)
  return { clientId: app.id, clientSecret: made.secret }
}

describe('an app that a developer registered', () => {
  let server: Server
  let origin: string
  let handle: (request: IncomingMessage) => Promise<void> = async () => {}
  beforeAll(async () => {
    server = createServer((request, response) => void handle(request).then(() => response.end('received')))
    await new Promise<void>((done) => server.listen(0, 'localhost', done))
    origin = `http://localhost:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  it('signs users in with openid-client, PAR and nonce, refreshes, introspects, revokes and signs out', async () => {
    const logoutTokens: string[] = []
    handle = async (request) => {
      if (request.method === 'POST')
        logoutTokens.push(new URLSearchParams(await text(request)).get('logout_token') ?? '')
    }
    const { clientId, clientSecret } = await register({
      name: 'Registered',
      kind: 'web',
      redirectUris: [`${origin}/callback`],
      postLogoutRedirectUris: [`${origin}/bye`],
      backchannelLogoutUri: `${origin}/backchannel`,
      scopes: ['openid', 'profile', 'email', 'offline_access'],
    })
    const settings = { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] }
    const basic = oidc.ClientSecretBasic(clientSecret)
    const gatehouse = await oidc.discovery(new URL(quickstart.gatehouse), clientId, undefined, basic, settings)
    const [pkceCodeVerifier, expectedState, expectedNonce] = [
      oidc.randomPKCECodeVerifier(),
      oidc.randomState(),
      oidc.randomNonce(),
    ]
    const address = await oidc.buildAuthorizationUrlWithPAR(gatehouse, {
      redirect_uri: `${origin}/callback`,
      scope: 'openid profile email offline_access',
      tenant: 'demo',
      provider: 'google',
      state: expectedState,
      nonce: expectedNonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    })
    await page.goto(address.href) // straight to Google, as `provider` says
    await page.getByText('ada@gmail.example').first().click()
    await press('button', /^allow$/i)
    await page.waitForURL(`${origin}/callback**`)

    const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true }
    const tokens = await oidc.authorizationCodeGrant(gatehouse, new URL(page.url()), checks)
    const claims = tokens.claims()
    expect(claims).toMatchObject({ email: 'ada@gmail.example', sid: expect.any(String) })
    expect(await oidc.fetchUserInfo(gatehouse, tokens.access_token, claims?.sub ?? '')).toMatchObject({
      name: 'Ada Lovelace',
    })
    expect(await oidc.tokenIntrospection(gatehouse, tokens.access_token)).toMatchObject({
      active: true,
      sub: claims?.sub,
    })

    const refreshed = await oidc.refreshTokenGrant(gatehouse, tokens.refresh_token ?? '')
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)
    await oidc.tokenRevocation(gatehouse, refreshed.access_token)
    expect(await oidc.tokenIntrospection(gatehouse, refreshed.access_token)).toEqual({ active: false })

    const bye = { id_token_hint: tokens.id_token ?? '', post_logout_redirect_uri: `${origin}/bye`, state: 'x' }
    await page.goto(oidc.buildEndSessionUrl(gatehouse, bye).href)
    await page.waitForURL(`${origin}/bye?state=x`)
    await expect.poll(() => logoutTokens.length).toBe(1)
  })

  it('signs users in with passport-openidconnect, which has no PKCE, by nonce if the app allows it', async () => {
    const app = express()
    const own = createServer(app)
    await new Promise<void>((done) => own.listen(0, 'localhost', done))
    const home = `http://localhost:${(own.address() as AddressInfo).port}`
    const { clientId, clientSecret } = await register({
      name: 'Passport app',
      kind: 'web',
      pkce: 'or-nonce',
      redirectUris: [`${home}/callback`],
      postLogoutRedirectUris: [`${home}/`],
      scopes: ['openid', 'profile', 'email', 'offline_access'],
    })
    const auth = new passport.Passport()
    const options = {
      issuer: quickstart.gatehouse,
      authorizationURL: `${quickstart.gatehouse}/oauth2/auth`,
      tokenURL: `${quickstart.gatehouse}/oauth2/token`,
      userInfoURL: `${quickstart.gatehouse}/oauth2/userinfo`,
      clientID: clientId,
      clientSecret,
      callbackURL: `${home}/callback`,
      scope: ['profile', 'email', 'offline_access'],
      nonce: true as unknown as string, // its README: true, its types: text
    }
    let got: { readonly idToken: string; readonly refreshToken: string } | undefined
    auth.use(
      'gatehouse',
      new OpenIdConnectStrategy(
        options,
        (
          _issuer: string,
          profile: object,
          _context: object,
          idToken: string | object,
          _access: string | object,
          refreshToken: string,
          done: (error: null, user: object) => void,
        ) => {
          got = { idToken: String(idToken), refreshToken }
          done(null, profile)
        },
      ),
    )
    auth.serializeUser((user, done) => done(null, user))
    auth.deserializeUser((user: object, done) => done(null, user))
    app.use(session({ secret: 'of this test', resave: false, saveUninitialized: false }), auth.session())
    app.get('/sign-in', auth.authenticate('gatehouse'))
    app.get('/callback', auth.authenticate('gatehouse', { successRedirect: '/' }))
    app.get('/', (request, response) => void response.type('text').send(JSON.stringify(request.user ?? null)))
    try {
      await page.goto(`${home}/sign-in`)
      await signInAs('Alan Turing', /linkedin/i)
      await press('button', /^allow$/i)
      await page.waitForURL(`${home}/`)
      expect(JSON.parse(await page.locator('body').innerText())).toMatchObject({ displayName: 'Alan Turing' })

      const basic = oidc.ClientSecretBasic(clientSecret)
      const settings = { execute: [oidc.allowInsecureRequests] }
      const gatehouse = await oidc.discovery(new URL(quickstart.gatehouse), clientId, undefined, basic, settings)
      expect((await oidc.refreshTokenGrant(gatehouse, got?.refreshToken ?? '')).access_token).toBeTruthy()
      const bye = { id_token_hint: got?.idToken ?? '', post_logout_redirect_uri: `${home}/` }
      await page.goto(oidc.buildEndSessionUrl(gatehouse, bye).href)
      await page.waitForURL(`${home}/`)
      await page.goto(`${quickstart.gatehouse}/account`)
      await page.waitForURL(/\/login/)
    } finally {
      own.close()
    }
  })
})
