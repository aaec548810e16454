import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { discover } from '../../../providers/oidc/discovery.ts'
import type { FaultName, FaultValue } from '../../../providers/oidc/emulator/faults.ts'
import { oidc } from '../../../providers/oidc/generic.ts'
import { openKeys } from '../../../providers/oidc/keys/keys.ts'
import { type OktaEmulator, startOktaEmulator } from '../../../providers/okta/emulator.ts'
import { okta } from '../../../providers/okta/okta.ts'
import { guardedFetch } from '../../../src/outbound/guarded-fetch.ts'
import type { Connection, ConnectionContext, Login } from '../../../src/provider/provider.ts'
import { browse } from '../../contract/browse.ts'
import { type TestRecorder, testContext, testRecorder } from '../../contract/context.ts'

const callback = 'https://gatehouse.test/t/acme/gate/callback'
const client = { clientId: 'gatehouse', clientSecret: 'canary-client-secret', redirectUris: [callback] }
const ada = { sub: '00u-ada', email: 'ada@acme.test', email_verified: true, name: 'Ada Lovelace', groups: ['Everyone'] }
const state = 'canary-state'
const seconds = () => Math.floor(Date.now() / 1000)

let emulator: OktaEmulator
const impatient = guardedFetch({ allowPrivate: ['127.0.0.1'], timeoutMs: 400 })

beforeAll(async () => {
  emulator = await startOktaEmulator({ clients: [client], people: [ada] })
})
afterEach(() => emulator.reset())
afterAll(() => Promise.all([emulator.close(), impatient.close()]))

function open(
  changes: Partial<ConnectionContext> = {},
  config: Record<string, unknown> = {},
  upstream: OktaEmulator = emulator,
): Connection {
  const { clientId, clientSecret } = client
  return okta.open(
    okta.config.parse({ issuer: upstream.issuer, clientId, clientSecret, ...config }),
    testContext(changes),
  )
}

interface Begun {
  readonly parameters: URLSearchParams
  finish(parameters?: URLSearchParams | string): Promise<Login>
  readonly record: TestRecorder
  readonly url: URL
}

/** A login up to the moment the browser comes back. */
async function begin(
  connection: Connection = open(),
  start: { reauthenticate?: boolean; loginHint?: string } = {},
): Promise<Begun> {
  const record = testRecorder()
  const challenge = await connection.begin({ state, record, ...start })
  if (challenge.step !== 'redirect') throw new Error('expected a redirect')
  const { searchParams: parameters } = await browse(challenge.url, callback, { as: ada.sub })
  return {
    parameters,
    record,
    url: challenge.url,
    finish: (brought = parameters) =>
      connection.complete({ parameters: new URLSearchParams(brought), memo: challenge.memo, state, record }),
  }
}

/** A whole login while the upstream does something wrong. */
async function signIn(fault?: readonly [FaultName, FaultValue?], connection: Connection = open()): Promise<Login> {
  const login = await begin(connection)
  if (fault !== undefined) emulator.fault(...fault)
  return login.finish()
}

/** Every token answer is called text. */
async function relabelled(...request: Parameters<typeof fetch>): Promise<Response> {
  const answer = await impatient.fetch(...request)
  const headers = new Headers(answer.headers)
  if (String(request[0]).endsWith('/token')) headers.set('content-type', 'text/plain')
  return new Response(await answer.text(), { status: answer.status, headers })
}

const invalid = (name: string) => ({ code: 'upstream_invalid', check: { name, ok: false } })

describe('an ID token', () => {
  type Case = readonly [string, readonly [FaultName, FaultValue?], string]
  const jwk = { kty: 'RSA', n: 'AQAB', e: 'AQAB' }
  const cases: readonly Case[] = [
    ['RP-01 with alg none', ['algNone'], 'alg'],
    ['RP-02 with alg nOnE', ['header', { alg: 'nOnE' }], 'alg'],
    ['RP-03 without its signature', ['strippedSignature'], 'signature'],
    ['RP-05 signed by another key under the same key id', ['forgedSignature'], 'signature'],
    ['RP-06 signed by HS256 with the public key', ['algHS256'], 'alg'],
    ['RP-07 with alg HS512', ['header', { alg: 'HS512' }], 'alg'],
    ['RP-08 with an algorithm that was not announced', ['header', { alg: 'RS512' }], 'alg'],
    ['RP-10 with a kid that is a path', ['header', { kid: '../../../../etc/passwd' }], 'signature'],
    ['RP-11 with a kid that is SQL', ['header', { kid: "' OR 1=1 --" }], 'signature'],
    ['RP-12 with a kid that is __proto__', ['header', { kid: '__proto__' }], 'signature'],
    ['RP-13 with an unknown kid', ['header', { kid: 'unknown' }], 'signature'],
    ['RP-18 of another issuer', ['wrongIssuer'], 'iss'],
    ['RP-20 without an issuer', ['claims', { iss: undefined }], 'iss'],
    ['RP-21 for another app', ['wrongAudience'], 'aud'],
    ['RP-22 without an audience', ['claims', { aud: undefined }], 'aud'],
    ['RP-23 for an app whose id begins like ours', ['claims', { aud: 'gatehouse-2' }], 'aud'],
    ['RP-24 for two apps, given to the other', ['foreignAzp'], 'azp'],
    ['RP-24 for two apps, without azp', ['claims', { aud: ['gatehouse', 'other'], azp: undefined }], 'azp'],
    ['RP-25 that ended', ['expired'], 'exp'],
    ['RP-26 without an end', ['claims', { exp: undefined }], 'exp'],
    ['RP-27 whose end is a text', ['claims', { exp: '9999999999' }], 'exp'],
    ['RP-28 without its time of issue', ['claims', { iat: undefined }], 'iat'],
    ['RP-29 issued an hour ahead', ['claims', { iat: seconds() + 3600 }], 'iat'],
    ['RP-29 of an upstream whose clock is 10 minutes ahead', ['clockAhead'], 'iat'],
    ['RP-30 not valid yet', ['claims', { nbf: seconds() + 600 }], 'nbf'],
    ['RP-31 without sub', ['noSub'], 'sub'],
    ['RP-32 with an empty sub', ['claims', { sub: '' }], 'sub'],
    ['RP-33 with a number for sub', ['claims', { sub: 1 }], 'sub'],
    ['RP-34 with an object for sub', ['claims', { sub: { $ne: '' } }], 'sub'],
    ['RP-34 with a sub of 256 characters', ['claims', { sub: 'x'.repeat(256) }], 'sub'],
    ['RP-34 with a line break in sub', ['claims', { sub: 'ada\r\nbob' }], 'sub'],
    ['RP-35 with the nonce of another login', ['wrongNonce'], 'nonce'],
    ['RP-35 without nonce', ['noNonce'], 'nonce'],
  ]
  it.each(cases)('%s is refused, and the check that failed is named', async (_, fault, name) => {
    await expect(signIn(fault)).rejects.toMatchObject(invalid(name))
  })

  it('RP-09 has its signature checked although it came over TLS', async () => {
    await expect(signIn()).resolves.toMatchObject({ identity: { subject: ada.sub } })
    await expect(signIn(['forgedSignature'])).rejects.toMatchObject(invalid('signature'))
  })

  it('RP-04 with a changed payload is refused', async () => {
    const login = await begin()
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const nonce = login.url.searchParams.get('nonce')
    const claims = {
      iss: emulator.issuer,
      aud: client.clientId,
      sub: 'admin',
      nonce,
      iat: seconds(),
      exp: seconds() + 60,
    }
    const idToken = `${part({ alg: 'RS256' })}.${part(claims)}.${Buffer.alloc(256, 7).toString('base64url')}`
    emulator.fault('answer', { token: JSON.stringify({ access_token: 'x', token_type: 'bearer', id_token: idToken }) })
    await expect(login.finish()).rejects.toMatchObject(invalid('signature'))
  })

  it.each([
    ['RP-14', { jku: 'URL' }],
    ['RP-14', { x5u: 'URL' }],
    ['RP-15', { jwk }],
  ])('%s: a key that the token brings itself (%j) is not used and nothing is fetched for it', async (_, header) => {
    const attacker = await startOktaEmulator({ clients: [], people: [] })
    const text = JSON.stringify({ ...header, kid: 'theirs' }).replace('URL', `${attacker.issuer}/v1/keys`)
    await expect(signIn(['header', JSON.parse(text)])).rejects.toMatchObject(invalid('signature'))
    expect(attacker.counters.keys).toBe(0)
    await attacker.close()
  })

  it.each([{ crit: ['exp'] }, { crit: ['b64'], b64: false }])(
    'RP-16 that demands an extension (%j) is refused',
    async (header) => {
      await expect(signIn(['header', header])).rejects.toMatchObject({ code: 'upstream_invalid' })
    },
  )

  it.each([
    ['an encrypted one', 'a.b.c.d.e'],
    ['JSON serialisation', '{"payload":"e30","signatures":[]}'],
    ['three empty parts', '..'],
    ['a number', 7],
    ['a list', [1]],
  ])('RP-17 in a form that is not due (%s) is refused', async (_, idToken) => {
    const body = JSON.stringify({ access_token: 'x', token_type: 'bearer', id_token: idToken })
    await expect(signIn(['answer', { token: body }])).rejects.toMatchObject({ code: 'upstream_invalid' })
  })

  it.each(['iss', 'aud'])('RP-19 whose %s differs by a slash is refused', async (name) => {
    const value = name === 'iss' ? `${emulator.issuer}/` : 'gatehouse/'
    await expect(signIn(['claims', { [name]: value }])).rejects.toMatchObject(invalid(name))
  })

  it.each([{ iat: seconds() + 20 }, { exp: seconds() - 10 }, { nbf: seconds() + 20 }])(
    'FT-25 is accepted when clocks differ by seconds (%j)',
    async (claims) => {
      await expect(signIn(['claims', claims])).resolves.toBeDefined()
    },
  )
})

describe('the signature check', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const published = { keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' }] }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (header: object, signature?: Buffer, key = ec.privateKey) => {
    const content = `${part(header)}.${part({ sub: 'ada' })}`
    const made = signature ?? sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' })
    return `${content}.${made.toString('base64url')}`
  }
  function keysOf(sets: readonly unknown[]) {
    let time = Date.now()
    let fetched = 0
    const load = async () => {
      const set = sets[Math.min(fetched, sets.length - 1)]
      fetched += 1
      if (set instanceof Error) throw set
      return set
    }
    const keys = openKeys(load, () => new Date(time))
    return { ...keys, fetched: () => fetched, pass: (ms: number) => (time += ms) }
  }
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rotated = { keys: [{ ...other.publicKey.export({ format: 'jwk' }), kid: 'two', use: 'sig', alg: 'ES256' }] }
  const invalidSignature = invalid('signature')

  it('accepts what the published key made, with and without a key id', async () => {
    const keys = keysOf([published])
    for (const header of [{ alg: 'ES256', kid: 'one' }, { alg: 'ES256' }])
      await expect(keys.verify(token(header), ['ES256'])).resolves.toMatchObject({ algorithm: 'ES256' })
  })

  it('tries every key when the token names none', async () => {
    const keys = keysOf([{ keys: [...rotated.keys, ...published.keys] }])
    await expect(keys.verify(token({ alg: 'ES256' }), ['ES256'])).resolves.toBeDefined()
  })

  it.each([64, 0, 63, 65])('RP-17 refuses a signature of %d zero bytes', async (length) => {
    const keys = keysOf([published])
    await expect(
      keys.verify(token({ alg: 'ES256', kid: 'one' }, Buffer.alloc(length)), ['ES256']),
    ).rejects.toMatchObject(invalidSignature)
  })

  it('RP-06 refuses HS256 even if allowed, without a secret key', async () => {
    const content = `${part({ alg: 'HS256', kid: 'one' })}.${part({ sub: 'ada' })}`
    const pem = ec.publicKey.export({ format: 'pem', type: 'spki' })
    const forged = `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`
    await expect(keysOf([published]).verify(forged, ['ES256', 'HS256'])).rejects.toMatchObject(invalidSignature)
  })

  it('RP-42 finds a new key at once', async () => {
    const keys = keysOf([published, rotated])
    await keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])
    await expect(
      keys.verify(token({ alg: 'ES256', kid: 'two' }, undefined, other.privateKey), ['ES256']),
    ).resolves.toMatchObject({ keyId: 'two' })
    expect(keys.fetched()).toBe(2)
  })

  it('RP-42 a thousand unknown key ids cause one fetch a minute', async () => {
    const keys = keysOf([published])
    const storm = () =>
      Promise.allSettled(
        Array.from({ length: 1000 }, (_, n) => keys.verify(token({ alg: 'ES256', kid: `x${n}` }), ['ES256'])),
      )
    await storm()
    expect(keys.fetched()).toBe(2)
    await storm()
    expect(keys.fetched()).toBe(2)
    keys.pass(61_000)
    await storm()
    expect(keys.fetched()).toBe(3)
    await expect(keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])).resolves.toBeDefined()
  })

  it.each([[{ keys: [] }], [{}], [null], ['<html>'], [new Error('500')]])(
    'RP-42 keeps the last good keys when it gets %j',
    async (bad) => {
      const keys = keysOf([published, bad])
      await keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])
      await expect(keys.verify(token({ alg: 'ES256', kid: 'new' }), ['ES256'])).rejects.toMatchObject(invalidSignature)
      keys.pass(23 * 3600_000)
      await expect(keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])).resolves.toBeDefined()
    },
  )

  it('RP-42 does not trust keys that it could not renew for a day', async () => {
    const keys = keysOf([published, new Error('down')])
    await keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])
    keys.pass(25 * 3600_000)
    await expect(keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])).rejects.toThrow('down')
  })
})

describe('a key change at the upstream', () => {
  it('RP-42 fails no login, and redeems each code once', async () => {
    const connection = open()
    await signIn(undefined, connection)
    await emulator.rotateKey()
    emulator.reset()
    await expect(signIn(undefined, connection)).resolves.toBeDefined()
    expect(emulator.counters).toMatchObject({ token: 1, keys: 1, discovery: 0 })
  })
})

describe('the answer of the browser', () => {
  const cases: readonly (readonly [string, (good: URLSearchParams) => string])[] = [
    ['RP-36 without state', (good) => `code=${good.get('code')}`],
    ['RP-36 with another state', (good) => `code=${good.get('code')}&state=other`],
    ['RP-36 with state twice', (good) => `${good}&state=${state}`],
    ['RP-36 without code', () => `state=${state}`],
    ['RP-36 with an empty code', () => `state=${state}&code=`],
    ['RP-36 with code twice', (good) => `${good}&code=other`],
    ['RP-36 with an error and a code', (good) => `${good}&error=access_denied`],
    ['RP-36 with iss twice', (good) => `${good}&iss=a&iss=b`],
    ['RP-36 with a code of 100 kB', () => `state=${state}&code=${'x'.repeat(100_000)}`],
    ['RP-36 that is empty', () => ''],
  ]
  it.each(cases)('%s is malformed, and the code is not sent anywhere', async (_, change) => {
    const login = await begin()
    await expect(login.finish(change(login.parameters))).rejects.toMatchObject({ code: 'callback_malformed' })
    expect(emulator.counters.token).toBe(0)
  })

  it('RP-36+ ignores unexpected parameters', async () => {
    const login = await begin()
    await expect(
      login.finish(`${login.parameters}&session_state=x&response=y&id_token=z&__proto__=1`),
    ).resolves.toBeDefined()
  })

  it.each([
    ['access_denied', 'user_denied'],
    ['temporarily_unavailable', 'sign_in_refused'],
    ['login_required', 'sign_in_refused'],
    ['invalid_scope', 'sign_in_refused'],
    ['<script>', 'sign_in_refused'],
  ])('with the error %s is %s', async (error, code) => {
    const login = await begin()
    const brought = new URLSearchParams({ state, error, error_description: 'a description' })
    const failure = await login.finish(brought).catch((thrown: Error) => thrown)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(/^[^<]*\(“a description”\)$/) })
  })

  it('RP-37 from another issuer is refused before the code is sent anywhere', async () => {
    const login = await begin()
    const mixed = `${login.parameters}&iss=${encodeURIComponent('https://honest.okta.example')}`
    await expect(login.finish(mixed)).rejects.toMatchObject({
      ...invalid('iss of the answer'),
      code: 'callback_invalid',
    })
    await expect(login.finish(`state=${state}&error=access_denied&iss=https://other.example`)).rejects.toMatchObject({
      ...invalid('iss of the answer'),
      code: 'callback_invalid',
    })
    expect(emulator.counters.token).toBe(0)
  })

  it('RP-37 without iss is refused where the upstream says that it sends one', async () => {
    const named = await startOktaEmulator({ clients: [client], people: [ada], issParameter: true })
    const login = await begin(open({}, {}, named))
    const stripped = new URLSearchParams(login.parameters)
    stripped.delete('iss')
    await expect(login.finish(stripped)).rejects.toMatchObject({
      ...invalid('iss of the answer'),
      code: 'callback_invalid',
    })
    expect(named.counters.token).toBe(0)
    await expect(login.finish()).resolves.toBeDefined()
    await named.close()
  })

  it("RP-38 cannot be finished with another connection's memo", async () => {
    const login = await begin()
    const here = await open().begin({ state, record: testRecorder() })
    const elsewhere = open({ tenant: 'globex' })
    const finished = elsewhere.complete({
      parameters: login.parameters,
      memo: here.memo,
      state,
      record: testRecorder(),
    })
    await expect(finished).rejects.toMatchObject({ code: 'callback_malformed' })
  })

  it.each([
    {},
    { connection: 'acme/gate' },
    { connection: 'acme/gate', nonce: 7, codeVerifier: 'x', begunAt: 1, reauthenticate: false },
  ])('with the memo %j is refused', async (memo) => {
    const finished = open().complete({
      parameters: new URLSearchParams({ state, code: 'x' }),
      memo,
      state,
      record: testRecorder(),
    })
    await expect(finished).rejects.toMatchObject({ code: 'callback_malformed' })
  })
})

describe('the token endpoint', () => {
  const body = (value: object) => ['answer', { token: JSON.stringify(value) }] as const
  const cases: readonly (readonly [string, readonly [FaultName, FaultValue?], string])[] = [
    ['FT-21 answers 500', ['status500', 'token'], 'upstream_unreachable'],
    ['FT-20 answers with a web page', ['html', 'token'], 'upstream_invalid'],
    ['answers null', ['answer', { token: 'null' }], 'upstream_invalid'],
    ['answers with a list', ['answer', { token: '[]' }], 'upstream_invalid'],
    ['says error with status 200', ['tokenError'], 'upstream_refused'],
    ['gives a token of type mac', body({ access_token: 'x', token_type: 'mac', id_token: 'x' }), 'upstream_invalid'],
    ['gives no token type', body({ access_token: 'x', id_token: 'x' }), 'upstream_invalid'],
    ['gives no ID token', ['noIdToken'], 'upstream_invalid'],
    ['stops in the middle', ['truncated', 'token'], 'upstream_invalid'],
    ['FT-19 resets the connection', ['down', 'token'], 'upstream_unreachable'],
    ['redirects', ['redirect', 'token'], 'upstream_invalid'],
    ['answers with 20 MB', ['large', 'token'], 'upstream_invalid'],
    ['FT-18 drips', ['drip', 'token'], 'upstream_unreachable'],
    ['FT-16 hangs', ['hang', 'token'], 'upstream_unreachable'],
    [
      'nests a claim a hundred thousand deep',
      ['answer', { token: `${'['.repeat(1e5)}${']'.repeat(1e5)}` }],
      'upstream_invalid',
    ],
  ]
  it.each(cases)('RP-40 that %s is refused', async (_, fault, code) => {
    await expect(signIn(fault, open({ fetch: impatient.fetch }))).rejects.toMatchObject({ code })
  })

  it('FT-22 that calls its JSON text is read all the same', async () => {
    const fetch = vi.fn(relabelled)
    await expect((await begin(open({ fetch }))).finish()).resolves.toBeDefined()
    const answers = await Promise.all(fetch.mock.results.map(({ value }) => value))
    expect(answers.map(({ headers }) => headers.get('content-type'))).toContain('text/plain')
  })

  it('that refuses our credentials is said to, without the secret', async () => {
    const login = await begin(open({}, { clientSecret: 'canary-wrong-secret' }))
    const failure = await login.finish().catch((thrown: Error) => thrown)
    expect(failure).toMatchObject({
      code: 'upstream_refused',
      message: expect.stringContaining('the client id or the client secret is wrong'),
    })
    expect(JSON.stringify(failure) + String(failure)).not.toContain('canary')
  })

  it('LK-01 leaves no answer of it in the error, not even in its causes', async () => {
    const { inspect } = await import('node:util')
    const login = await begin()
    emulator.fault('answer', {
      token: JSON.stringify({ access_token: 'canary-token', token_type: 'bearer', id_token: 'canary.canary.canary' }),
    })
    const failure = await login.finish().catch((thrown: Error) => thrown)
    expect(inspect(failure, { depth: null })).not.toContain('canary')
    emulator.fault('answer', {})
    const nonce = await (await begin()).finish().catch(() => undefined)
    expect(nonce).toBeDefined()
  })
})

describe('userinfo', () => {
  const cases: readonly (readonly [string, readonly [FaultName, FaultValue?], string])[] = [
    ['of another person', ['otherUserinfo'], 'upstream_invalid'],
    ['without sub', ['person', { sub: undefined }], 'upstream_invalid'],
    ['that is a web page', ['html', 'userinfo'], 'upstream_invalid'],
    ['that answers 500', ['status500', 'userinfo'], 'upstream_unreachable'],
    ['that is a list', ['answer', { userinfo: '[]' }], 'upstream_invalid'],
    ['that hangs', ['hang', 'userinfo'], 'upstream_unreachable'],
    ['that redirects', ['redirect', 'userinfo'], 'upstream_invalid'],
  ]
  it.each(cases)('RP-41 %s is refused, or leaves no email, when the ID token is thin', async (_, fault, code) => {
    const login = await signIn(fault, open({ fetch: impatient.fetch })).catch((thrown: unknown) => ({
      missingEmail: thrown,
    }))
    expect(login.missingEmail).toMatchObject({ code })
  })

  it.each(['html', 'status500', 'hang'] as const)(
    'RP-41+ that fails (%s) is done without when the ID token holds an email',
    async (fault) => {
      emulator.fault('fullIdToken')
      const { identity } = await signIn([fault, 'userinfo'], open({ fetch: impatient.fetch }))
      expect(identity.profile.email).toEqual({ address: ada.email, verified: true })
    },
  )

  it('RP-41 of another person is refused even when the ID token holds an email', async () => {
    emulator.fault('fullIdToken')
    await expect(signIn(['otherUserinfo'])).rejects.toMatchObject(invalid('sub of userinfo'))
  })
})

describe('the profile', () => {
  it.each([
    ['is not told', undefined, true],
    ['is null', null, true],
    ['is false', false, undefined],
    ['is true', true, undefined],
    ['is garbage', 'perhaps', undefined],
  ])('ID-01 knows no from nothing said, when email_verified %s', async (_, email_verified, unstated) => {
    const { identity } = await signIn(['person', { email_verified }])
    expect(identity.emailVerificationUnknown).toBe(unstated)
    expect(identity.profile.email?.verified).toBe(email_verified === true)
  })

  const profileWith = async (person: Record<string, unknown>) => (await signIn(['person', person])).identity.profile

  it.each([
    [['a@b.test'], { address: 'a@b.test', verified: true }],
    [['a@b.test', 'b@b.test'], undefined],
    [{ address: 'a@b.test' }, undefined],
    ['ada@acme.test\r\nBcc: x', undefined],
    ['ADA@Acme.Test', { address: 'ada@acme.test', verified: true }],
  ])('ID-05 ID-06 has the email %j as %j', async (email, expected) => {
    expect((await profileWith({ email })).email).toEqual(expected)
  })

  it.each([
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
    ['True', true],
    [1, true],
    ['1', true],
    [0, false],
    ['yes', false],
    [{}, false],
    [undefined, false],
  ])('takes email_verified %j for %j', async (value, verified) => {
    expect((await profileWith({ email_verified: value })).email?.verified).toBe(verified)
  })

  it('ID-06 is bounded and typed whatever is sent', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`)
    const groups = Array.from({ length: 10_000 }, (_, n) => `Group ${n}`)
    const profile = await profileWith({
      name: 'x'.repeat(200_000),
      given_name: deep,
      family_name: '\u202eevil',
      picture: 'javascript:alert(1)',
      groups,
    })
    expect(profile.name?.length).toBe(256)
    expect(profile).not.toHaveProperty('givenName')
    expect(profile.familyName).toBe('evil')
    expect(profile).not.toHaveProperty('pictureUrl')
    expect(profile.groups?.length).toBe(1000)
  })

  it('knows no groups from none', async () => {
    expect((await profileWith({ groups: [] })).groups).toEqual([])
    emulator.reset()
    expect((await signIn(['noGroups'])).identity.profile.groups).toBeUndefined()
    emulator.reset()
    expect((await signIn(['manyGroups'])).identity.profile.groups).toHaveLength(300)
  })

  it('takes groups from the claim that the tenant names', async () => {
    emulator.fault('person', { roles: ['Editors'] })
    const { identity } = await signIn(undefined, open({}, { groupsClaim: 'roles' }))
    expect(identity.profile.groups).toEqual(['Editors'])
    emulator.fault('person', { groups: undefined })
    expect((await signIn(undefined, open({}, { groupsClaim: '__proto__' }))).identity.profile.groups).toBeUndefined()
  })
})

describe('a login', () => {
  it('uses PKCE, and neither the verifier nor the secret goes through the browser', async () => {
    const record = testRecorder()
    const { memo, ...challenge } = await open().begin({ state, record, loginHint: 'ada@acme.test' })
    if (challenge.step !== 'redirect') throw new Error('expected a redirect')
    const sent = challenge.url.searchParams
    expect(sent.get('code_challenge')).toBe(
      createHash('sha256').update(String(memo['codeVerifier'])).digest('base64url'),
    )
    expect([
      sent.get('code_challenge_method'),
      sent.get('response_type'),
      sent.get('redirect_uri'),
      sent.get('login_hint'),
    ]).toEqual(['S256', 'code', callback, 'ada@acme.test'])
    expect(challenge.url.href).not.toContain(String(memo['codeVerifier']))
    expect(challenge.url.href).not.toContain('canary-client-secret')
  })

  it('has its own nonce and verifier each time', async () => {
    const [first, second] = [
      await open().begin({ state, record: testRecorder() }),
      await open().begin({ state, record: testRecorder() }),
    ]
    expect(first.memo['nonce']).not.toBe(second.memo['nonce'])
    expect(first.memo['codeVerifier']).not.toBe(second.memo['codeVerifier'])
  })

  it('records its steps and every check', async () => {
    const login = await begin()
    await login.finish()
    expect(login.record.steps).toEqual(['discovery', 'discovery', 'token exchange', 'signature', 'userinfo'])
    expect(login.record.checks.map(({ name }) => name)).toEqual([
      'state',
      'alg',
      'iss',
      'aud',
      'exp',
      'iat',
      'sub',
      'nonce',
      'signature',
      'sub of userinfo',
    ])
    expect(login.record.checks.every(({ ok }) => ok)).toBe(true)
  })

  it('that had to prove the person again insists on it', async () => {
    const login = await begin(open(), { reauthenticate: true })
    expect([login.url.searchParams.get('prompt'), login.url.searchParams.get('max_age')]).toEqual(['login', '0'])
    await expect(login.finish()).resolves.toBeDefined()
    const inTheFuture = await begin(open(), { reauthenticate: true })
    emulator.fault('claims', { auth_time: seconds() - 3600 })
    await expect(inTheFuture.finish()).rejects.toMatchObject(invalid('auth_time'))
  })

  it.each([
    ['ahead', () => seconds() + 3600],
    ['in milliseconds', () => Date.now()],
    ['before 1970', () => -1],
  ])('whose sign-in is told %s is refused where it is wanted anew, and else has no time', async (_, time) => {
    const anew = await begin(open(), { reauthenticate: true })
    emulator.fault('claims', { auth_time: time() })
    await expect(anew.finish()).rejects.toMatchObject(invalid('auth_time'))
    const login = await begin(open())
    emulator.fault('claims', { auth_time: time() })
    expect((await login.finish()).evidence.authenticatedAt).toBeUndefined()
  })

  it('that had to prove the person again, at an issuer that never says when, ends without a time', async () => {
    const { clientId, clientSecret } = client
    const connection = oidc.open(oidc.config.parse({ issuer: emulator.issuer, clientId, clientSecret }), testContext())
    expect(connection.traits?.providesAuthTime).toBe(false)
    const login = await begin(connection, { reauthenticate: true })
    emulator.fault('claims', { auth_time: undefined })
    const { evidence } = await login.finish()
    expect(evidence.authenticatedAt).toBeUndefined()
    const odd = await begin(connection, { reauthenticate: true })
    emulator.fault('claims', { auth_time: 'now' })
    await expect(odd.finish()).rejects.toMatchObject(invalid('auth_time'))
    const old = await begin(connection, { reauthenticate: true })
    emulator.fault('claims', { auth_time: seconds() - 3600 })
    await expect(old.finish()).rejects.toMatchObject(invalid('auth_time'))
  })

  it('that had to prove the person again, at an issuer that always says when, is refused without a time', async () => {
    expect(open().traits?.providesAuthTime).toBe(true)
    const login = await begin(open(), { reauthenticate: true })
    emulator.fault('claims', { auth_time: undefined })
    await expect(login.finish()).rejects.toMatchObject(invalid('auth_time'))
  })
})

describe('discovery', () => {
  const cases: readonly (readonly [string, readonly [FaultName, FaultValue?], string])[] = [
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
    await expect(discover(async () => Response.json(document), { issuer })).rejects.toMatchObject({
      code: 'upstream_invalid',
      message: expect.stringContaining('token_endpoint'),
    })
  })

  it('FT-15 is asked for once, however many logins begin at the same time', async () => {
    const connection = open()
    await Promise.all(Array.from({ length: 50 }, () => connection.begin({ state, record: testRecorder() })))
    expect(emulator.counters.discovery).toBe(1)
  })

  it('FT-16 of an upstream that is down is not asked for again and again, and heals by itself', async () => {
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
  it('is down when the client secret is wrong, and says so', async () => {
    const health = await open({}, { clientSecret: 'wrong-secret' }).health(AbortSignal.timeout(5000))
    expect(health.status).toBe('down')
    expect(health.checks.at(-1)).toEqual({
      name: 'client credentials',
      ok: false,
      detail: expect.stringMatching(
        /^the token endpoint answered invalid_client.* to client_secret_basic and to client_secret_post: the client id or the client secret is wrong, .*discovery lists client_secret_basic,/,
      ),
    })
  })

  it('is degraded when discovery fails but what is known still works', async () => {
    const connection = open()
    await connection.health(AbortSignal.timeout(5000))
    emulator.fault('html', 'discovery')
    expect(await connection.health(AbortSignal.timeout(5000))).toMatchObject({ status: 'degraded' })
  })

  it('ends when its signal does', async () => {
    emulator.fault('hang')
    const health = await open().health(AbortSignal.timeout(100))
    expect(health.status).toBe('down')
  })
})
