/** Settings of an app: grants, PKCE, and the claims of its ID token. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { send, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import {
  allow,
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
} from '../../support/oidc/relying-parties.ts'
import {
  appYaml,
  authorizeError,
  oauthError,
  post,
  secretClient,
  startWith,
  tokensOf,
} from '../../support/oidc/settings.ts'

const secretOf = (id: string) => `canary-secret-of-the-app-${id}-0123456789`
const apps: Readonly<Record<string, string>> = {
  plain: 'scopes: [openid, email, "orders:read"]',
  machine: 'scopes: [openid, email, "orders:read"], grants: [authorization_code, client_credentials]',
  telly: 'grants: [authorization_code, refresh_token, device_code]',
  nothing: 'pkce: optional',
  nonce: 'pkce: or-nonce',
  slim: 'scopeClaimsInIdToken: false',
  named: 'tenantInIdToken: true',
  person: 'scopes: [openid, profile]',
}

let server: TestGatehouse
beforeAll(async () => {
  const yaml = Object.entries(apps).map(([id, more]) => appYaml(id, `${more}, secrets: ['${secretOf(id)}']`))
  server = await startWith(yaml.join(''))
})
afterAll(() => server.stop())

const relyingParty = (id: string): Promise<RelyingParty> => secretClient(server, id, secretOf(id))

describe('the grants of an app', () => {
  it('D3: a web app has neither client_credentials nor the device grant by default; the error names the setting', async () => {
    const { config } = await relyingParty('plain')
    const forItself = await oauthError(client.clientCredentialsGrant(config, { scope: 'orders:read' }))
    expect(forItself).toEqual({
      error: 'unauthorized_client',
      words: expect.stringContaining("got 'client_credentials'; see grants of this app"),
    })
    const device = await oauthError(client.initiateDeviceAuthorization(config, { scope: 'openid' }))
    expect(device).toEqual({ error: 'unauthorized_client', words: expect.stringContaining('add it there') })
  })

  it('D3: are exactly the listed ones', async () => {
    const machine = await relyingParty('machine')
    const { access_token: token } = await client.clientCredentialsGrant(machine.config, { scope: 'orders:read' })
    expect(token).toMatch(/^gth_cc_/)
    const { tokens } = await tokensOf(server, machine)
    expect(tokens.refresh_token).toBeUndefined()
    const telly = await relyingParty('telly')
    expect((await client.initiateDeviceAuthorization(telly.config, { scope: 'openid' })).device_code).toBeDefined()
  })
})

describe('PKCE', () => {
  const bare = { code_challenge: undefined, code_challenge_method: undefined, nonce: undefined }

  async function bareSignIn(id: string) {
    const app = await relyingParty(id)
    const begun = await begin(app)
    for (const name of Object.keys(bare)) begun.url.searchParams.delete(name)
    const { answer } = await newSignIn(server, app, {}, begun)
    const checks = { expectedState: begun.state, idTokenExpected: true }
    return client.authorizationCodeGrant(app.config, answer, checks)
  }

  it('C8: pkce optional accepts a request with neither PKCE nor a nonce', async () => {
    expect((await bareSignIn('nothing')).claims()?.sub).toBeDefined()
  })

  it('C8: pkce optional still requires the verifier of a challenge', async () => {
    const app = await relyingParty('nothing')
    const { begun, answer } = await newSignIn(server, app)
    const without = client.authorizationCodeGrant(app.config, answer, {
      expectedState: begun.state,
      expectedNonce: begun.nonce,
    })
    expect((await oauthError(without)).words).toContain('code_verifier: expected')
  })

  it('C8: or-nonce and required refuse a request with neither', async () => {
    expect((await authorizeError(server, await relyingParty('nonce'), bare)).error).toBe('invalid_request')
    expect((await authorizeError(server, await relyingParty('nonce'), { ...bare, nonce: 'n' })).error).not.toBe(
      'invalid_request',
    )
    expect((await authorizeError(server, await relyingParty('plain'), { ...bare, nonce: 'n' })).error).toBe(
      'invalid_request',
    )
  })

  it('K6: a request without PKCE is refused with the app’s name and the fix, in the trace too', async () => {
    const { words } = await authorizeError(server, await relyingParty('plain'), bare)
    expect(words).toContain('switch on PKCE (S256) in App plain, or set pkce: or-nonce for the app plain')
    await vi.waitFor(async () => {
      const traces = await server.core.storage.durable.traces.search({ limit: 50 })
      const ofApp = traces.filter(({ connection }) => connection === 'app plain')
      expect(JSON.stringify(ofApp)).toContain('switch on PKCE (S256) in App plain')
    }, waitOptions)
  })

  it('K6: a public app gets PKCE as the only fix', async () => {
    const { words } = await authorizeError(server, await relyingPartyOf(server, 'spa'), bare)
    expect(words).toContain('switch on PKCE (S256) in Board')
    expect(words).not.toContain('or-nonce')
  })
})

describe('the claims of an ID token', () => {
  it('have no tenant, unlike userinfo and introspection', async () => {
    const app = await relyingParty('plain')
    const { tokens } = await tokensOf(server, app)
    expect(tokens.claims()).toMatchObject({ email: expect.stringContaining('@mail.test') })
    expect(tokens.claims()?.['tenant']).toBeUndefined()
    const stated = await client.fetchUserInfo(app.config, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(stated['tenant']).toBe('acme')
    expect((await client.tokenIntrospection(app.config, tokens.access_token))['tenant']).toBe('acme')
  })

  it('have the tenant with tenantInIdToken', async () => {
    const app = await relyingParty('named')
    const { tokens } = await tokensOf(server, app)
    expect(tokens.claims()?.['tenant']).toBe('acme')
  })

  it('have the tenant if the request names it', async () => {
    const claims = JSON.stringify({ id_token: { tenant: null } })
    const { tokens } = await tokensOf(server, await relyingParty('plain'), { claims })
    expect(tokens.claims()?.['tenant']).toBe('acme')
  })

  it('have no email with scopeClaimsInIdToken false, unless the request names it; userinfo has it', async () => {
    const app = await relyingParty('slim')
    const { tokens } = await tokensOf(server, app)
    expect(Object.keys(tokens.claims() ?? {})).not.toEqual(expect.arrayContaining(['email']))
    const stated = await client.fetchUserInfo(app.config, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(stated.email).toContain('@mail.test')
    const asked = await tokensOf(server, app, { claims: JSON.stringify({ id_token: { email: null } }) })
    expect(asked.tokens.claims()?.['email']).toContain('@mail.test')
  })
})

describe('scope profile', () => {
  it('releases every supplied claim of OpenID Connect Core 5.4 and shows the user its values', async () => {
    const supplied = {
      preferred_username: 'ada_l',
      profile: 'https://okta.example/ada',
      website: 'http://ada.example/',
      gender: 'female',
      birthdate: '1815-12-10',
      updated_at: '2026-09-21T11:26:40Z',
    }
    server.okta.fault('claims', supplied)
    const app = await relyingParty('person')
    const begun = await begin(app, { tenant: 'acme', provider: 'okta', scope: 'openid profile' })
    const browser = new TestBrowser(server)
    const asked = await browser.click(await browser.open(begun.url), 'Ada Lovelace')
    for (const value of ['ada_l', 'http://ada.example/', '1815-12-10']) expect(asked.body).toContain(value)
    const { url } = await allow(browser, asked, app.redirectUri)
    const tokens = await redeem(app, begun, url)
    const stated = await client.fetchUserInfo(app.config, tokens.access_token, tokens.claims()?.sub ?? '')
    const expected = { ...supplied, updated_at: 1_789_990_000, name: 'Ada Lovelace' }
    expect(stated).toMatchObject(expected)
    expect(tokens.claims()).toMatchObject(expected)
    const session = JSON.parse((await browser.ask('/api/v1/session')).body)
    expect(session.profile).toMatchObject(expected)
  })
})

describe('runs of spaces', () => {
  const spaced = ' openid  email '

  it('X4: are accepted in scope and prompt of an authorization request', async () => {
    const app = await relyingParty('plain')
    const { tokens } = await tokensOf(server, app, { scope: spaced, prompt: ' login  consent' })
    expect(tokens.scope?.split(' ').sort()).toEqual(['email', 'openid'])
  })

  it('X4: are accepted in a pushed request and in a form', async () => {
    const app = await relyingParty('plain')
    const begun = await begin(app, { scope: spaced })
    const url = await client.buildAuthorizationUrlWithPAR(app.config, begun.url.searchParams)
    const { answer } = await newSignIn(server, app, {}, { ...begun, url })
    expect((await redeem(app, begun, answer)).scope?.split(' ')).toHaveLength(2)
    const again = await begin(app, { scope: spaced })
    const form = await post(server, '/oauth2/auth', Object.fromEntries(again.url.searchParams))
    const { status, headers } = await send(server.port, new URL(form.headers.location ?? '', publicOrigin), {})
    expect([status, headers.location]).toEqual([303, expect.stringContaining('/consent/')])
  })

  it('X4: are accepted at the token endpoint and for a device', async () => {
    const machine = await relyingParty('machine')
    const scope = '  orders:read '
    expect((await client.clientCredentialsGrant(machine.config, { scope })).scope).toBe('orders:read')
    const telly = await relyingParty('telly')
    expect((await client.initiateDeviceAuthorization(telly.config, { scope: spaced })).user_code).toBeDefined()
  })

  it('X4: are the only accepted white space: a tab in scope is refused', async () => {
    expect((await authorizeError(server, await relyingParty('plain'), { scope: 'openid\temail' })).error).toBe(
      'invalid_scope',
    )
  })
})
