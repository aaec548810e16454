import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { apple } from '../../providers/apple/apple.ts'
import type { LogoutMessage } from '../../src/provider/provider.ts'
import { testFetch, testRecorder } from '../contract/context.ts'
import { providerContract } from '../contract/provider.ts'
import { ada, brand, cher, ids, pair, pemOf, privateKey } from '../support/providers/apple.ts'
import { brandAttacks, invalid } from '../support/providers/passport-attacks.ts'
import { benchOf, contractSetup, state } from '../support/providers/passport-brand.ts'

providerContract('Apple', contractSetup(brand))

describe('Apple', () => {
  const bench = benchOf(brand)
  const { emulator, open, begin, signIn } = bench

  brandAttacks(bench, {
    clientId: ids.clientId,
    nonce: true,
    pkce: true,
    userinfo: false,
    checks: ['state', 'alg', 'iss', 'aud', 'exp', 'iat', 'sub', 'nonce', 'signature'],
  })

  it('RP-44 asks for the answer as a form post, with name and email, and lets nothing else into the address', async () => {
    const { url } = await begin()
    const sent = Object.fromEntries(url.searchParams)
    expect(sent).toMatchObject({ response_mode: 'form_post', response_type: 'code', scope: 'name email', state })
    expect(Object.keys(sent).toSorted()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'redirect_uri',
      'response_mode',
      'response_type',
      'scope',
      'state',
    ])
  })

  describe('RP-44 the name', () => {
    it('is sent at the first consent only', async () => {
      emulator().forgetConsents()
      const first = await signIn()
      expect(first.identity.profile).toMatchObject({ name: 'Ada Lovelace', givenName: 'Ada', familyName: 'Lovelace' })
      const second = await signIn()
      expect(second.identity.profile).toEqual({ email: { address: 'ada@acme.test', verified: true } })
    })

    it('may be a single one', async () => {
      emulator().forgetConsents()
      const login = await begin(open(), {}, cher.sub)
      expect((await login.finish()).identity.profile).toMatchObject({ name: 'Cher', givenName: 'Cher' })
    })

    it.each([
      'null',
      '[]',
      '7',
      '{"name":null}',
      '{"name":"Ada"}',
      '{"name":{"firstName":{"$ne":1},"lastName":["x"]}}',
      '{"name":{"firstName":"\u0000\u202e","lastName":"  "}}',
      '{"name":',
      '<html>',
      `{"name":{"firstName":"${'x'.repeat(5000)}"}}`,
      '['.repeat(3000),
      '{"__proto__":{"name":{"firstName":"x"}}}',
    ])('is left out when what came for it is garbage: %.60s', async (user) => {
      const login = await begin()
      const brought = new URLSearchParams(login.parameters)
      brought.set('user', user)
      const { identity } = await login.finish(brought)
      expect(identity.profile).toEqual({ email: { address: 'ada@acme.test', verified: true } })
    })

    it('is left out when it came twice', async () => {
      const login = await begin()
      const user = encodeURIComponent('{"name":{"firstName":"Eve"}}')
      const { identity } = await login.finish(`${login.parameters}&user=${user}&user=${user}`)
      expect(identity.profile.name).toBeUndefined()
    })

    it('is bounded, and its email is not believed', async () => {
      const login = await begin()
      const brought = new URLSearchParams(login.parameters)
      brought.set('user', JSON.stringify({ name: { firstName: 'é'.repeat(300) }, email: 'admin@acme.test' }))
      const { identity } = await login.finish(brought)
      expect(identity.profile.givenName?.length).toBe(256)
      expect(identity.profile.email?.address).toBe('ada@acme.test')
    })

    it('is left out if the user parameter is unreadable', async () => {
      emulator().forgetConsents()
      emulator().fault('garbageUser')
      expect((await signIn()).identity.profile.name).toBeUndefined()
    })
  })

  it.each([
    ['true', true],
    ['false', false],
    [true, true],
    [false, false],
    ['1', true],
    [undefined, false],
  ])('RP-44 takes email_verified %j for %j', async (value, verified) => {
    const { identity } = await signIn(['claims', { email_verified: value }])
    expect(identity.profile.email).toEqual({ address: 'ada@acme.test', verified })
  })

  it('RP-44 keeps a relay address as the email it is', async () => {
    const { identity } = await signIn()
    emulator().fault('hiddenEmail')
    const hidden = await (await begin()).finish()
    expect(hidden.identity.profile.email).toEqual({
      address: `${ada.sub}@privaterelay.appleid.com`,
      verified: true,
    })
    expect(hidden.identity.subject).toBe(identity.subject)
    expect(hidden.identity.authoritativeDomains).toEqual(['privaterelay.appleid.com'])
  })

  it('accepts both spellings of its issuer as one identity', async () => {
    const plain = await signIn()
    const other = await signIn(['otherSpelling'])
    expect(other.identity.issuer).toBe(plain.identity.issuer)
    for (const iss of ['https://account.apple.com/', 'account.apple.com', 'https://account.apple.com.evil.example'])
      await expect(signIn(['claims', { iss }])).rejects.toMatchObject(invalid('iss'))
  })

  it('takes user_cancelled_authorize for a no of the person, without going to Apple again', async () => {
    const login = await begin()
    const before = emulator().counters.authorize
    await expect(login.finish(`state=${state}&error=user_cancelled_authorize`)).rejects.toMatchObject({
      code: 'user_denied',
    })
    expect(emulator().counters.authorize).toBe(before)
  })

  it('asks again where that is wished, and believes only when Apple says when', async () => {
    const login = await begin(open(), { reauthenticate: true })
    await expect(login.finish()).resolves.toBeDefined()
    const old = await begin(open(), { reauthenticate: true })
    emulator().fault('claims', { auth_time: 1 })
    await expect(old.finish()).rejects.toMatchObject(invalid('auth_time'))
    const silent = await begin(open(), { reauthenticate: true })
    emulator().fault('claims', { auth_time: undefined })
    await expect(silent.finish()).rejects.toMatchObject(invalid('auth_time'))
    expect(open().traits?.providesAuthTime).toBe(true)
  })

  it('takes the ID token of a native app that the tenant names, once', async () => {
    const connection = open({}, { audiences: ['com.acme.app'] })
    const exp = Math.floor(Date.now() / 1000) + 600
    const idToken = emulator().sign({ sub: ada.sub, aud: 'com.acme.app', nonce: 'of-the-app', exp })
    const presented = { idToken, nonce: 'of-the-app', record: testRecorder() }
    await expect(connection.exchange?.(presented)).resolves.toMatchObject({ identity: { subject: ada.sub } })
    await expect(connection.exchange?.(presented)).rejects.toMatchObject(invalid('first use'))
  })

  describe('RP-44 the client secret', () => {
    async function secretsSent(now = () => new Date()): Promise<readonly string[]> {
      const secrets: string[] = []
      const recordingFetch: typeof globalThis.fetch = (input, init) => {
        if (init?.body instanceof URLSearchParams) secrets.push(init.body.get('client_secret') ?? '')
        return testFetch.fetch(input, init)
      }
      await signIn(undefined, open({ fetch: recordingFetch, now }))
      return secrets
    }

    it('is made for one request, by ES256, for five minutes', async () => {
      const [secret = ''] = await secretsSent()
      expect(decodeProtectedHeader(secret)).toEqual({ alg: 'ES256', kid: ids.keyId })
      const { iss, sub, aud, iat = 0, exp = 0 } = decodeJwt(secret)
      expect([iss, sub, aud, exp - iat]).toEqual([ids.teamId, ids.clientId, emulator().url, 300])
    })

    it('is refused by Apple if our clock is an hour behind, and health names the cause', async () => {
      const late = () => new Date(Date.now() - 3_600_000)
      const health = await open({ now: late }).health(AbortSignal.timeout(5000))
      expect(health.checks.at(-1)?.detail).toContain('invalid_client')
    })

    it('of another key, team or ID is refused', async () => {
      const other = pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
      for (const wrong of [{ privateKey: other }, { teamId: 'OTHER12345' }, { keyId: 'OTHER12345' }]) {
        const login = await begin(open({}, wrong))
        await expect(login.finish()).rejects.toMatchObject({ code: 'upstream_refused' })
      }
    })

    it('may come from an environment variable with \\n for its line breaks', async () => {
      const login = await begin(open({}, { privateKey: privateKey.replaceAll('\n', '\\n') }))
      await expect(login.finish()).resolves.toBeDefined()
    })

    it.each([
      'not a key',
      pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey),
      pemOf(generateKeyPairSync('ed25519').privateKey),
      pair.publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    ])('is refused at start when its key is none of Apple’s: %.40s', (wrong) => {
      const parsed = apple.config.safeParse({ ...brand.config, privateKey: wrong })
      expect(parsed.error?.issues).toMatchObject([{ path: ['privateKey'], message: expect.stringContaining('.p8') }])
    })
  })
})

describe('a notification of Apple', () => {
  const { emulator, open } = benchOf(brand)
  const notice = (body: unknown, endpoint: LogoutMessage['endpoint'] = 'notifications'): LogoutMessage => ({
    endpoint,
    body,
    url: new URL('https://gatehouse.test/t/acme/okta/notifications'),
    bearer: undefined,
    parameters: new URLSearchParams(),
    record: testRecorder(),
  })
  const judge = (body: unknown, endpoint?: LogoutMessage['endpoint']) =>
    open().logout?.receive?.(notice(body, endpoint))
  const said = (event: Record<string, unknown>, clientId = ids.clientId) => emulator().notification(clientId, event)

  it.each(['consent-revoked', 'account-delete', 'account-deleted', 'email-disabled'])(
    'of type %s ends the sessions of that person',
    async (type) => {
      const notified = said({ type, sub: ada.sub })
      const message = { id: expect.any(String), seconds: expect.any(Number) }
      expect(await judge(notified)).toEqual({ issuer: emulator().url, subject: ada.sub, message })
    },
  )

  it('of an unknown type ends no session', async () => {
    expect(await judge(said({ type: 'account-sneezed', sub: ada.sub }))).toBeUndefined()
  })

  it('is received by the sessions’ subject, unless the tenant does not want it', () => {
    expect(open().logout?.identifiers).toEqual(['subject'])
    expect(open({}, { receiveLogouts: false }).logout?.receive).toBeUndefined()
  })

  it.each([undefined, null, [], {}, { payload: 7 }, 'x'])('that is %j cannot be read', async (body) => {
    await expect(judge(body)).rejects.toMatchObject({ code: 'request_invalid' })
  })

  it('for another app, of another issuer, or by another key is refused', async () => {
    await expect(judge(said({ type: 'consent-revoked', sub: ada.sub }, 'com.other'))).rejects.toMatchObject(
      invalid('aud'),
    )
    emulator().fault('wrongIssuer')
    await expect(judge(said({ type: 'consent-revoked', sub: ada.sub }))).rejects.toMatchObject(invalid('iss'))
    emulator().reset()
    emulator().fault('forgedSignature')
    await expect(judge(said({ type: 'consent-revoked', sub: ada.sub }))).rejects.toMatchObject(invalid('signature'))
  })

  it('without a subject is refused, and so is an ID token in its place', async () => {
    await expect(judge(said({ type: 'consent-revoked' }))).rejects.toMatchObject(invalid('events'))
    const payload = emulator().sign({ aud: ids.clientId, sub: ada.sub, jti: 'x' })
    await expect(judge({ payload })).rejects.toMatchObject(invalid('events'))
  })

  it('is no back-channel logout', async () => {
    await expect(judge({}, 'backchannel-logout')).rejects.toMatchObject({ code: 'not_found' })
  })
})
