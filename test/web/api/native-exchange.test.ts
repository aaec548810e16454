/** Native apps exchange an upstream's ID token for a session; required evidence. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { FaultName } from '../../../providers/oidc/emulator/faults.ts'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { people } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  acmeClient,
  failedCheck,
  nativeApp,
  post,
  startLogoutServer,
  startOkta,
} from '../../support/gatehouse/upstream-sessions.ts'

let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await startOkta()
  server = await startLogoutServer(okta)
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})
beforeEach(() => okta.reset())

const nonce = 'nonce-of-the-app'
const tokenFor = (changes = {}) => okta.idTokenFor(nativeApp, people.ada.sub, nonce, changes)
const exchange = (idToken: unknown, changes = {}): Promise<Page> =>
  post(server, '/api/v1/sessions/exchange', {
    json: { tenant: 'acme', connection: 'okta', idToken, nonce, ...changes },
  })
const now = () => Math.floor(Date.now() / 1000)

describe("a native app's ID token", () => {
  it('yields a session of the same user as in the browser', async () => {
    const answer = await exchange(tokenFor({ acr: 'urn:strong', amr: ['pwd', 'mfa'] }))
    expect([answer.status, answer.headers['cache-control']]).toEqual([201, 'no-store'])
    const { token, session } = JSON.parse(answer.body)
    expect(session).toMatchObject({ tenant: 'acme', profile: { email: 'ada@okta.example', email_verified: true } })
    expect(session.authenticated).toMatchObject({ connection: 'okta', acr: 'urn:strong', amr: ['pwd', 'mfa'] })
    const mine = await post(server, '/api/v1/users/me', {
      method: 'GET',
      headers: { authorization: `Bearer ${token}` },
    })
    const browser = new TestBrowser(server)
    await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace')
    expect(JSON.parse((await browser.ask('/api/v1/users/me')).body).id).toBe(JSON.parse(mine.body).id)
  })

  it('ID-01 ID-02 creates no second user for an email verified by another connection: the browser asks once', async () => {
    const { email } = people.mallory
    const verified = { address: email, verified: true }
    const holder = { id: 'holder', tenant: 'acme', status: 'active', profile: { email: verified } } as const
    await server.core.parts.users.create(
      { ...holder, emailProven: false, createdAt: new Date() },
      { issuer: 'https://first.test', subject: 's', connection: 'okta', profile: {}, lastLoginAt: new Date() },
    )
    // two of one second are the same token otherwise, and that counts once
    const bring = () => exchange(okta.idTokenFor(nativeApp, people.mallory.sub, nonce, { jti: randomUUID() }))
    const refused = await bring()
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'link_refused'])

    const browser = new TestBrowser(server)
    const page = await browser.click(await browser.open('/t/acme/okta/start'), people.mallory.name)
    await browser.submit(page, '/link')
    const { id } = JSON.parse((await browser.ask('/api/v1/users/me')).body)
    const answer = await bring()
    expect([answer.status, JSON.parse(answer.body).session.user.id]).toEqual([201, id])
    expect(id).not.toBe(holder.id)
  })

  it('RP-35 is accepted once of 50 simultaneous requests', async () => {
    const idToken = tokenFor()
    const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(idToken)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    const refused = answers.filter(({ status }) => status === 401)
    expect(refused).toHaveLength(49)
    expect(JSON.parse(refused[0]!.body).code).toBe('id_token_refused')
    expect(await failedCheck(server, refused[0]!)).toBe('first use')
  })

  const forged: readonly (readonly [string, FaultName, string])[] = [
    ['RP-01 alg none', 'algNone', 'alg'],
    ['RP-02 HS256 with the public key', 'algHS256', 'alg'],
    ['RP-03 no signature', 'strippedSignature', 'signature'],
    ['RP-09 another key', 'forgedSignature', 'signature'],
    ['RP-18 another issuer', 'wrongIssuer', 'iss'],
    ['RP-20 another app', 'wrongAudience', 'aud'],
    ['RP-23 two apps', 'foreignAzp', 'aud'],
    ['RP-25 ended', 'expired', 'iat'],
    ['RP-28 a clock ahead', 'clockAhead', 'iat'],
    ['RP-31 no sub', 'noSub', 'sub'],
    ['RP-35 another nonce', 'wrongNonce', 'nonce'],
    ['RP-35 no nonce', 'noNonce', 'nonce'],
  ]
  it.each(forged)('is rejected if %s', async (_, fault, check) => {
    okta.fault(fault)
    const answer = await exchange(tokenFor())
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([401, 'id_token_refused'])
    expect(await failedCheck(server, answer)).toBe(check)
  })

  const wrong: readonly (readonly [string, object, string])[] = [
    ['RP-19 an issuer with a slash more', { iss: 'slash' }, 'iss'],
    ['RP-21 the web client, which is no native app', { aud: acmeClient }, 'aud'],
    ['RP-22 no audience', { aud: undefined }, 'aud'],
    ['RP-24 a foreign azp', { azp: 'another-app' }, 'azp'],
    ['RP-26 no exp', { exp: undefined }, 'exp'],
    ['RP-26 an exp that is text', { exp: '9999999999' }, 'exp'],
    ['RP-27 no iat', { iat: undefined }, 'iat'],
    ['RP-25 older than ten minutes', { iat: now() - 700 }, 'iat'],
    ['RP-29 not valid yet', { nbf: now() + 3600 }, 'nbf'],
    ['RP-34 a sub that is an object', { sub: { $gt: '' } }, 'sub'],
  ]
  it.each(wrong)('is rejected if %s', async (_, changes, check) => {
    const given = 'iss' in changes ? { iss: `${okta.issuer}/` } : changes
    const answer = await exchange(tokenFor(given))
    expect(answer.status).toBe(401)
    expect(await failedCheck(server, answer)).toBe(check)
  })

  it.each([now() + 3600, Date.now(), String(now()), null])(
    'B2: with the impossible auth_time %j opens a session without it',
    async (time) => {
      expect((await exchange(tokenFor({ auth_time: time }))).status).toBe(201)
    },
  )

  it('RP-35 is rejected with a wrong nonce and without one', async () => {
    expect((await exchange(tokenFor(), { nonce: 'another' })).status).toBe(401)
    expect((await exchange(tokenFor(), { nonce: undefined })).status).toBe(400)
    expect((await exchange(tokenFor(), { nonce: '' })).status).toBe(400)
    expect((await exchange(tokenFor({ nonce: '' }), { nonce: '' })).status).toBe(400)
  })

  it('RP-17 is rejected with an explanation if it is not a token', async () => {
    for (const text of ['', 'x', 'a.b.c', 7, null, ['a'], 'x'.repeat(17_000)])
      expect([400, 401]).toContain((await exchange(text)).status)
  })

  it('RP-38 is accepted only by a connection that lists the app', async () => {
    const place = (tenant: string, connection: string) => exchange(tokenFor(), { tenant, connection })
    for (const [tenant, connection] of [
      ['beta', 'okta'],
      ['acme', 'password'],
      ['acme', 'x'],
      ['x', 'okta'],
    ] as const)
      expect((await place(tenant, connection)).status).toBe(404)
  })

  it('LK-01 is in no log and no trace', async () => {
    const idToken = tokenFor()
    await exchange(idToken)
    const refused = await exchange(idToken)
    const trace = JSON.stringify(await server.trace(referenceOn(refused)))
    for (const part of [idToken.slice(-60), nonce]) {
      expect(trace).not.toContain(part)
      expect(server.logged.join()).not.toContain(part)
    }
  })
})

describe('a connection that requires evidence', () => {
  const begin = async () => {
    const browser = new TestBrowser(server)
    return browser.click(await browser.open('/t/acme/strict/start'), 'Ada Lovelace')
  }

  it('accepts users with the required evidence', async () => {
    okta.fault('claims', { amr: ['pwd', 'mfa', 'otp'] })
    expect((await begin()).url.pathname).toBe('/account')
  })

  it('rejects others, and the trace has expected and received evidence', async () => {
    const page = await begin()
    expect(page.status).toBe(502)
    const trace = await server.trace(referenceOn(page))
    expect(trace.code).toBe('upstream_invalid')
    const failed = trace.steps.flatMap(({ checks }) => checks).filter(({ ok }) => !ok)
    expect(failed).toEqual([{ name: 'amr', ok: false, expected: 'mfa', got: 'pwd' }])
  })

  it('requires the same of ID tokens from apps', async () => {
    const answer = await exchange(tokenFor(), { connection: 'strict' })
    expect([answer.status, await failedCheck(server, answer)]).toEqual([401, 'amr'])
    expect((await exchange(tokenFor({ amr: ['mfa'] }), { connection: 'strict' })).status).toBe(201)
  })
})
