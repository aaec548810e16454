/** The plugin in config/examples/github: contract suite and attacks. */
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type GitHubEmulator, type GitHubFault, startGitHubEmulator } from '../../config/examples/github/emulator.ts'
import { provider } from '../../config/examples/github/github.ts'
import { guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import type { Challenge, ConnectionContext, Login, LoginStart } from '../../src/provider/provider.ts'
import { browse } from '../contract/browse.ts'
import { testContext, testRecorder } from '../contract/context.ts'
import { providerContract } from '../contract/provider.ts'

const callback = 'https://gatehouse.test/t/acme/gate/callback'
const state = 'canary-state'
const clientId = 'Ov23liCanary'
const clientSecret = 'canary-client-secret'
const user = {
  ...{ id: 583_231, login: 'ada', name: 'Ada Lovelace', avatar_url: 'https://avatars.example/u/583231' },
  ...{ email: 'public@elsewhere.test', company: '@acme', site_admin: true },
}
const primary = { email: 'Ada@Acme.test', primary: true, verified: true, visibility: 'private' }
const emails = [{ email: 'other@victim.test', primary: false, verified: true, visibility: null }, primary]

const start = () => startGitHubEmulator({ clientId, clientSecret, callbackUrl: callback, people: [{ user, emails }] })
const configOf = ({ url, apiUrl }: GitHubEmulator) => ({ clientId, clientSecret, baseUrl: url, apiUrl })
const webPage: GitHubFault = { body: '<html>canary-page</html>', headers: { 'content-type': 'text/html' } }

async function comeBack(challenge: Challenge, choice: Parameters<typeof browse>[2]): Promise<URLSearchParams> {
  if (challenge.step !== 'redirect') throw new Error('expected a redirect')
  return (await browse(challenge.url, callback, choice)).searchParams
}

providerContract('GitHub, a plugin', {
  challenge: 'redirect',
  async start() {
    const emulator = await start()
    return {
      provider,
      config: configOf(emulator),
      typo: { key: 'clientId', value: 7 },
      person: { issuer: emulator.url, subject: '583231', email: { address: 'ada@acme.test', verified: true } },
      stateParameter: 'state',
      answer: (challenge) => comeBack(challenge, { as: 'ada' }),
      deny: (challenge) => comeBack(challenge, 'cancel'),
      withoutEmail: () => emulator.answer('emails', { status: 404, body: { message: 'Not Found' } }),
      textVerified: (verified) => emulator.answer('emails', { body: [{ ...primary, verified }] }),
      faults: {
        down: () => emulator.answer('all', 'down'),
        html: () => emulator.answer('all', webPage),
        heal: emulator.heal,
        requests: () => Object.values(emulator.counters).reduce((sum, count) => sum + count, 0),
      },
      close: emulator.close,
    }
  },
})

describe('GitHub', () => {
  let emulator: GitHubEmulator
  const quick = guardedFetch({ allowPrivate: ['localhost', '127.0.0.1'], timeoutMs: 400 })
  beforeAll(async () => {
    emulator = await start()
  })
  afterEach(() => emulator.heal())
  afterAll(() => Promise.all([emulator.close(), quick.close()]))

  const open = (changes: Partial<ConnectionContext> = {}, config: object = {}) =>
    provider.open(provider.config.parse({ ...configOf(emulator), ...config }), testContext(changes))
  const begin = async (connection = open(), more: Partial<LoginStart> = {}) => {
    const record = testRecorder()
    const challenge = await connection.begin({ state, record, ...more })
    const brought = await comeBack(challenge, { as: 'ada' })
    const finish = (parameters: URLSearchParams | string = brought, memo = challenge.memo) =>
      connection.complete({ parameters: new URLSearchParams(parameters), memo, state, record })
    return { challenge, brought, finish, record }
  }
  const signIn = async (endpoint?: Parameters<GitHubEmulator['answer']>[0], fault?: GitHubFault): Promise<Login> => {
    const login = await begin(fault === 'hang' ? open({ fetch: quick.fetch }) : open())
    if (endpoint !== undefined && fault !== undefined) emulator.answer(endpoint, fault)
    return login.finish()
  }
  const withUser = (changes: object) => signIn('user', { body: { ...user, ...changes } })

  it('is github.com and its API unless told otherwise', () => {
    const config = provider.config.parse({ clientId, clientSecret })
    expect(config).toMatchObject({ baseUrl: 'https://github.com', apiUrl: 'https://api.github.com' })
  })

  it.each(['http://github.acme.com', 'https://github.com/', 'https://a:b@github.com', 'https://github.com?x', 'x'])(
    'refuses the base address %s',
    (baseUrl) => {
      expect(provider.config.safeParse({ clientId, clientSecret, baseUrl }).success).toBe(false)
    },
  )

  it('tells name, nickname, picture and the primary address, and never the public one or another', async () => {
    const { identity } = await signIn()
    expect(identity.profile).toEqual({
      email: { address: 'ada@acme.test', verified: true },
      name: 'Ada Lovelace',
      nickname: 'ada',
      pictureUrl: 'https://avatars.example/u/583231',
    })
    expect(identity.attributes).toMatchObject({ email: 'ada@acme.test', email_verified: true, company: '@acme' })
    expect(provider.read?.({ user, emails }, undefined)).toEqual({
      profile: identity.profile,
      attributes: identity.attributes,
    })
  })

  it('sends state, an S256 challenge and no secret to the browser', async () => {
    const { challenge } = await begin()
    const url = challenge.step === 'redirect' ? challenge.url : new URL(callback)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      ...{ state, response_type: 'code', code_challenge_method: 'S256', redirect_uri: callback },
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(url.href).not.toContain(clientSecret)
  })

  it('OP-46 asks for JSON, and the API with the token in a header, never in an address', async () => {
    const asked: string[] = []
    const recordingFetch: typeof fetch = (input, init) => {
      asked.push(`${input} ${new Headers(init?.headers).get('accept')}`)
      return testContext().fetch(input, init)
    }
    await (await begin(open({ fetch: recordingFetch }))).finish()
    expect(asked).toEqual([
      `${emulator.url}/login/oauth/access_token application/json`,
      `${emulator.apiUrl}/user application/vnd.github+json`,
      `${emulator.apiUrl}/user/emails application/vnd.github+json`,
    ])
    expect(emulator.last.headers).toMatchObject({ authorization: expect.stringMatching(/^Bearer gho_/) })
  })

  it('records its steps and checks', async () => {
    const { finish, record } = await begin()
    await finish()
    expect(record.steps).toEqual(['token exchange', 'user', 'emails'])
    expect(record.checks.map(({ name, ok }) => [name, ok])).toEqual([
      ['state', true],
      ['id', true],
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
    const before = emulator.counters.token
    await expect(finish(change(brought))).rejects.toMatchObject({ code: 'callback_malformed' })
    expect(emulator.counters.token).toBe(before)
  })

  it('RP-35 refuses the code of another login, whose PKCE challenge it does not know', async () => {
    const [mine, theirs] = [await begin(), await begin()]
    const stolen = mine.finish(theirs.brought)
    await expect(stolen).rejects.toMatchObject({ code: 'upstream_refused' })
  })

  it('refuses a code that was redeemed before', async () => {
    const { finish } = await begin()
    await finish()
    await expect(finish()).rejects.toMatchObject({
      code: 'upstream_refused',
      message: 'the token endpoint answered bad_verification_code',
    })
  })

  it('RP-37 refuses the answer of another issuer before its code is sent anywhere, and takes both names of GitHub', async () => {
    const { brought, finish } = await begin()
    const before = emulator.counters.token
    const mixed = finish(`${brought}&iss=https://honest.example`)
    await expect(mixed).rejects.toMatchObject({ code: 'callback_invalid', check: { name: 'iss of the answer' } })
    expect(emulator.counters.token).toBe(before)
    await expect(finish(`${brought}&iss=${emulator.url}/login/oauth`)).resolves.toBeDefined()
  })

  it.each([null, undefined, 0, -1, 1.5, '583231', '', true, [583_231], { id: 1 }, 2 ** 60])(
    'RP-31 refuses a person whose id is %j (CVE-2026-82968)',
    async (id) => {
      const refused = { code: 'upstream_invalid', check: { name: 'id', ok: false } }
      await expect(withUser({ id })).rejects.toMatchObject(refused)
    },
  )

  it('identifies a user by ID, even after a rename and after another user took the old name', async () => {
    expect((await withUser({ login: 'countess' })).identity.subject).toBe('583231')
    expect((await withUser({ id: 7 })).identity.subject).toBe('7')
  })

  it.each([false, 'false', 0, 'yes', null, undefined])(
    'takes an address for unverified whose verified is %j',
    async (verified) => {
      const { identity } = await signIn('emails', { body: [{ ...primary, verified }, ...emails.slice(0, 1)] })
      expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified: false })
    },
  )

  it.each([
    ['there is none', []],
    ['none is primary', [{ ...primary, primary: false }]],
    ['it takes no mail', [{ ...primary, email: '583231+ada@users.noreply.github.com' }]],
    ['it has look-alike letters', [{ ...primary, email: 'ad\u0430@acme.test' }]],
  ])('tells no address when %s', async (_, body) => {
    expect((await signIn('emails', { body })).identity.profile.email).toBeUndefined()
  })

  it('does without an address that it may not see, but not because it asked too often', async () => {
    expect((await signIn('emails', { status: 403, body: {} })).identity.profile.email).toBeUndefined()
    const limited = signIn('emails', { status: 403, body: {}, headers: { 'x-ratelimit-remaining': '0' } })
    await expect(limited).rejects.toMatchObject({ code: 'upstream_unreachable' })
  })

  const ill: readonly (readonly [string, GitHubFault, string])[] = [
    ['answers with a web page', webPage, 'upstream_invalid'],
    ['redirects', { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } }, 'upstream_invalid'],
    ['answers 500', { status: 500, body: 'canary-page' }, 'upstream_unreachable'],
    ['answers 429', { status: 429, body: {} }, 'upstream_unreachable'],
    ['answers null', { body: 'null' }, 'upstream_invalid'],
    ['answers a text', { body: '"canary-page"' }, 'upstream_invalid'],
    ['answers with 2 MB', { body: `"${'x'.repeat(2_000_000)}"` }, 'upstream_invalid'],
    ['resets the connection', 'down', 'upstream_unreachable'],
    ['hangs', 'hang', 'upstream_unreachable'],
  ]
  it.each((['token', 'user', 'emails'] as const).flatMap((endpoint) => ill.map((one) => [endpoint, ...one] as const)))(
    'RP-40 refuses a login whose %s endpoint %s',
    async (endpoint, _, fault, code) => {
      const failure = await signIn(endpoint, fault).catch((thrown: unknown) => thrown)
      expect(failure).toMatchObject({ code })
      expect(inspect(failure, { depth: null })).not.toMatch(/canary-page|canary-client-secret|gho_/)
    },
  )

  it.each([
    { access_token: 1, token_type: 'bearer' },
    { access_token: 'x', token_type: 'mac' },
    { access_token: 'x\r\nx: y', token_type: 'bearer' },
    { token_type: 'bearer' },
  ])('RP-40 refuses the token answer %j', async (body) => {
    await expect(signIn('token', { body })).rejects.toMatchObject({ code: 'upstream_invalid' })
  })

  it('quotes no words of the upstream that are none of OAuth', async () => {
    const body = { error: 'canary <b>', error_description: 'canary-description' }
    const failure = await signIn('token', { body }).catch((thrown: unknown) => thrown)
    expect(inspect(failure, { depth: null })).not.toContain('canary')
  })

  it('declares that reauthentication is not proven, and lets GitHub ask for the account', async () => {
    expect(open().traits?.providesAuthTime).toBe(false)
    const begun = await open().begin({ state, record: testRecorder(), reauthenticate: true })
    expect(begun).toMatchObject({ step: 'redirect' })
    if (begun.step === 'redirect') expect(begun.url.searchParams.get('prompt')).toBe('select_account')
  })

  it('is down when the client secret is wrong, and says so', async () => {
    const health = await open({}, { clientSecret: 'wrong' }).health(AbortSignal.timeout(5000))
    expect(health.checks[0]?.detail).toBe(
      'the token endpoint answered incorrect_client_credentials: client id or client secret is wrong',
    )
  })
})
