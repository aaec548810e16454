/** Discovery documents and the health of a connection. */
import { describe, expect, it } from 'vitest'
import { openDiscovery } from '../../../providers/oidc/discovery.ts'
import { refusesCallbackUrl } from '../../../providers/oidc/login/callback-check.ts'
import { testRecorder } from '../../contract/context.ts'
import { type Fault, type FaultCase, startOkta, state } from '../../support/providers/okta-logins.ts'

const { emulator, impatient, open } = await startOkta()

describe('discovery', () => {
  const cases: readonly FaultCase[] = [
    ['of another issuer', ['otherIssuer'], 'upstream_invalid'],
    [
      'with http endpoints elsewhere',
      ['discovery', { token_endpoint: 'http://idp.acme.test/token' }],
      'upstream_invalid',
    ],
    ['with a file for its keys', ['discovery', { jwks_uri: 'file:///etc/passwd' }], 'upstream_invalid'],
    ['without a token endpoint', ['discovery', { token_endpoint: undefined }], 'upstream_invalid'],
    [
      'that signs with HS256 only',
      ['discovery', { id_token_signing_alg_values_supported: ['HS256', 'none'] }],
      'upstream_invalid',
    ],
    ['that redirects', ['redirect', 'discovery'], 'upstream_invalid'],
    ['that is a web page', ['html', 'discovery'], 'upstream_invalid'],
    ['of 20 MB', ['large', 'discovery'], 'upstream_invalid'],
    ['that is slow', ['slow', 2000], 'upstream_unreachable'],
    ['that answers 500', ['status500', 'discovery'], 'upstream_unreachable'],
  ]
  it.each(cases)('RP-43 %s stops this connection only, and health says why', async (_, fault, code) => {
    const healthy = open()
    await healthy.begin({ state, record: testRecorder() })
    emulator.fault(...fault)
    const ill = open({ fetch: impatient.fetch })
    await expect(ill.begin({ state, record: testRecorder() })).rejects.toMatchObject({ code })
    expect((await ill.health(AbortSignal.timeout(5000))).status).toBe('down')
    await expect(healthy.begin({ state, record: testRecorder() })).resolves.toBeDefined()
  })

  it('RP-43 under an https issuer accepts https endpoints only', async () => {
    const issuer = 'https://idp.acme.test'
    const document = {
      issuer,
      authorization_endpoint: `${issuer}/a`,
      token_endpoint: 'http://localhost/t',
      jwks_uri: `${issuer}/k`,
    }
    await expect(openDiscovery(async () => Response.json(document), { issuer })()).rejects.toMatchObject({
      code: 'upstream_invalid',
      message: expect.stringContaining('token_endpoint'),
    })
  })

  it('is read again only once it changes', async () => {
    const issuer = 'https://idp.acme.test'
    const endpoint = (name: string) => `${issuer}/${name}`
    let keys = 'one'
    const fetch = async () =>
      Response.json({
        issuer,
        authorization_endpoint: endpoint('a'),
        token_endpoint: endpoint('t'),
        jwks_uri: endpoint(keys),
      })
    const discover = openDiscovery(fetch, { issuer })
    const first = await discover()
    expect(await discover()).toBe(first)
    keys = 'two'
    expect((await discover()).jwks_uri).toBe(endpoint('two'))
  })

  it('FT-15 is asked for once, however many logins begin at the same time', async () => {
    const connection = open()
    await Promise.all(Array.from({ length: 50 }, () => connection.begin({ state, record: testRecorder() })))
    expect(emulator.counters.discovery).toBe(1)
  })

  it('FT-16 is not requested repeatedly while the upstream is down, and recovers afterwards', async () => {
    let time = Date.now()
    const connection = open({ now: () => new Date(time) })
    const attempt = () => connection.begin({ state, record: testRecorder() })
    emulator.fault('down')
    for (let n = 0; n < 20; n += 1) await expect(attempt()).rejects.toMatchObject({ code: 'upstream_unreachable' })
    expect(emulator.counters.discovery).toBe(1)
    for (let second = 0; second < 60; second += 1) {
      time += 1000
      await expect(attempt()).rejects.toMatchObject({ code: 'upstream_unreachable' })
    }
    expect(emulator.counters.discovery).toBeLessThan(12)
    emulator.reset()
    time += 10_000
    await expect(attempt()).resolves.toBeDefined()
  })

  it('FT-17 is renewed in the background after an hour, and the last good copy serves while that fails', async () => {
    let time = Date.now()
    const connection = open({ now: () => new Date(time) })
    const attempt = () => connection.begin({ state, record: testRecorder() })
    await attempt()
    time += 3601_000
    emulator.fault('down')
    await expect(attempt()).resolves.toBeDefined()
    emulator.reset()
    expect(await connection.health(AbortSignal.timeout(5000))).toMatchObject({ status: 'up' })
  })
})

describe('health', () => {
  it('is down if the client secret is wrong, and names the cause', async () => {
    const health = await open({}, { clientSecret: 'wrong-secret' }).health(AbortSignal.timeout(5000))
    expect(health.status).toBe('down')
    expect(health.checks.at(-1)).toMatchObject({
      name: 'client credentials',
      ok: false,
      cause: 'upstream_refused: invalid_client',
      detail: expect.stringMatching(
        /^the token endpoint answered invalid_client.* to client_secret_basic and to client_secret_post: the client ID or the client secret is wrong, .*discovery lists client_secret_basic,/,
      ),
    })
  })

  it('is degraded if discovery fails while cached metadata still works', async () => {
    const connection = open()
    await connection.health(AbortSignal.timeout(5000))
    emulator.fault('html', 'discovery')
    expect(await connection.health(AbortSignal.timeout(5000))).toMatchObject({ status: 'degraded' })
  })

  const failed = async (connection = open()) => {
    const { status, checks } = await connection.health(AbortSignal.timeout(5000))
    return { status, causes: checks.flatMap(({ cause }) => cause ?? []) }
  }

  it('is up when discovery, keys, callback URL, clock and credentials are right', async () => {
    const { status, checks } = await open().health(AbortSignal.timeout(5000))
    expect([status, ...checks.map(({ name, detail }) => `${name}: ${detail}`)]).toEqual([
      'up',
      expect.stringMatching(/^discovery: .* describes itself$/),
      'keys: signing keys published: 1',
      'callback URL: the callback URL is registered',
      expect.stringMatching(/^clock: differs by [01] s$/),
      'client credentials: client ID and secret are accepted',
    ])
  })

  it('requests only discovery while other findings are fresh, and all documents once discovery fails', async () => {
    const connection = open()
    const { checks } = await connection.health(AbortSignal.timeout(5000))
    const rare = checks.filter(({ name }) => ['keys', 'client credentials', 'callback URL'].includes(name))
    const before = { ...emulator.counters }
    expect(await connection.health(AbortSignal.timeout(5000), rare)).toMatchObject({ status: 'up' })
    expect(emulator.counters).toEqual({ ...before, discovery: before.discovery + 1 })
    emulator.fault('down')
    expect(await connection.health(AbortSignal.timeout(5000), rare)).toMatchObject({ status: 'down' })
  })

  it('is down if the callback URL is not registered, which no login reveals', async () => {
    const elsewhere = { callbackUrl: new URL('https://gatehouse.test/t/acme/other/callback') }
    expect(await failed(open(elsewhere))).toEqual({ status: 'down', causes: ['upstream_refused: callback URL'] })
  })

  it('is up when the upstream does not show whether the callback URL is registered', async () => {
    emulator.fault('html', 'authorize')
    expect(await failed()).toEqual({ status: 'up', causes: [] })
    emulator.reset()
    emulator.fault('redirect', 'authorize')
    expect(await failed()).toEqual({ status: 'up', causes: [] })
  })

  it.each<[string, Fault]>([
    ['does not answer', ['hang', 'authorize']],
    ['fails', ['status500', 'authorize']],
    ['is too large', ['large', 'authorize']],
    ['accepts no connection', ['discovery', { authorization_endpoint: 'http://127.0.0.1:9/authorize' }]],
    ['has a private address', ['discovery', { authorization_endpoint: 'https://10.0.0.1/authorize' }]],
  ])('is up when the authorization page %s, since browsers may still reach it', async (_, fault) => {
    emulator.fault(...fault)
    const { status, checks } = await open().health(AbortSignal.timeout(8000))
    const callbackUrl = checks.find(({ name }) => name === 'callback URL')
    expect([status, callbackUrl?.ok, callbackUrl?.tookMs]).toEqual(['up', true, undefined])
  })

  it('is degraded when the clock of the upstream is ahead, and warns when it is behind', async () => {
    emulator.fault('clockAhead')
    expect(await failed()).toEqual({ status: 'degraded', causes: ['upstream_invalid: clock'] })
    emulator.reset()
    emulator.fault('clockBehind')
    expect(await failed()).toEqual({ status: 'up', causes: ['upstream_invalid: clock'] })
  })

  it.each([
    [400, "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings", true],
    [400, 'Invalid parameter: redirect_uri', true],
    [403, 'Callback URL mismatch. It is not in the list of allowed callback URLs', true],
    [400, '<p>redirect_uri_mismatch</p>', true],
    [400, 'invalid_scope in /authorize?redirect_uri=https%3A%2F%2Fgatehouse.test&amp;scope=x', false],
    [400, '{"error":"invalid_scope","redirect_uri":"https://gatehouse.test/"}', false],
    [400, 'Invalid request <input type="hidden" name="redirect_uri" value="https://gatehouse.test/">', false],
    [403, 'Invalid request: GET /authorize?scope=x&redirect_uri was blocked', false],
    [400, 'Invalid session <script>const names = ["redirect_uri", "scope"]</script>', false],
    [403, 'Access denied. Your request with redirect_uri and scope was blocked', false],
    [400, 'The redirect URI is not registered for this client', true],
    [400, 'Something went wrong', false],
    [200, 'Sign in. The redirect_uri is fine', false],
    [429, 'Too many requests for this redirect_uri', false],
    [500, 'redirect_uri: internal error', false],
  ])('reads status %i with %j as a refusal of the callback URL: %s', (status, text, refused) => {
    expect(refusesCallbackUrl({ status, text })).toBe(refused)
  })

  it('ends when its signal does', async () => {
    emulator.fault('hang')
    const health = await open().health(AbortSignal.timeout(100))
    expect(health.status).toBe('down')
  })
})
