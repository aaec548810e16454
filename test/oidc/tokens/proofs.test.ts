/** A client assertion works once, at the token endpoint or at the API. */
import { createPrivateKey, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Page, send } from '../../support/browser/test-browser.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeEach(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n') },
  })
})
afterEach(() => server.stop())

async function assertionFor(seconds: number, changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const pat = await tokenFor(server, 'pat@mail.test')
  const post = async (path: string, json: unknown) =>
    JSON.parse((await api(server, `/api/v1/apps${path}`, { method: 'POST', json }, pat)).body)
  const { id } = await post('', { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] })
  const { id: kid, privateKey } = await post(`/${id}/keys`, { generate: true })
  const now = Math.floor(server.clock.now().getTime() / 1000)
  const claims = { iss: id, sub: id, aud: publicOrigin, iat: now, exp: now + seconds, jti: randomUUID(), ...changes }
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(createPrivateKey(privateKey))
}

const atApi = (assertion: string) => api(server, '/api/v1/app', { headers: { authorization: `Bearer ${assertion}` } })
const atTokenEndpoint = (assertion: string): Promise<Page> =>
  send(server.port, new URL('/oauth2/token', publicOrigin), {
    method: 'POST',
    form: {
      grant_type: 'refresh_token',
      refresh_token: 'gth_rt_none',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  })

describe('an assertion of an app', () => {
  it('OP-41 used at the token endpoint is refused by the API within its clock tolerance', async () => {
    const assertion = await assertionFor(20)
    expect(JSON.parse((await atTokenEndpoint(assertion)).body).error).toBe('invalid_grant')
    for (const inTheFuture of [0, 45]) {
      server.clock.forward(inTheFuture)
      const refused = await atApi(assertion)
      expect([refused.status, JSON.parse(refused.body).detail]).toEqual([401, expect.stringMatching(/^jti: expected/)])
    }
  })

  it('OP-41 used at the API is refused by the token endpoint at any clock', async () => {
    const assertion = await assertionFor(20)
    expect((await atApi(assertion)).status).toBe(200)
    for (const inTheFuture of [0, 45]) {
      server.clock.forward(inTheFuture)
      expect(JSON.parse((await atTokenEndpoint(assertion)).body).error).toBe('invalid_client')
    }
  })

  const seconds = () => Math.floor(server.clock.now().getTime() / 1000)
  it.each<[what: string, changes: () => Readonly<Record<string, unknown>>, fault: string]>([
    ['made in an hour', () => ({ iat: seconds() + 3600 }), 'iat: expected no later than'],
    ['that lives for an hour', () => ({ exp: seconds() + 3600 }), 'exp: expected a time at most 10 minutes ahead'],
    ['with an endless jti', () => ({ jti: 'x'.repeat(129) }), 'jti: expected an ID of at most 128 characters'],
  ])('OP-41 %s is refused at both endpoints for the same reason', async (_what, changes, fault) => {
    const assertion = await assertionFor(60, changes())
    const atToken = JSON.parse((await atTokenEndpoint(assertion)).body)
    expect([atToken.error, atToken.error_description]).toEqual(['invalid_client', expect.stringContaining(fault)])
    expect(JSON.parse((await atApi(assertion)).body).detail).toContain(fault)
  })

  it('without iat is accepted at both endpoints, since it is optional (RFC 7523 3)', async () => {
    expect((await atApi(await assertionFor(60, { iat: undefined }))).status).toBe(200)
    const taken = await atTokenEndpoint(await assertionFor(60, { iat: undefined }))
    expect(JSON.parse(taken.body).error).toBe('invalid_grant')
  })
})
