/** Authorization requests, the trace of a login and the time of sign-in. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { oidc } from '../../../providers/oidc/generic.ts'
import { testContext, testRecorder } from '../../contract/context.ts'
import { callback, client, invalid, seconds, startOkta, state } from '../../support/providers/okta-logins.ts'

const { emulator, open, begin } = await startOkta()

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
