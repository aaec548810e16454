/** Attacks that every brand of OpenID Connect refuses, with the failed check. */
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { BrandEmulator } from '../../../providers/oidc/emulator/emulator.ts'
import { testRecorder } from '../../contract/context.ts'
import { idTokenAttacks, nonceAttacks, seconds } from './id-token-attacks.ts'
import { type Bench, type Fault, state, urlOf } from './passport-brand.ts'

export interface Habits {
  readonly clientId: string
  readonly nonce: boolean
  readonly pkce: boolean
  readonly userinfo: boolean
  /** Its endpoints and algorithms are discovered. Default false. */
  readonly discovery?: boolean
  /** The checks of a login that went well, in their order. */
  readonly checks: readonly string[]
}

export const invalid = (name: string) => ({ code: 'upstream_invalid', check: { name, ok: false } })

export function brandAttacks(bench: Bench<BrandEmulator>, habits: Habits): void {
  const { emulator, open, begin, signIn } = bench
  const patientWith = ([name]: Fault) => (name === 'hang' || name === 'drip' ? bench.impatient() : open())

  describe('an ID token', () => {
    it.each([...idTokenAttacks(habits.clientId), ...(habits.nonce ? nonceAttacks : [])])(
      '%s is refused',
      async (_, fault, name) => {
        await expect(signIn(fault)).rejects.toMatchObject(invalid(name))
      },
    )

    it('RP-09 has its signature checked although it came over TLS', async () => {
      await expect(signIn()).resolves.toBeDefined()
      await expect(signIn(['forgedSignature'])).rejects.toMatchObject(invalid('signature'))
    })

    it.each([
      ['an encrypted one', 'a.b.c.d.e'],
      ['JSON serialisation', '{"payload":"e30","signatures":[]}'],
      ['three empty parts', '..'],
      ['a megabyte', `${'a'.repeat(500_000)}.b.c`],
      ['a number', 7],
      ['null', null],
    ])('RP-17 in a form that is not due (%s) is refused', async (_, idToken) => {
      const body = JSON.stringify({ access_token: 'x', token_type: 'bearer', id_token: idToken })
      await expect(signIn(['answer', { token: body }])).rejects.toMatchObject({ code: 'upstream_invalid' })
    })

    it.each([{ iat: seconds() + 20 }, { exp: seconds() - 10 }, { nbf: seconds() + 20 }])(
      'FT-25 is accepted when clocks differ by seconds (%j)',
      async (claims) => {
        await expect(signIn(['claims', claims])).resolves.toBeDefined()
      },
    )

    it('RP-42 of a new key is accepted at once, and the code is redeemed once', async () => {
      const connection = open()
      await signIn(undefined, connection)
      await emulator().rotateKey()
      emulator().reset()
      await expect(signIn(undefined, connection)).resolves.toBeDefined()
      expect(emulator().counters).toMatchObject({ token: 1, keys: 1 })
    })
  })

  describe('the answer of the browser', () => {
    const cases: readonly (readonly [string, (good: URLSearchParams) => string])[] = [
      ['RP-36 without state', (good) => `code=${good.get('code')}`],
      ['RP-36 with another state', (good) => `code=${good.get('code')}&state=other`],
      ['RP-36 with state twice', (good) => `${good}&state=${state}`],
      ['RP-36 without code', () => `state=${state}`],
      ['RP-36 with code twice', (good) => `${good}&code=other`],
      ['RP-36 with an error and a code', (good) => `${good}&error=access_denied`],
      ['RP-36 with a code of 100 kB', () => `state=${state}&code=${'x'.repeat(100_000)}`],
      ['RP-36 that is empty', () => ''],
    ]
    it.each(cases)('%s is malformed, and the code is not sent anywhere', async (_, change) => {
      const login = await begin()
      await expect(login.finish(change(login.parameters))).rejects.toMatchObject({ code: 'callback_malformed' })
      expect(emulator().counters.token).toBe(0)
    })

    it.each([
      ['access_denied', 'user_denied'],
      ['temporarily_unavailable', 'sign_in_refused'],
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
      const mixed = new URLSearchParams(login.parameters)
      mixed.set('iss', 'https://honest.example')
      await expect(login.finish(mixed)).rejects.toMatchObject({
        ...invalid('iss of the answer'),
        code: 'callback_invalid',
      })
      expect(emulator().counters.token).toBe(0)
    })

    it.each([{}, { connection: 'acme/okta' }, { connection: 'acme/okta', begunAt: 'x', reauthenticate: false }])(
      'with the memo %j is refused',
      async (memo) => {
        const parameters = new URLSearchParams({ state, code: 'x' })
        const finished = open().complete({ parameters, memo, state, record: testRecorder() })
        await expect(finished).rejects.toMatchObject({ code: 'callback_malformed' })
      },
    )

    it('RP-35 cannot be finished with the memo of another login', async () => {
      const [mine, theirs] = [await begin(), await begin()]
      const { parameters } = theirs
      const finished = open().complete({ parameters, memo: mine.memo, state, record: testRecorder() })
      if (habits.pkce) await expect(finished).rejects.toMatchObject({ code: 'upstream_refused' })
      else await expect(finished).resolves.toBeDefined()
    })
  })

  describe('the token endpoint', () => {
    const body = (value: object): Fault => ['answer', { token: JSON.stringify(value) }]
    const cases: readonly (readonly [string, Fault, string])[] = [
      ['answers 500', ['status500', 'token'], 'upstream_unreachable'],
      ['answers with a web page', ['html', 'token'], 'upstream_invalid'],
      ['answers with nothing', ['answer', { token: '' }], 'upstream_invalid'],
      ['answers null', ['answer', { token: 'null' }], 'upstream_invalid'],
      ['answers with a list', ['answer', { token: '[]' }], 'upstream_invalid'],
      ['answers like a form', ['answer', { token: 'access_token=x&token_type=bearer&id_token=y' }], 'upstream_invalid'],
      ['says error with status 200', ['tokenError'], 'upstream_refused'],
      ['gives a token of type mac', body({ access_token: 'x', token_type: 'mac', id_token: 'x' }), 'upstream_invalid'],
      [
        'gives a number for a token',
        body({ access_token: 1, token_type: 'Bearer', id_token: 'x' }),
        'upstream_invalid',
      ],
      ['gives no ID token', ['noIdToken'], 'upstream_invalid'],
      ['stops in the middle', ['truncated', 'token'], 'upstream_invalid'],
      ['resets the connection', ['down', 'token'], 'upstream_unreachable'],
      ['redirects', ['redirect', 'token'], 'upstream_invalid'],
      ['answers with 20 MB', ['large', 'token'], 'upstream_invalid'],
      ['drips', ['drip', 'token'], 'upstream_unreachable'],
      ['hangs', ['hang', 'token'], 'upstream_unreachable'],
      [
        'nests lists a hundred thousand deep',
        ['answer', { token: '['.repeat(1e5) + ']'.repeat(1e5) }],
        'upstream_invalid',
      ],
    ]
    it.each(cases)('RP-40 that %s is refused', async (_, fault, code) => {
      await expect(signIn(fault, patientWith(fault))).rejects.toMatchObject({ code })
    })

    it('LK-01 leaves no answer of it in the error, not even in its causes', async () => {
      const canary = 'canary-0123456789'
      for (const token of [
        JSON.stringify({ access_token: canary, token_type: 'bearer', id_token: `${canary}.${canary}.${canary}` }),
        `<html>${canary}</html>`,
        JSON.stringify({ error: `${canary} ${canary}`, error_description: `${canary}.${canary}.${canary}` }),
      ]) {
        const failure = await signIn(['answer', { token }]).catch((thrown: Error) => thrown)
        expect(inspect(failure, { depth: null })).not.toContain(canary)
      }
    })
  })

  if (habits.userinfo)
    describe('userinfo', () => {
      const cases: readonly (readonly [string, Fault, string])[] = [
        ['of another person', ['otherUserinfo'], 'upstream_invalid'],
        ['without sub', ['person', { sub: undefined }], 'upstream_invalid'],
        ['that is a web page', ['html', 'userinfo'], 'upstream_invalid'],
        ['that answers 500', ['status500', 'userinfo'], 'upstream_unreachable'],
        ['that is a list', ['answer', { userinfo: '[]' }], 'upstream_invalid'],
        ['that is null', ['answer', { userinfo: 'null' }], 'upstream_invalid'],
        ['that hangs', ['hang', 'userinfo'], 'upstream_unreachable'],
        ['that redirects', ['redirect', 'userinfo'], 'upstream_invalid'],
      ]
      it.each(cases)('RP-41 %s is refused when the ID token is thin', async (_, fault, code) => {
        emulator().fault('thinIdToken')
        // where userinfo may fail, the user has no email and the failure is reported
        const outcome = await signIn(fault, patientWith(fault)).then(
          ({ identity, missingEmail }) => identity.profile.email ?? missingEmail,
          (failure: unknown) => failure,
        )
        expect(outcome).toMatchObject({ code })
      })

      it('RP-41 of another person is refused even when the ID token holds an email', async () => {
        await expect(signIn(['otherUserinfo'])).rejects.toMatchObject(invalid('sub of userinfo'))
      })

      it('OP-46 is asked with the token in a header, never in an address', async () => {
        const addresses: string[] = []
        const watching = open({
          fetch: (input, init) => {
            addresses.push(String(input))
            return fetch(input, init)
          },
        })
        await signIn(undefined, watching)
        expect(addresses.filter((address) => address.includes('?'))).toEqual([])
        expect(addresses).toContain(emulator().endpoints.userinfo)
      })
    })

  describe('a login', () => {
    it('has its own state and proofs each time, and two tabs both finish', async () => {
      const connection = open()
      const [first, second] = [
        await begin(connection, { state: 'tab-one' }),
        await begin(connection, { state: 'tab-two' }),
      ]
      expect([first.url, second.url].map((url) => url.searchParams.get('state'))).toEqual(['tab-one', 'tab-two'])
      for (const proof of ['nonce', 'codeVerifier']) {
        const due = proof === 'nonce' ? habits.nonce : habits.pkce
        expect(new Set([first.memo[proof], second.memo[proof]]).size).toBe(due ? 2 : 1)
        expect(typeof first.memo[proof]).toBe(due ? 'string' : 'undefined')
      }
      await expect(first.finish()).resolves.toBeDefined()
      await expect(second.finish()).resolves.toBeDefined()
    })

    it('sends what it must and nothing else', async () => {
      const { url } = await begin()
      expect(url.searchParams.has('code_challenge')).toBe(habits.pkce)
      expect(url.searchParams.has('nonce')).toBe(habits.nonce)
      expect(url.searchParams.get('response_type')).toBe('code')
      expect(url.href).not.toMatch(/undefined|callbackURL|parameters|canary-client-secret/)
    })

    it('records its steps and every check', async () => {
      const login = await begin()
      await login.finish()
      const userinfo = habits.userinfo ? ['userinfo'] : []
      const discovery = habits.discovery ? ['discovery'] : []
      expect(login.record.steps).toEqual([...discovery, ...discovery, 'token exchange', 'signature', ...userinfo])
      expect(login.record.checks.map(({ name }) => name)).toEqual(habits.checks)
      expect(login.record.checks.every(({ ok }) => ok)).toBe(true)
    })

    it('survives 50 at once through one connection', async () => {
      const connection = open()
      const begun = await Promise.all(
        Array.from({ length: 50 }, (_, n) => connection.begin({ state: `s${n}`, record: testRecorder() })),
      )
      const states = begun.map((challenge) => urlOf(challenge).searchParams.get('state'))
      expect(new Set(states).size).toBe(50)
    })
  })

  describe('health', () => {
    it('says how many keys there are and that the credentials are accepted', async () => {
      const health = await open().health(AbortSignal.timeout(5000))
      expect(health.status).toBe('up')
      expect(health.checks.map(({ name, ok, detail }) => ({ name, ok, detail }))).toEqual(
        expect.arrayContaining([
          ...(habits.discovery
            ? [{ name: 'discovery', ok: true, detail: expect.stringMatching(/ describes itself$/) }]
            : []),
          { name: 'keys', ok: true, detail: 'signing keys published: 1' },
          { name: 'client credentials', ok: true, detail: 'client ID and secret are accepted' },
        ]),
      )
    })

    it('is degraded when the keys cannot be renewed', async () => {
      const connection = open()
      await connection.health(AbortSignal.timeout(5000))
      emulator().fault('html', 'keys')
      expect(await connection.health(AbortSignal.timeout(5000))).toMatchObject({ status: 'degraded' })
    })
  })
}
