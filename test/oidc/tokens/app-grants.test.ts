/** What an app is allowed to do by its settings: grants, PKCE, and the claims of its ID token. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { send, Visitor } from '../../support/browser/visitor.ts'
import { type House, patience } from '../../support/gatehouse/house.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { allow, begin, newSignIn, type Party, partyOf, redeem } from '../../support/oidc/parties.ts'
import { appYaml, post, refusalOf, refusedAt, secretParty, startWith, tokensOf } from '../../support/oidc/settings.ts'

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

let house: House
beforeAll(async () => {
  const yaml = Object.entries(apps).map(([id, more]) => appYaml(id, `${more}, secrets: ['${secretOf(id)}']`))
  house = await startWith(yaml.join(''))
})
afterAll(() => house.stop())

const party = (id: string): Promise<Party> => secretParty(house, id, secretOf(id))

describe('the grants of an app', () => {
  it('D3: a web app has neither client_credentials nor the device grant, and is told where to add them', async () => {
    const { config } = await party('plain')
    const forItself = await refusalOf(client.clientCredentialsGrant(config, { scope: 'orders:read' }))
    expect(forItself).toEqual({
      error: 'unauthorized_client',
      words: expect.stringContaining("got 'client_credentials'; see grants of this app"),
    })
    const device = await refusalOf(client.initiateDeviceAuthorization(config, { scope: 'openid' }))
    expect(device).toEqual({ error: 'unauthorized_client', words: expect.stringContaining('add it there') })
  })

  it('D3: has them where its grants list them, and then no others', async () => {
    const machine = await party('machine')
    const { access_token: token } = await client.clientCredentialsGrant(machine.config, { scope: 'orders:read' })
    expect(token).toMatch(/^gth_cc_/)
    const { tokens } = await tokensOf(house, machine)
    expect(tokens.refresh_token).toBeUndefined()
    const telly = await party('telly')
    expect((await client.initiateDeviceAuthorization(telly.config, { scope: 'openid' })).device_code).toBeDefined()
  })
})

describe('PKCE', () => {
  const bare = { code_challenge: undefined, code_challenge_method: undefined, nonce: undefined }

  async function bareSignIn(id: string) {
    const app = await party(id)
    const begun = await begin(app)
    for (const name of Object.keys(bare)) begun.url.searchParams.delete(name)
    const { answer } = await newSignIn(house, app, {}, begun)
    const checks = { expectedState: begun.state, idTokenExpected: true }
    return client.authorizationCodeGrant(app.config, answer, checks)
  }

  it('C8: pkce optional takes a sign-in with neither PKCE nor a nonce', async () => {
    expect((await bareSignIn('nothing')).claims()?.sub).toBeDefined()
  })

  it('C8: pkce optional still asks for the verifier of a challenge', async () => {
    const app = await party('nothing')
    const { begun, answer } = await newSignIn(house, app)
    const without = client.authorizationCodeGrant(app.config, answer, {
      expectedState: begun.state,
      expectedNonce: begun.nonce,
    })
    expect((await refusalOf(without)).words).toContain('code_verifier: expected')
  })

  it('C8: or-nonce and required take none with neither', async () => {
    expect((await refusedAt(house, await party('nonce'), bare)).error).toBe('invalid_request')
    expect((await refusedAt(house, await party('nonce'), { ...bare, nonce: 'n' })).error).not.toBe('invalid_request')
    expect((await refusedAt(house, await party('plain'), { ...bare, nonce: 'n' })).error).toBe('invalid_request')
  })

  it('K6: a request without PKCE is refused by the name of the app, with the fix, and the trace says the same', async () => {
    const { words } = await refusedAt(house, await party('plain'), bare)
    expect(words).toContain('switch on PKCE (S256) in App plain, or set pkce: or-nonce for the app plain')
    await vi.waitFor(async () => {
      const traces = await house.core.storage.durable.traces.recent({ limit: 50 })
      const ofApp = traces.filter(({ connection }) => connection === 'app plain')
      expect(JSON.stringify(ofApp)).toContain('switch on PKCE (S256) in App plain')
    }, patience)
  })

  it('K6: a public app is told of PKCE alone', async () => {
    const { words } = await refusedAt(house, await partyOf(house, 'spa'), bare)
    expect(words).toContain('switch on PKCE (S256) in Board')
    expect(words).not.toContain('or-nonce')
  })
})

describe('the claims of an ID token', () => {
  it('have no tenant, which userinfo and introspection have', async () => {
    const app = await party('plain')
    const { tokens } = await tokensOf(house, app)
    expect(tokens.claims()).toMatchObject({ email: expect.stringContaining('@mail.test') })
    expect(tokens.claims()?.['tenant']).toBeUndefined()
    const stated = await client.fetchUserInfo(app.config, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(stated['tenant']).toBe('acme')
    expect((await client.tokenIntrospection(app.config, tokens.access_token))['tenant']).toBe('acme')
  })

  it('have the tenant with tenantInIdToken', async () => {
    const app = await party('named')
    const { tokens } = await tokensOf(house, app)
    expect(tokens.claims()?.['tenant']).toBe('acme')
  })

  it('have the tenant where the request asks for it by name', async () => {
    const claims = JSON.stringify({ id_token: { tenant: null } })
    const { tokens } = await tokensOf(house, await party('plain'), { claims })
    expect(tokens.claims()?.['tenant']).toBe('acme')
  })

  it('have no email with scopeClaimsInIdToken false: it is in userinfo, or where the request asks for it', async () => {
    const app = await party('slim')
    const { tokens } = await tokensOf(house, app)
    expect(Object.keys(tokens.claims() ?? {})).not.toEqual(expect.arrayContaining(['email']))
    const stated = await client.fetchUserInfo(app.config, tokens.access_token, tokens.claims()?.sub ?? '')
    expect(stated.email).toContain('@mail.test')
    const asked = await tokensOf(house, app, { claims: JSON.stringify({ id_token: { email: null } }) })
    expect(asked.tokens.claims()?.['email']).toContain('@mail.test')
  })
})

describe('scope profile', () => {
  it('releases every claim of OpenID Connect Core 5.4 that the upstream supplied, and shows the user its values', async () => {
    const supplied = {
      ...{ preferred_username: 'ada_l', profile: 'https://okta.example/ada', website: 'http://ada.example/' },
      ...{ gender: 'female', birthdate: '1815-12-10', updated_at: '2026-09-21T11:26:40Z' },
    }
    house.okta.fault('claims', supplied)
    const app = await party('person')
    const begun = await begin(app, { tenant: 'acme', provider: 'okta', scope: 'openid profile' })
    const visitor = new Visitor(house)
    const asked = await visitor.click(await visitor.open(begun.url), 'Ada Lovelace')
    for (const value of ['ada_l', 'http://ada.example/', '1815-12-10']) expect(asked.body).toContain(value)
    const { url } = await allow(visitor, asked, app.redirectUri)
    const tokens = await redeem(app, begun, url)
    const stated = await client.fetchUserInfo(app.config, tokens.access_token, tokens.claims()?.sub ?? '')
    const expected = { ...supplied, updated_at: 1_789_990_000, name: 'Ada Lovelace' }
    expect(stated).toMatchObject(expected)
    expect(tokens.claims()).toMatchObject(expected)
    const session = JSON.parse((await visitor.ask('/api/v1/session')).body)
    expect(session.profile).toMatchObject(expected)
  })
})

describe('runs of spaces', () => {
  const spaced = ' openid  email '

  it('X4: are accepted in scope and prompt of an authorization request', async () => {
    const app = await party('plain')
    const { tokens } = await tokensOf(house, app, { scope: spaced, prompt: ' login  consent' })
    expect(tokens.scope?.split(' ').sort()).toEqual(['email', 'openid'])
  })

  it('X4: are accepted in a pushed request, and in one sent as a form', async () => {
    const app = await party('plain')
    const begun = await begin(app, { scope: spaced })
    const url = await client.buildAuthorizationUrlWithPAR(app.config, begun.url.searchParams)
    const { answer } = await newSignIn(house, app, {}, { ...begun, url })
    expect((await redeem(app, begun, answer)).scope?.split(' ')).toHaveLength(2)
    const again = await begin(app, { scope: spaced })
    const form = await post(house, '/oauth2/auth', Object.fromEntries(again.url.searchParams))
    const { status, headers } = await send(house.port, new URL(form.headers.location ?? '', publicOrigin), {})
    expect([status, headers.location]).toEqual([303, expect.stringContaining('/consent/')])
  })

  it('X4: are accepted at the token endpoint and for a device', async () => {
    const machine = await party('machine')
    const scope = '  orders:read '
    expect((await client.clientCredentialsGrant(machine.config, { scope })).scope).toBe('orders:read')
    const telly = await party('telly')
    expect((await client.initiateDeviceAuthorization(telly.config, { scope: spaced })).user_code).toBeDefined()
  })

  it('X4: no other white space is: a tab in scope is refused', async () => {
    expect((await refusedAt(house, await party('plain'), { scope: 'openid\temail' })).error).toBe('invalid_scope')
  })
})
