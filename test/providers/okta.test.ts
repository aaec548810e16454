import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OktaEmulator, startOktaEmulator } from '../../providers/okta/emulator.ts'
import { okta } from '../../providers/okta/okta.ts'
import { browse } from '../contract/browse.ts'
import type { UpstreamFixture } from '../contract/context.ts'
import { testContext, testRecorder } from '../contract/context.ts'
import { providerContract } from '../contract/provider.ts'

const callback = 'https://gatehouse.test/t/acme/okta/callback'
const ada = {
  sub: '00u-ada',
  email: 'Ada@Acme.test',
  email_verified: true,
  name: 'Ada Lovelace',
  given_name: 'Ada',
  family_name: 'Lovelace',
  groups: ['Everyone', 'Analysts'],
  locale: 'en-GB',
  zoneinfo: 'Europe/London',
}
const client = { clientId: 'gatehouse', clientSecret: 'canary-client-secret', redirectUris: [callback] }

function emulate(path: string): Promise<OktaEmulator> {
  return startOktaEmulator({ path, clients: [client], people: [ada, { sub: '00u-alan', name: 'Alan Turing' }] })
}

async function fixtureOf(emulator: OktaEmulator): Promise<UpstreamFixture> {
  const authenticate = async (url: URL, choice: { as: string } | 'cancel') =>
    (await browse(url, callback, choice)).searchParams
  const urlOf: (challenge: { step: string; url?: URL }) => URL = ({ url }) => {
    if (url === undefined) throw new Error('expected a redirect')
    return url
  }
  return {
    provider: okta,
    config: { issuer: emulator.issuer, clientId: client.clientId, clientSecret: client.clientSecret },
    typo: { key: 'issuer', value: 'http://acme.okta.com' },
    person: { issuer: emulator.issuer, subject: ada.sub, email: { address: 'ada@acme.test', verified: true } },
    stateParameter: 'state',
    answer: (challenge) => authenticate(urlOf(challenge), { as: ada.sub }),
    deny: (challenge) => authenticate(urlOf(challenge), 'cancel'),
    withoutEmail: () => emulator.fault('noEmail'),
    textVerified: (value) => emulator.fault('emailVerifiedText', value),
    faults: {
      down: () => emulator.fault('down'),
      html: () => emulator.fault('html'),
      heal: emulator.reset,
      requests: () => Object.values(emulator.counters).reduce((sum, count) => sum + count, 0),
    },
    close: emulator.close,
  }
}

providerContract('Okta with a custom authorization server', {
  challenge: 'redirect',
  start: async () => fixtureOf(await emulate('/oauth2/default')),
})
providerContract("Okta with the org's own authorization server", {
  challenge: 'redirect',
  start: async () => fixtureOf(await emulate('')),
})

describe('Okta', () => {
  let custom: OktaEmulator
  let org: OktaEmulator
  beforeAll(async () => {
    custom = await emulate('/oauth2/default')
    org = await emulate('')
  })
  afterAll(() => Promise.all([custom.close(), org.close()]))

  async function signIn(emulator: OktaEmulator, scopes?: readonly string[]) {
    const config = {
      issuer: emulator.issuer,
      clientId: client.clientId,
      clientSecret: client.clientSecret,
      ...(scopes && { scopes }),
    }
    const connection = okta.open(okta.config.parse(config), testContext())
    const record = testRecorder()
    const challenge = await connection.begin({ state: 'S', record })
    if (challenge.step !== 'redirect') throw new Error('expected a redirect')
    const back = await browse(challenge.url, callback, { as: ada.sub })
    return connection.complete({ parameters: back.searchParams, memo: challenge.memo, state: 'S', record })
  }

  it('returns the whole profile, although its ID token has few claims', async () => {
    const { identity, evidence } = await signIn(custom)
    expect(identity.profile).toEqual({
      email: { address: 'ada@acme.test', verified: true },
      name: 'Ada Lovelace',
      givenName: 'Ada',
      familyName: 'Lovelace',
      groups: ['Everyone', 'Analysts'],
      locale: 'en-GB',
      zoneinfo: 'Europe/London',
    })
    expect(evidence).toEqual({ amr: ['pwd'], authenticatedAt: expect.any(Date) })
  })

  it("tells groups of the org's own server only for the scope groups; absent is not none", async () => {
    expect((await signIn(org)).identity.profile.groups).toBeUndefined()
    expect((await signIn(org, ['openid', 'profile', 'email', 'groups'])).identity.profile.groups).toEqual([
      'Everyone',
      'Analysts',
    ])
  })

  it('accepts logins begun by its dashboard, of its own issuer', () => {
    const config = okta.config.parse({
      issuer: 'https://acme.okta.com/oauth2/default',
      clientId: 'c',
      clientSecret: 's',
    })
    expect(okta.open(config, testContext()).traits?.initiatingIssuer).toBe('https://acme.okta.com/oauth2/default')
  })

  it.each([
    'https://acme.okta.com',
    'https://acme.okta.com/oauth2/default',
    'https://login.acme.test/',
    'http://localhost:4010/oauth2/default',
    'http://127.0.0.1:4010',
  ])('takes the issuer %s as it stands', (issuer) => {
    expect(okta.config.parse({ issuer, clientId: 'c', clientSecret: 's' })).toMatchObject({
      issuer,
      scopes: ['openid', 'profile', 'email'],
      groupsClaim: 'groups',
    })
  })

  it.each([
    'acme.okta.com',
    'http://acme.okta.com',
    'http://localhost.acme.test',
    'http://10.0.0.1',
    'https://acme.okta.com/?x=1',
    'https://acme.okta.com#x',
    'https://a:b@acme.okta.com',
    'file:///etc/passwd',
    7,
  ])('CF-01 refuses the issuer %s', (issuer) => {
    expect(okta.config.safeParse({ issuer, clientId: 'c', clientSecret: 's' }).success).toBe(false)
  })

  it('never shows its client secret', () => {
    const config = okta.config.parse({ issuer: 'https://acme.okta.com', clientId: 'c', clientSecret: 'canary' })
    expect(JSON.stringify(config)).not.toContain('canary')
  })
})

describe('the emulated Okta', () => {
  let emulator: OktaEmulator
  beforeAll(async () => {
    emulator = await emulate('/oauth2/default')
  })
  afterAll(() => emulator.close())

  it('has a page where its faults are switched', async () => {
    const post = (form: Record<string, string>) =>
      fetch(`${emulator.url}/faults`, { method: 'POST', body: new URLSearchParams(form) })
    expect(await (await post({ on: 'otherIssuer' })).text()).toContain('aria-pressed="true"')
    const discovery = async () => (await fetch(`${emulator.issuer}/.well-known/openid-configuration`)).json()
    expect(await discovery()).toMatchObject({ issuer: 'https://other.okta.example' })
    expect(await (await post({ off: 'otherIssuer' })).text()).not.toContain('aria-pressed="true"')
    expect(await discovery()).toMatchObject({ issuer: emulator.issuer, token_endpoint: `${emulator.issuer}/v1/token` })
    expect(await (await fetch(emulator.url)).text()).toContain(
      'GET /oauth2/default/.well-known/openid-configuration 200',
    )
  })

  it('puts the person that was hinted at first', async () => {
    const connection = okta.open(
      okta.config.parse({ issuer: emulator.issuer, clientId: client.clientId, clientSecret: 'x' }),
      testContext(),
    )
    const challenge = await connection.begin({ state: 'S', record: testRecorder(), loginHint: '00u-alan' })
    if (challenge.step !== 'redirect') throw new Error('expected a redirect')
    await expect(browse(challenge.url, callback, { as: 'nobody' })).rejects.toThrow(
      /<li><a autofocus class="hinted" href="[^"]+as=00u-alan"/,
    )
  })

  it('sends a logout token and a token revocation to the URIs of an app at sign-out', async () => {
    const got: { url: string; authorization: string | undefined; body: string }[] = []
    const app = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        got.push({ url: request.url ?? '', authorization: request.headers.authorization, body })
        response.writeHead(204).end()
      })
    })
    app.listen(0, '127.0.0.1')
    await once(app, 'listening')
    const base = `http://127.0.0.1:${(app.address() as AddressInfo).port}`
    const stating = await startOktaEmulator({
      clients: [{ ...client, backchannelLogoutUri: `${base}/logout`, globalTokenRevocationUri: `${base}/revoke` }],
      people: [ada],
    })
    expect(await stating.signOut(ada.sub)).toEqual([204, 204])
    expect(got.find(({ url }) => url === '/logout')?.body).toMatch(/^logout_token=eyJ/)
    const revoked = got.find(({ url }) => url === '/revoke')
    expect(revoked?.authorization).toMatch(/^Bearer eyJ/)
    expect(JSON.parse(revoked?.body ?? '')).toEqual({
      sub_id: { format: 'iss_sub', iss: stating.issuer, sub: ada.sub },
    })
    expect(await (await fetch(stating.url)).text()).toContain('Sign out everywhere')
    const form = new URLSearchParams({ sub: ada.sub })
    expect(await (await fetch(`${stating.url}/sign-out`, { method: 'POST', body: form })).text()).toContain('204, 204')
    await stating.close()
    app.close()
  })

  it('OP-50 does not redirect to an unregistered URL, or for a foreign ID token', async () => {
    const end = new URL(`${emulator.issuer}/v1/logout`)
    for (const hint of [emulator.idTokenFor(client.clientId, ada.sub, 'n'), 'x.y.z', '']) {
      end.search = String(
        new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' }),
      )
      expect((await fetch(end, { redirect: 'manual' })).status).toBe(400)
    }
  })
})
