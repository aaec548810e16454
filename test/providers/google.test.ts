import { describe, expect, it } from 'vitest'
import { startGoogleEmulator } from '../../providers/google/emulator.ts'
import { google } from '../../providers/google/google.ts'
import { testRecorder } from '../contract/context.ts'
import { providerContract } from '../contract/provider.ts'
import { brandAttacks, invalid } from '../support/providers/passport-attacks.ts'
import { type Brand, benchOf, callback, contractSetup, urlOf } from '../support/providers/passport-brand.ts'

const clientId = '1234-abc.apps.googleusercontent.com'
const clientSecret = 'canary-client-secret'
const ada = {
  sub: '10769150350006150715',
  email: 'Ada@Acme.test',
  email_verified: true,
  hd: 'acme.test',
  name: 'Ada Lovelace',
  given_name: 'Ada',
  family_name: 'Lovelace',
  picture: 'https://lh3.example/ada.jpg',
}
const alan = { sub: '20769150350006150715', email: 'alan@gmail.test', email_verified: true, name: 'Alan Turing' }

const brand: Brand = {
  provider: google,
  start: () =>
    startGoogleEmulator({ clients: [{ clientId, clientSecret, redirectUris: [callback] }], people: [ada, alan] }),
  config: { clientId, clientSecret },
  person: { subject: ada.sub, email: { address: 'ada@acme.test', verified: true } },
}

providerContract('Google', contractSetup(brand))

describe('Google', () => {
  const bench = benchOf(brand)
  const { emulator, open, begin, signIn } = bench

  brandAttacks(bench, {
    clientId,
    nonce: true,
    pkce: true,
    userinfo: true,
    checks: [
      'state',
      'iss of the answer',
      'alg',
      'iss',
      'aud',
      'exp',
      'iat',
      'sub',
      'nonce',
      'signature',
      'sub of userinfo',
    ],
  })

  it('accepts both spellings of its issuer as one identity', async () => {
    const plain = await signIn()
    const other = await signIn(['otherSpelling'])
    expect(other.identity.issuer).toBe(plain.identity.issuer)
    expect(other.identity.subject).toBe(plain.identity.subject)
  })

  it('RP-18 refuses both spellings put together, and the spelling by http', async () => {
    const { url } = emulator()
    for (const iss of [`${url} or ${url.slice(7)}`, `https${url.slice(4)}`, `${url}/`])
      await expect(signIn(['claims', { iss }])).rejects.toMatchObject(invalid('iss'))
  })

  it('RP-45+ knows a person by sub, whatever the email', async () => {
    const before = await signIn()
    emulator().fault('person', { email: 'recycled@acme.test' })
    const after = await signIn()
    expect(after.identity.subject).toBe(before.identity.subject)
    expect(after.identity.profile.email?.address).toBe('recycled@acme.test')
  })

  it('ID-02 keeps the mailboxes of gmail.com and of the workspace it names, and of nothing else', async () => {
    expect((await signIn()).identity.authoritativeDomains).toEqual(['gmail.com', 'googlemail.com', 'acme.test'])
    expect((await signIn(['noHostedDomain'])).identity.authoritativeDomains).toEqual(['gmail.com', 'googlemail.com'])
    const strange = await signIn(['claims', { hd: ['acme.test'] }])
    expect(strange.identity.authoritativeDomains).toEqual(['gmail.com', 'googlemail.com'])
    expect(strange.identity.emailVerificationUnknown).toBeUndefined()
  })

  describe('of one workspace', () => {
    const workspace = () => open({}, { hostedDomain: 'acme.test' })

    it('lets its people in, and hints at it', async () => {
      const login = await begin(workspace())
      expect(login.url.searchParams.get('hd')).toBe('acme.test')
      await expect(login.finish()).resolves.toMatchObject({ identity: { subject: ada.sub } })
      expect(login.record.checks).toContainEqual({ name: 'hd', ok: true, expected: 'acme.test', got: 'acme.test' })
    })

    it('RP-45 refuses a person of none, telling them which account to choose', async () => {
      const login = await begin(workspace(), {}, alan.sub)
      await expect(login.finish()).rejects.toMatchObject({
        ...invalid('hd'),
        text: expect.stringContaining('Google account of acme.test'),
      })
    })

    it('RP-45 refuses a person of another workspace, of a domain below it, or of a list', async () => {
      for (const hd of ['other.test', 'sub.acme.test', 'ACME.TEST', ['acme.test'], true])
        await expect(signIn(['claims', { hd }], workspace())).rejects.toMatchObject(invalid('hd'))
    })

    it('RP-45 goes by the claim of the ID token, not by the email, userinfo or the address', async () => {
      emulator().fault('noHostedDomain')
      const login = await begin(workspace())
      const brought = new URLSearchParams(login.parameters)
      brought.set('hd', 'acme.test')
      await expect(login.finish(brought)).rejects.toMatchObject(invalid('hd'))
    })
  })

  it.each(['html', 'status500', 'hang'] as const)(
    'RP-41+ does without a userinfo that fails (%s), since its ID token holds the profile',
    async (fault) => {
      const { identity } = await signIn([fault, 'userinfo'], bench.impatient())
      expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: true })
      expect(identity.profile.name).toBe('Ada Lovelace')
    },
  )

  it('shows the account chooser where the tenant wants it, and passes a hint on', async () => {
    const { url } = await begin(open({}, { prompt: 'select_account' }), { loginHint: 'ada@acme.test' })
    expect([url.searchParams.get('prompt'), url.searchParams.get('login_hint')]).toEqual([
      'select_account',
      'ada@acme.test',
    ])
    const long = await open().begin({ state: 'S', record: testRecorder(), loginHint: 'x'.repeat(300) })
    expect(urlOf(long).searchParams.has('login_hint')).toBe(false)
  })

  it('that had to prove the person again insists on it', async () => {
    const login = await begin(open(), { reauthenticate: true })
    expect(login.url.searchParams.get('max_age')).toBe('0')
    await expect(login.finish()).resolves.toMatchObject({ evidence: { authenticatedAt: expect.any(Date) } })
    const old = await begin(open(), { reauthenticate: true })
    emulator().fault('claims', { auth_time: 1 })
    await expect(old.finish()).rejects.toMatchObject(invalid('auth_time'))
  })

  it.each([
    ['ahead', () => Date.now() / 1000 + 3600],
    ['in milliseconds', () => Date.now()],
    ['as text', () => '1700000000'],
  ])('whose sign-in is told %s is refused where it is wanted anew, and else has no time', async (_, time) => {
    const anew = await begin(open(), { reauthenticate: true })
    emulator().fault('claims', { auth_time: time() })
    await expect(anew.finish()).rejects.toMatchObject(invalid('auth_time'))
    const login = await begin(open())
    expect((await login.finish()).evidence.authenticatedAt).toBeUndefined()
  })

  it('that had to prove the person again, without session age claims, ends without a time', async () => {
    expect(open().traits?.providesAuthTime).toBe(false)
    const silent = await begin(open(), { reauthenticate: true })
    emulator().fault('claims', { auth_time: undefined })
    expect((await silent.finish()).evidence.authenticatedAt).toBeUndefined()
  })

  it('that had to prove the person again, with session age claims, insists on a time', async () => {
    const connection = open({}, { providesAuthTime: true })
    expect(connection.traits?.providesAuthTime).toBe(true)
    const silent = await begin(connection, { reauthenticate: true })
    emulator().fault('claims', { auth_time: undefined })
    await expect(silent.finish()).rejects.toMatchObject(invalid('auth_time'))
  })

  it('is down if the client secret is wrong, and names the cause', async () => {
    const health = await open({}, { clientSecret: 'canary-wrong' }).health(AbortSignal.timeout(5000))
    expect(health.checks.at(-1)?.detail).toEqual(
      expect.stringMatching(
        /^the token endpoint answered invalid_client.* to client_secret_post: client ID or client secret is wrong$/,
      ),
    )
  })

  it.each(['Acme.com', 'acme', '*', 'https://acme.com', 'acme.com/x'])(
    'refuses the hostedDomain %s',
    (hostedDomain) => {
      expect(google.config.safeParse({ ...brand.config, hostedDomain }).success).toBe(false)
    },
  )

  it.each(['http://accounts.example', 'file:///x', 'https://a:b@c.example', 'x'])(
    'CF-01 refuses the endpoint %s',
    (token) => {
      expect(google.config.safeParse({ ...brand.config, endpoints: { token } }).success).toBe(false)
    },
  )

  it('never shows its client secret', () => {
    expect(JSON.stringify(google.config.parse(brand.config))).not.toContain('canary')
  })

  describe('with ID tokens from apps', () => {
    const app = '1234-ios.apps.googleusercontent.com'
    const taking = (config = {}) => open({}, { audiences: [app], ...config })
    const seconds = () => Math.floor(Date.now() / 1000)
    const tokenWith = (claims = {}) =>
      emulator().sign({ ...ada, aud: app, azp: app, nonce: 'of-the-app', exp: seconds() + 3600, ...claims })
    const exchange = (idToken: string, connection = taking()) =>
      connection.exchange?.({ idToken, nonce: 'of-the-app', record: testRecorder() })

    it('takes one of an app that the tenant names, once', async () => {
      const idToken = tokenWith()
      await expect(exchange(idToken)).resolves.toMatchObject({
        identity: { issuer: emulator().url, subject: ada.sub, profile: { name: 'Ada Lovelace' } },
      })
      await expect(exchange(idToken)).rejects.toMatchObject(invalid('first use'))
    })

    it('takes none where the tenant names no app', () => {
      expect(open().exchange).toBeUndefined()
    })

    it.each([
      ['aud', { aud: 'other' }],
      ['nonce', { nonce: 'other' }],
      ['iss', { iss: 'https://other.example' }],
      ['exp', { exp: 1 }],
      ['iat', { iat: 1 }],
      ['sub', { sub: undefined }],
    ])('refuses one with a wrong %s', async (name, claims) => {
      await expect(exchange(tokenWith(claims))).rejects.toMatchObject(invalid(name))
    })

    it('RP-45 holds it to the workspace too', async () => {
      const workspace = taking({ hostedDomain: 'acme.test' })
      await expect(exchange(tokenWith({ hd: 'other.test' }), workspace)).rejects.toMatchObject(invalid('hd'))
      await expect(exchange(tokenWith({ jti: 'right' }), workspace)).resolves.toBeDefined()
    })
  })
})
