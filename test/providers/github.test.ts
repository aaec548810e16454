import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type GitHubEmulator, startGitHubEmulator } from '../../providers/github/emulator.ts'
import { github } from '../../providers/github/github.ts'
import type { Challenge, ConnectionContext, Login, LoginStart } from '../../src/provider/provider.ts'
import { browse } from '../contract/browse.ts'
import { testContext, testRecorder } from '../contract/context.ts'
import { providerContract } from '../contract/provider.ts'
import { impatientFetch } from '../support/providers/impatient-fetch.ts'
import { callback, state, urlOf } from '../support/providers/passport-brand.ts'

const clientId = 'Ov23liCanary'
const clientSecret = 'canary-client-secret'
const user = {
  id: 583_231,
  login: 'ada',
  name: 'Ada Lovelace',
  avatar_url: 'https://avatars.example/u/583231',
  html_url: 'https://github.test/ada',
  email: 'public@elsewhere.test',
  company: '@acme',
  blog: '',
}
const primary = { email: 'Ada@Acme.test', primary: true, verified: true, visibility: 'private' }
const emails = [{ email: 'other@victim.test', primary: false, verified: true, visibility: null }, primary]
const organizations = [
  { login: 'acme', id: 1 },
  { login: 'compilers', id: 2 },
]
const ada = { sub: '583231', name: user.name, email: primary.email, email_verified: true, user, emails, organizations }

const start = () =>
  startGitHubEmulator({ clients: [{ clientId, clientSecret, redirectUris: [callback] }], people: [ada] })
const configOf = ({ url, apiUrl }: GitHubEmulator) => ({ clientId, clientSecret, baseUrl: url, apiUrl })

const comeBack = async (challenge: Challenge, choice: Parameters<typeof browse>[2]) =>
  (await browse(urlOf(challenge), callback, choice)).searchParams

providerContract('GitHub', {
  challenge: 'redirect',
  async start() {
    const emulator = await start()
    return {
      provider: github,
      config: configOf(emulator),
      typo: { key: 'clientId', value: 7 },
      person: { issuer: emulator.url, subject: ada.sub, email: { address: 'ada@acme.test', verified: true } },
      stateParameter: 'state',
      answer: (challenge) => comeBack(challenge, { as: ada.sub }),
      deny: (challenge) => comeBack(challenge, 'cancel'),
      withoutEmail: () => emulator.fault('noEmail'),
      textVerified: (value) => emulator.fault('emailVerified', value),
      faults: {
        down: () => emulator.fault('down'),
        html: () => emulator.fault('html'),
        heal: emulator.reset,
        requests: () => Object.values(emulator.counters).reduce((sum, count) => sum + count, 0),
      },
      close: emulator.close,
    }
  },
})

type Fault = Parameters<GitHubEmulator['fault']>

describe('GitHub', () => {
  let emulator: GitHubEmulator
  const impatient = impatientFetch(() => emulator)
  beforeAll(async () => {
    emulator = await start()
  })
  afterEach(() => emulator.reset())
  afterAll(() => Promise.all([emulator.close(), impatient.close()]))

  const open = (changes: Partial<ConnectionContext> = {}, config: object = {}) =>
    github.open(github.config.parse({ ...configOf(emulator), ...config }), testContext(changes))
  const begin = async (connection = open(), more: Partial<LoginStart> = {}) => {
    const record = testRecorder()
    const challenge = await connection.begin({ state, record, ...more })
    const brought = await comeBack(challenge, { as: ada.sub })
    const finish = (parameters: URLSearchParams | string = brought, memo = challenge.memo) =>
      connection.complete({ parameters: new URLSearchParams(parameters), memo, state, record })
    return { challenge, brought, finish, record, url: urlOf(challenge) }
  }
  const signIn = async (...[name, value]: Partial<Fault>): Promise<Login> => {
    const login = await begin(name === 'hang' ? open({ fetch: impatient.fetch }) : open())
    if (name !== undefined) emulator.fault(name, value)
    return login.finish()
  }
  const answering = (endpoint: string, body: unknown) => signIn('answer', { [endpoint]: JSON.stringify(body) })

  it('defaults to github.com and its API', () => {
    const config = github.config.parse({ clientId, clientSecret })
    expect(config).toMatchObject({ baseUrl: 'https://github.com', apiUrl: 'https://api.github.com' })
    expect(JSON.stringify(config)).not.toContain('canary')
  })

  it.each(['http://github.acme.com', 'https://github.com/', 'https://a:b@github.com', 'https://github.com?x', 'x'])(
    'CF-01 refuses the base address %s',
    (baseUrl) => expect(github.config.safeParse({ clientId, clientSecret, baseUrl }).success).toBe(false),
  )

  it('returns the profile, organizations and the primary address, and no other address', async () => {
    const { identity } = await signIn()
    expect(identity.profile).toEqual({
      email: { address: 'ada@acme.test', verified: true },
      name: 'Ada Lovelace',
      nickname: 'ada',
      preferredUsername: 'ada',
      groups: ['acme', 'compilers'],
      pictureUrl: 'https://avatars.example/u/583231',
      profileUrl: 'https://github.test/ada',
    })
    expect(identity.attributes).toMatchObject({ email: 'Ada@Acme.test', email_verified: true, company: '@acme' })
    expect(inspect(identity, { depth: null })).not.toMatch(/public@elsewhere|victim/)
    expect(github.read?.({ user, emails, organizations }, github.config.parse(configOf(emulator)))).toEqual({
      profile: identity.profile,
      attributes: identity.attributes,
    })
  })

  it('asks for no organizations where the tenant wants none', async () => {
    const login = await begin(open({}, { organizations: false }))
    expect(login.url.searchParams.get('scope')).toBe('read:user user:email')
    expect((await login.finish()).identity.profile.groups).toBeUndefined()
    expect(login.record.steps).not.toContain('organizations')
  })

  it('sends state, an S256 challenge and no secret to the browser', async () => {
    const { url } = await begin(open(), { loginHint: 'ada' })
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      state,
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: callback,
      login: 'ada',
      scope: 'read:user user:email read:org',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(url.href).not.toContain(clientSecret)
    expect((await begin(open(), { loginHint: 'x'.repeat(300) })).url.searchParams.has('login')).toBe(false)
  })

  it('OP-46 asks for JSON, and the API with the token in a header, never in an address', async () => {
    const asked: string[] = []
    const recordingFetch: typeof fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      asked.push(`${input} ${headers.get('accept')} ${headers.get('authorization')?.slice(0, 11) ?? ''}`.trim())
      return testContext().fetch(input, init)
    }
    await (await begin(open({ fetch: recordingFetch }))).finish()
    const api = (path: string) => `${emulator.apiUrl}${path} application/vnd.github+json Bearer gho_`
    expect(asked).toEqual([
      `${emulator.url}/login/oauth/access_token application/json`,
      api('/user'),
      api('/user/emails?per_page=100'),
      api('/user/orgs?per_page=100'),
    ])
  })

  it('RP-35 refuses the code of another login, whose PKCE challenge it does not know', async () => {
    const [mine, theirs] = [await begin(), await begin()]
    await expect(mine.finish(theirs.brought)).rejects.toMatchObject({ code: 'upstream_refused' })
  })

  it('RP-37 refuses the answer of another issuer before its code is sent anywhere, and takes both names of GitHub', async () => {
    const { brought, finish } = await begin()
    expect(brought.get('iss')).toBe(`${emulator.url}/login/oauth`)
    const from = (iss: string) => finish(`${new URLSearchParams({ ...Object.fromEntries(brought), iss })}`)
    const invalid = { code: 'callback_invalid', check: { name: 'iss of the answer' } }
    await expect(from('https://honest.example')).rejects.toMatchObject(invalid)
    expect(emulator.counters.token).toBe(0)
    await expect(from(emulator.url)).resolves.toBeDefined()
  })

  it.each([null, 0, -1, 1.5, '583231', '', true, [583_231], { id: 1 }, 2 ** 60])(
    'RP-31 refuses a person whose ID is %j (CVE-2026-82968)',
    async (id) => {
      const refused = { code: 'upstream_invalid', check: { name: 'subject', ok: false } }
      await expect(signIn('user', { id })).rejects.toMatchObject(refused)
    },
  )

  it('identifies a user by ID, even after a rename and after another user took the old name', async () => {
    expect((await signIn('user', { login: 'countess' })).identity.subject).toBe('583231')
    expect((await signIn('user', { id: 7 })).identity.subject).toBe('7')
  })

  it.each([false, 'false', 0, 'yes', null, undefined])(
    'ID-02 takes an address for unverified whose verified is %j',
    async (verified) => {
      const { identity } = await answering('emails', [{ ...primary, verified }, ...emails.slice(0, 1)])
      expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: false })
    },
  )

  it.each([
    ['there is none', []],
    ['none is primary', [{ ...primary, primary: false }]],
    ['it takes no email', [{ ...primary, email: '583231+ada@users.noreply.github.com' }]],
    ['it has look-alike letters', [{ ...primary, email: 'ad\u0430@acme.test' }]],
  ])('tells no address when %s', async (_, body) => {
    expect((await answering('emails', body)).identity.profile.email).toBeUndefined()
  })

  it('does without an address that it may not see, but not because it asked too often', async () => {
    expect((await signIn('noEmail')).identity.profile.email).toBeUndefined()
    await expect(signIn('rateLimited')).rejects.toMatchObject({ code: 'upstream_unreachable' })
  })

  it('declares that reauthentication is not proven, and lets GitHub ask for the account', async () => {
    expect(open().traits?.providesAuthTime).toBe(false)
    const begun = await begin(open(), { reauthenticate: true })
    expect(begun.url.searchParams.get('prompt')).toBe('select_account')
    expect((await begun.finish()).evidence.authenticatedAt).toBeUndefined()
  })

  it('is down if the client secret is wrong, and names the cause', async () => {
    const health = await open({}, { clientSecret: 'wrong' }).health(AbortSignal.timeout(5000))
    const detail = 'the token endpoint answered incorrect_client_credentials: client ID or client secret is wrong'
    expect(health).toMatchObject({ status: 'down', checks: [{ detail }] })
  })

  // tests of the engine: another brand of it needs none of them
  describe('by the engine for OAuth 2.0', () => {
    it('records its steps and checks', async () => {
      const { finish, record } = await begin()
      await finish()
      expect(record.steps).toEqual(['token exchange', 'user', 'emails', 'organizations'])
      expect(record.checks.map(({ name, ok }) => [name, ok])).toEqual([
        ['state', true],
        ['iss of the answer', true],
        ['subject', true],
      ])
    })

    it.each([
      ['without state', (good: URLSearchParams) => `code=${good.get('code')}`],
      ['with another state', (good: URLSearchParams) => `code=${good.get('code')}&state=other`],
      ['with state twice', (good: URLSearchParams) => `${good}&state=${state}`],
      ['with code twice', (good: URLSearchParams) => `${good}&code=other`],
      ['with an error and a code', (good: URLSearchParams) => `${good}&error=access_denied`],
      ['with a code of 100 kB', () => `state=${state}&code=${'x'.repeat(100_000)}`],
    ])('RP-36 refuses an answer %s, and sends its code nowhere', async (_, change) => {
      const { brought, finish } = await begin()
      await expect(finish(change(brought))).rejects.toMatchObject({ code: 'callback_malformed' })
      expect(emulator.counters.token).toBe(0)
    })

    it('refuses a code that was redeemed before', async () => {
      const { finish } = await begin()
      await finish()
      const refused = { code: 'upstream_refused', message: 'the token endpoint answered bad_verification_code' }
      await expect(finish()).rejects.toMatchObject(refused)
    })

    const ill: readonly (readonly [string, (endpoint: string) => Fault, string])[] = [
      ['answers with a web page', (endpoint) => ['html', endpoint], 'upstream_invalid'],
      ['redirects', (endpoint) => ['redirect', endpoint], 'upstream_invalid'],
      ['answers 500', (endpoint) => ['status500', endpoint], 'upstream_unreachable'],
      ['answers null', (endpoint) => ['answer', { [endpoint]: 'null' }], 'upstream_invalid'],
      ['answers a text', (endpoint) => ['answer', { [endpoint]: '"canary-page"' }], 'upstream_invalid'],
      ['stops in the middle', (endpoint) => ['truncated', endpoint], 'upstream_invalid'],
      ['answers with 20 MB', (endpoint) => ['large', endpoint], 'upstream_invalid'],
      ['resets the connection', (endpoint) => ['down', endpoint], 'upstream_unreachable'],
      ['hangs', (endpoint) => ['hang', endpoint], 'upstream_unreachable'],
    ]
    it.each(
      (['token', 'user', 'emails', 'organizations'] as const).flatMap((endpoint) =>
        ill.map((one) => [endpoint, ...one] as const),
      ),
    )('RP-40 refuses a login whose %s endpoint %s', async (endpoint, _, faultOf, code) => {
      const failure = await signIn(...faultOf(endpoint)).catch((thrown: unknown) => thrown)
      expect(failure).toMatchObject({ code })
      expect(inspect(failure, { depth: null })).not.toMatch(/canary-page|canary-client-secret|gho_/)
    })

    it.each([{ access_token: 1 }, { access_token: 'x', token_type: 'mac' }, { access_token: 'x\r\nx: y' }, {}])(
      'RP-40 refuses the token answer %j',
      (body) => expect(answering('token', body)).rejects.toMatchObject({ code: 'upstream_invalid' }),
    )

    it('LK-01 quotes no error of the upstream that is none of OAuth', async () => {
      const failure = await answering('token', { error: 'canary <b>' }).catch((thrown: unknown) => thrown)
      expect(inspect(failure, { depth: null })).not.toContain('canary')
    })

    it.each([
      ['access_denied', 'user_denied'],
      ['redirect_uri_mismatch', 'sign_in_refused'],
      ['application_suspended', 'sign_in_refused'],
      ['<script>', 'sign_in_refused'],
    ])('an answer with the error %s is %s', async (error, code) => {
      const { finish } = await begin()
      const failure = await finish(`${new URLSearchParams({ state, error })}`).catch((thrown: Error) => thrown)
      expect(failure).toMatchObject({ code, message: expect.not.stringContaining('<') })
    })
  })
})
