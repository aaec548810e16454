/** `X-Auth-Token` of `/verify`: a short-lived JWT for one app. */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forwardAuthCheck } from '../../../src/sdk/forward-auth.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { startTestIssuer, type TestIssuer } from '../../support/sdk/test-issuer.ts'

const audience = 'https://login.gatehouse.test:9443'
const ofBeta = 'https://login.gatehouse.test:9444'
const email = 'ada@mail.test'

let server: TestGatehouse
let session: string
beforeAll(async () => {
  const okta = await oktaFor()
  const withOrigin = (yaml: string, origin: string) => yaml.replace('returnOrigins: [', `returnOrigins: ['${origin}', `)
  const tenants = {
    'acme.yaml': withOrigin(acmeYaml(okta), audience),
    'beta.yaml': `${betaYaml(okta)}\nreturnOrigins: ['${ofBeta}']\n`,
  }
  server = await startTestGatehouse({ okta, tenants })
  session = await tokenFor(server, email)
})
afterAll(() => server.stop())

const ask = (query: string, token?: string) => api(server, `/verify${query}`, {}, token)
const tokenOf = async (query: string) => String((await ask(query, session)).headers['x-auth-token'])
const forApp = `?audience=${audience}`

describe('X-Auth-Token', () => {
  it('A1: is set only for an audience, and is empty otherwise', async () => {
    expect(await tokenOf('')).toBe('')
    expect((await ask(forApp)).headers['x-auth-token']).toBe('')
  })

  it('A1: names user, tenant and app, verifies with the published keys and lives five minutes', async () => {
    const token = await tokenOf(forApp)
    const keys = createLocalJWKSet(JSON.parse((await api(server, '/oauth2/jwks')).body))
    const currentDate = server.clock.now()
    const { payload } = await jwtVerify(token, keys, { issuer: publicOrigin, audience, currentDate })
    expect(payload).toMatchObject({ sub: expect.any(String), tenant: 'acme', email, email_verified: true })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
    expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'forward-auth+jwt', alg: 'ES256' })
  })

  it('A1: is reused for half of its life, then signed anew', async () => {
    const first = await tokenOf(forApp)
    expect(await tokenOf(forApp)).toBe(first)
    server.clock.forward(200)
    const inTheFuture = decodeJwt(await tokenOf(forApp))
    expect(Number(inTheFuture.exp)).toBeGreaterThan(Number(decodeJwt(first).exp))
    expect(Number(inTheFuture.exp) * 1000 - server.clock.now().getTime()).toBeGreaterThan(149_000)
  })

  it("A1: is for one origin registered by the session's tenant", async () => {
    expect((await ask('?audience=https://evil.test', session)).status).toBe(400)
    expect((await ask(`${forApp}&audience=${ofBeta}`, session)).status).toBe(400)
    expect((await ask('?audience=shop', session)).status).toBe(400)
    const foreign = await ask(`?audience=${ofBeta}`, session)
    expect([foreign.status, foreign.headers['x-auth-token']]).toEqual([403, ''])
  })

  it('A1: is rejected by Gatehouse itself', async () => {
    const token = await tokenOf(forApp)
    expect((await ask('', token)).status).toBe(401)
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
    expect((await api(server, '/oauth2/userinfo', {}, token)).status).toBe(401)
    expect((await api(server, `/oauth2/logout?id_token_hint=${token}`)).status).toBe(400)
  })
})

describe('an app that verifies it with the SDK', () => {
  let issuer: TestIssuer
  beforeAll(async () => {
    issuer = await startTestIssuer()
  })
  afterAll(() => issuer.stop())

  const now = () => Math.floor(Date.now() / 1000)
  const claims = (more: object = {}) => ({
    iss: issuer.issuer,
    aud: audience,
    sub: 'user1',
    tenant: 'acme',
    exp: now() + 60,
    groups: ['a'],
    roles: [],
    ...more,
  })
  const check = () => forwardAuthCheck({ issuer: issuer.issuer, audience, tenants: ['acme'] })
  const typ = 'forward-auth+jwt'

  it('A1: receives the user', async () => {
    const user = { userId: 'user1', tenant: 'acme', groups: ['a'], roles: [], email: undefined, name: undefined }
    expect(await check()(await issuer.sign(claims(), { typ }))).toEqual(user)
  })

  it.each([
    ['another audience', { aud: 'https://other.test' }],
    ['another issuer', { iss: 'https://other.test' }],
    ['another tenant', { tenant: 'beta' }],
    ['no tenant', { tenant: undefined }],
    ['no subject', { sub: undefined }],
    ['no end', { exp: undefined }],
    ['an end that is over', { exp: 1_700_000_000 }],
  ])('A1: rejects a token with %s', async (_, more) => {
    expect(await check()(await issuer.sign(claims(more), { typ }))).toBeNull()
  })

  it.each(['JWT', 'at+jwt', 'logout+jwt'])('A1: rejects a token of type %s', async (other) => {
    expect(await check()(await issuer.sign(claims(), { typ: other }))).toBeNull()
  })

  it('A1: rejects a missing, repeated or forged header', async () => {
    const good = await issuer.sign(claims(), { typ })
    for (const header of [undefined, '', [good, good], `${good},${good}`, 'user1', good.slice(0, -4)])
      expect(await check()(header)).toBeNull()
  })

  it('A1: is told at start if the audience is not an origin', () => {
    const options = { issuer: issuer.issuer, tenants: 'all' } as const
    for (const wrong of ['shop', 'https://app.test/', 'https://app.test/path'])
      expect(() => forwardAuthCheck({ ...options, audience: wrong })).toThrow(TypeError)
  })
})
