/** The client credentials grant. */
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secretHash } from '../../../src/crypto/token.ts'
import { type Page, type PageRequest, send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { nightlyApp, relyingPartyOf, startProviderServer } from '../../support/oidc/relying-parties.ts'

const ordersApi = 'https://api.shop.test/orders'
const stockApi = 'https://api.shop.test/stock'

let server: TestGatehouse
beforeAll(async () => {
  server = await startProviderServer()
})
afterAll(() => server.stop())

const ask = (path: string, requested: PageRequest = {}) => send(server.port, new URL(path, publicOrigin), requested)

function members({ body }: Page): Readonly<Record<string, unknown>> {
  const stated: unknown = JSON.parse(body)
  return typeof stated === 'object' && stated !== null ? { ...stated } : {}
}

describe('client credentials', () => {
  it('a scope of an API alone yields a token for that API', async () => {
    const robot = await relyingPartyOf(server, 'robot')
    const tokens = await client.clientCredentialsGrant(robot.config, { scope: 'orders:read' })
    expect(await client.tokenIntrospection(robot.config, tokens.access_token)).toMatchObject({
      active: true,
      aud: ordersApi,
      client_id: 'robot',
    })
    const jwt = await client.clientCredentialsGrant(robot.config, { scope: 'stock:read', resource: stockApi })
    const { payload } = await jwtVerify(jwt.access_token, await published(), { audience: stockApi })
    expect(payload).toMatchObject({ sub: 'robot', scope: 'stock:read' })
  })

  it('scopes that the app lacks are refused', async () => {
    const robot = await relyingPartyOf(server, 'robot')
    await expect(
      client.clientCredentialsGrant(robot.config, { scope: 'orders:write', resource: ordersApi }),
    ).rejects.toMatchObject({ error: 'invalid_scope' })
  })

  it('OP-48 a registered app gets no token for an API in its own name until an operator names it there', async () => {
    const robot = await server.core.parts.appRegistry.find('robot')
    if (robot === null) throw new Error('no robot')
    const hash = secretHash('canary-secret-of-an-app-of-a-developer')
    const secrets = [{ id: 's', sealed: '', hash, createdAt: robot.createdAt, expiresAt: undefined }]
    const owner = { tenant: 'acme', userId: 'u' }
    for (const kind of ['service', 'web'] as const) {
      const grants = ['client_credentials'] as const
      const app = { ...robot, kind, grants, id: `of-a-developer-${kind}`, secrets, owner }
      expect(await server.core.parts.apps.create(app)).toBe(true)
      const proof = client.ClientSecretBasic('canary-secret-of-an-app-of-a-developer')
      const { config } = await relyingPartyOf(server, app.id, proof)
      for (const requested of [
        { scope: 'orders:read' },
        { scope: 'orders:read', resource: ordersApi },
        { resource: ordersApi },
      ]) {
        const error: unknown = await client.clientCredentialsGrant(config, requested).catch((cause: unknown) => cause)
        expect(error).toMatchObject({ error: 'invalid_target' })
        expect(String(Reflect.get(Object(error), 'error_description'))).toMatch(
          /expected an API that this app may call in its own name .*got https:\/\/api.shop.test\/orders/,
        )
      }
    }
  })

  it('an app key replaces the secret, and each assertion works once', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const app = await server.core.parts.appRegistry.find('robot')
    if (app === null) throw new Error('no robot')
    const now = server.clock.now()
    const key = {
      id: 'k1',
      name: 'K',
      source: { kind: 'public key' as const, jwk: { ...(await exportJWK(publicKey)), kid: 'k1' } },
      createdAt: now,
    }
    const signer = {
      ...app,
      id: nightlyApp,
      secrets: [],
      keys: [key],
      createdAt: now,
      owner: { tenant: 'acme', userId: 'u' },
      revision: 1,
    }
    expect(await server.core.parts.apps.create(signer)).toBe(true)
    const claims = {
      iss: nightlyApp,
      sub: nightlyApp,
      aud: publicOrigin,
      jti: 'once',
      exp: Math.floor(Date.now() / 1000) + 60,
    }
    const sign = (changes: Record<string, unknown>, kid = 'k1') =>
      new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)
    const use = (assertion: string) =>
      ask('/oauth2/token', {
        method: 'POST',
        form: {
          grant_type: 'client_credentials',
          scope: 'orders:read',
          client_assertion: assertion,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        },
      })
    const assertion = await sign({})
    expect((await use(assertion)).status).toBe(200)
    for (const [refused, why] of [
      [assertion, 'jti that was not used before'],
      [await sign({ jti: 'b', aud: 'https://elsewhere.test' }), 'aud'],
      [await sign({ jti: 'c', exp: claims.exp + 3600 }), 'at most 10 minutes'],
      [await sign({ jti: 'd', exp: claims.exp - 300 }), 'exp'],
      [await sign({ jti: 'e' }, 'gone'), 'a key of this app'],
    ]) {
      const page = await use(refused ?? '')
      expect(page.status, why).toBe(401)
      expect(String(members(page)['error_description']), why).toContain(why)
    }
    expect((await server.core.parts.apps.usesOf(nightlyApp)).has('k1')).toBe(true)
  })
})

async function published() {
  const keys: JSONWebKeySet = JSON.parse((await ask('/oauth2/jwks')).body)
  return createLocalJWKSet(keys)
}
