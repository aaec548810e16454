/** A JWT by which an app proves itself works once, at whichever door it is shown first. */
import { createPrivateKey, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { api, tokenFor } from '../http/gates.ts'
import { type House, startHouse } from '../http/house.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../http/tenants.ts'
import { type Page, send } from '../http/visitor.ts'

let house: House
beforeEach(async () => {
  const okta = await oktaFor()
  house = await startHouse({ okta, tenants: { 'acme.yaml': acmeYaml(okta, 'developers: everyone\n') } })
})
afterEach(() => house.stop())

async function assertionFor(seconds: number): Promise<string> {
  const pat = await tokenFor(house, 'pat@mail.test')
  const post = async (path: string, json: unknown) =>
    JSON.parse((await api(house, `/api/v1/apps${path}`, { method: 'POST', json }, pat)).body)
  const { id } = await post('', { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] })
  const { id: kid, privateKey } = await post(`/${id}/keys`, { generate: true })
  const now = Math.floor(house.clock.now().getTime() / 1000)
  const claims = { iss: id, sub: id, aud: publicOrigin, iat: now, exp: now + seconds, jti: randomUUID() }
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(createPrivateKey(privateKey))
}

const atApi = (assertion: string) => api(house, '/api/v1/app', { headers: { authorization: `Bearer ${assertion}` } })
const atTokenEndpoint = (assertion: string): Promise<Page> =>
  send(house.port, new URL('/oauth2/token', publicOrigin), {
    method: 'POST',
    form: {
      grant_type: 'refresh_token',
      refresh_token: 'gth_rt_none',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  })

describe('an assertion of an app', () => {
  it('OP-41 shown at the token endpoint is not taken by the API as long as its clock may take it for good', async () => {
    const assertion = await assertionFor(20)
    expect(JSON.parse((await atTokenEndpoint(assertion)).body).error).toBe('invalid_grant') // the app was believed
    for (const later of [0, 45]) {
      house.clock.forward(later)
      const refused = await atApi(assertion)
      expect([refused.status, JSON.parse(refused.body).detail]).toEqual([401, expect.stringMatching(/^jti: expected/)])
    }
  })

  it('OP-41 shown at the API is not taken by the token endpoint, however the clock stands', async () => {
    const assertion = await assertionFor(20)
    expect((await atApi(assertion)).status).toBe(200)
    for (const later of [0, 45]) {
      house.clock.forward(later)
      expect(JSON.parse((await atTokenEndpoint(assertion)).body).error).toBe('invalid_client')
    }
  })
})
