/** Okta's Universal Logout. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { giveConsent } from '../../../src/broker/apps/consent.ts'
import { people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  acmeClient,
  betaClient,
  isSignedIn,
  nativeApp,
  post,
  signedIn,
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

const ada = people.ada.sub
const now = () => Math.floor(Date.now() / 1000)

describe("Okta's Universal Logout", () => {
  const endpoint = `${publicOrigin}/t/acme/okta/global-token-revocation`
  const revoke = (subject: unknown, bearer = okta.revocationToken(acmeClient, endpoint), path = endpoint) =>
    post(server, path, { json: { sub_id: subject }, headers: { authorization: `Bearer ${bearer}` } })
  const byName = () => ({ format: 'iss_sub', iss: okta.issuer, sub: ada })

  it.each([
    ['issuer and subject', byName],
    ['the org and the subject', () => ({ ...byName(), iss: okta.url })],
    ['email', () => ({ format: 'email', email: 'Ada@Okta.Example' })],
    ['an id', () => ({ format: 'opaque', id: ada })],
  ])('ends all sessions of a user named by %s', async (_, subject) => {
    const [first, second, bob] = [await signedIn(server), await signedIn(server), await signedIn(server, 'acme', 'Bob')]
    const answer = await revoke(subject())
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect([await isSignedIn(first), await isSignedIn(second), await isSignedIn(bob)]).toEqual([false, false, true])
  })

  it('ends the access of apps too, even offline access', async () => {
    await signedIn(server)
    const { parts } = server.core
    const { id: userId = '' } = (await parts.users.findByIdentity('acme', okta.issuer, ada)) ?? {}
    const [session] = await parts.sessions.list('acme', userId)
    if (session === undefined) throw new Error('no session')
    await giveConsent(parts, session, 'notes', ['openid', 'offline_access'])
    await parts.artifacts.put({
      model: 'RefreshToken',
      id: 'of the app',
      content: { accountId: userId },
      seconds: 3600,
      grant: 'grant of the app',
    })
    await parts.sessionApps.put(session, 'notes', { sid: 'sid', grantId: 'grant of the app' })
    expect((await revoke(byName())).status).toBe(204)
    expect(await parts.artifacts.find('RefreshToken', 'of the app')).toBeNull()
  })

  it('ends a session with an unverified email too', async () => {
    const carol = await signedIn(server, 'acme', 'Carol')
    expect((await revoke({ format: 'email', email: people.carol.email })).status).toBe(204)
    expect(await isSignedIn(carol)).toBe(false)
  })

  it('ends sessions that the user opened by an app too', async () => {
    // not of Ada: a test before ended her access, and only a later sign-in opens it again
    const idToken = okta.idTokenFor(nativeApp, people.bob.sub, 'nonce-of-the-app')
    const json = { tenant: 'acme', connection: 'okta', idToken, nonce: 'nonce-of-the-app' }
    const { token } = JSON.parse((await post(server, '/api/v1/sessions/exchange', { json })).body)
    const check = async () =>
      (await post(server, '/api/v1/session', { method: 'GET', headers: { authorization: `Bearer ${token}` } })).status
    expect(await check()).toBe(200)
    expect((await revoke({ ...byName(), sub: people.bob.sub })).status).toBe(204)
    expect(await check()).toBe(401)
  })

  it('is signed by the authorization server or by the org', async () => {
    await signedIn(server)
    expect((await revoke(byName(), okta.revocationToken(acmeClient, endpoint, { iss: okta.issuer }))).status).toBe(204)
  })

  it('returns 404 for an unknown user', async () => {
    expect((await revoke({ ...byName(), sub: '00uNobody' })).status).toBe(404)
    expect((await revoke({ format: 'email', email: 'nobody@okta.example' })).status).toBe(404)
  })

  it.each([undefined, {}, { format: 'phone' }, { format: 'iss_sub', iss: 'https://other.example', sub: ada }, 'ada'])(
    'returns 400 for the subject %j',
    async (subject) => {
      expect((await revoke(subject)).status).toBe(400)
    },
  )

  const wrong: readonly (readonly [string, () => string])[] = [
    ['none', () => ''],
    ['for another app', () => okta.revocationToken(betaClient, endpoint)],
    ["SE-09 for another tenant's endpoint", () => okta.revocationToken(acmeClient, endpoint.replace('acme', 'beta'))],
    ['that ended', () => okta.revocationToken(acmeClient, endpoint, { exp: now() - 60 })],
    ['from an hour ago', () => okta.revocationToken(acmeClient, endpoint, { iat: now() - 3600 })],
    ['without jti', () => okta.revocationToken(acmeClient, endpoint, { jti: undefined })],
    ['of another issuer', () => okta.revocationToken(acmeClient, endpoint, { iss: 'https://other.example' })],
    ['that is an ID token', () => okta.idTokenFor(acmeClient, ada, 'n')],
    ['that is a logout token', () => okta.logoutToken(acmeClient, { sub: ada })],
  ]
  it.each(wrong)('returns 401 for a JWT %s', async (_, bearer) => {
    const browser = await signedIn(server)
    expect((await revoke(byName(), bearer())).status).toBe(401)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it.each(['forgedSignature', 'algNone', 'algHS256', 'strippedSignature'] as const)(
    'returns 401 with the error %s',
    async (fault) => {
      const browser = await signedIn(server)
      okta.fault(fault)
      expect((await revoke(byName())).status).toBe(401)
      expect(await isSignedIn(browser)).toBe(true)
    },
  )

  it('accepts each JWT once', async () => {
    await signedIn(server)
    const bearer = okta.revocationToken(acmeClient, endpoint)
    const answers = await Promise.all(Array.from({ length: 20 }, () => revoke(byName(), bearer)))
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
  })

  it('LK-01 keeps tokens out of the log', async () => {
    const bearer = okta.revocationToken(acmeClient, endpoint)
    await revoke(byName(), bearer)
    await revoke(byName(), bearer)
    expect(server.logged.join()).not.toContain(bearer.slice(-40))
  })
})
