/** The Express middleware in front of real routes, asking a real Gatehouse. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatehouse } from '../../../src/sdk/guards/express.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  fetchOf,
  orders,
  type ProtectedApi,
  privatePem,
  reports,
  robotToken,
  secrets,
  startApiServer,
  startProtectedApi,
} from '../../support/sdk/api-server.ts'

let server: TestGatehouse
let guarded: ProtectedApi
let reporting: ProtectedApi
beforeAll(async () => {
  server = await startApiServer()
  const common = { issuer: publicOrigin, fetch: fetchOf(server), tenants: ['acme'] }
  guarded = await startProtectedApi({ ...common, app: 'orders', secret: secrets.orders, audience: orders })
  reporting = await startProtectedApi({ ...common, app: 'reporting', audience: reports })
})
afterAll(async () => {
  guarded?.stop()
  reporting?.stop()
  await server?.stop()
})

const problemOf = async (response: Response) => ({
  status: response.status,
  type: response.headers.get('content-type'),
  challenge: response.headers.get('www-authenticate'),
  body: await response.json(),
})

describe('requireSession', () => {
  it('accepts a live session and identifies the user', async () => {
    const response = await guarded.ask('/me', await tokenFor(server, 'ada@mail.test'))
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { kind: 'session', tenant: 'acme', profile: { email: 'ada@mail.test' } },
    ])
  })

  it('SE-05 rejects an ended session at once', async () => {
    const token = await tokenFor(server, 'ends@mail.test')
    expect((await guarded.ask('/me', token)).status).toBe(200)
    await api(server, '/api/v1/session', { method: 'DELETE' }, token)
    expect((await guarded.ask('/me', token)).status).toBe(401)
  })

  it('rejects a user of another tenant', async () => {
    expect((await guarded.ask('/me', await tokenFor(server, 'ada@mail.test', 'beta'))).status).toBe(401)
  })

  it('returns 401 without an error code when the token is missing', async () => {
    expect(await problemOf(await guarded.ask('/me'))).toMatchObject({
      status: 401,
      type: 'application/problem+json',
      challenge: 'Bearer',
      body: { type: 'about:blank', status: 401, code: 'session_invalid' },
    })
  })

  it.each([
    ['nonsense', 'nonsense'],
    ['a session token nobody has', `gth_s_${'0'.repeat(49)}`],
    ['a client secret', `gth_c_${'0'.repeat(49)}`],
    ['an unsigned JWT', `${btoa('{"alg":"none"}').replace(/=/g, '')}.e30.e30`],
    ['a very long token', 'a'.repeat(9000)],
  ])('returns 401 invalid_token for %s', async (_, token) => {
    expect(await problemOf(await guarded.ask('/me', token))).toMatchObject({
      status: 401,
      challenge: 'Bearer error="invalid_token"',
    })
  })

  it('rejects an access token', async () => {
    const refused = await guarded.ask('/me', await robotToken(server, orders, 'orders.read'))
    expect(refused.status).toBe(401)
    const { title, detail } = await refused.json()
    expect(title).toBe('This endpoint needs a session')
    expect(detail).toContain('This endpoint requires a session or API token')
  })
})

describe('requireScope', () => {
  it('accepts an opaque access token with the scope and identifies the user', async () => {
    const response = await guarded.ask('/orders', await robotToken(server, orders, 'orders.read'))
    expect(response.status).toBe(200)
    const caller = await response.json()
    expect(caller).toMatchObject({ kind: 'access token', app: 'robot', scopes: ['orders.read'] })
    expect(caller).not.toHaveProperty('userId')
  })

  it('accepts a JWT access token for this API', async () => {
    const token = await robotToken(server, reports, 'reports.read')
    expect(token.split('.')).toHaveLength(3)
    const response = await reporting.ask('/reports', token)
    expect([response.status, await response.json()]).toMatchObject([200, { app: 'robot', scopes: ['reports.read'] }])
  })

  it('requires every scope; returns 403 insufficient_scope without', async () => {
    const read = await robotToken(server, orders, 'orders.read')
    expect(await problemOf(await guarded.ask('/orders/all', read))).toMatchObject({
      status: 403,
      type: 'application/problem+json',
      challenge: 'Bearer error="insufficient_scope", scope="orders.read orders.write"',
      body: { code: 'insufficient_scope' },
    })
    expect(
      (await guarded.ask('/orders/all', await robotToken(server, orders, 'orders.read orders.write'))).status,
    ).toBe(200)
  })

  it('rejects a session token', async () => {
    expect((await guarded.ask('/orders', await tokenFor(server, 'ada@mail.test'))).status).toBe(403)
  })

  it('returns 401 for a token of another API, opaque or JWT', async () => {
    expect((await guarded.ask('/orders', await robotToken(server, reports, 'reports.read'))).status).toBe(401)
    expect((await reporting.ask('/reports', await robotToken(server, orders, 'orders.read'))).status).toBe(401)
  })

  it('introspects with private_key_jwt', async () => {
    const key = { id: 'orders-1', privateKey: privatePem }
    const options = { issuer: publicOrigin, fetch: fetchOf(server), tenants: 'all', app: 'orders-by-key', key } as const
    const byKey = await startProtectedApi({ ...options, audience: orders })
    const token = await robotToken(server, orders, 'orders.read')
    expect((await byKey.ask('/orders', token)).status).toBe(200)
    expect((await byKey.ask('/orders', token)).status).toBe(200)
    byKey.stop()
  })

  it('rejects all requests with wrong credentials, and reports why', async () => {
    const options = {
      issuer: publicOrigin,
      fetch: fetchOf(server),
      tenants: 'all',
      app: 'orders',
      secret: 'wrong',
    } as const
    const wrong = await startProtectedApi({ ...options, audience: orders })
    expect((await wrong.ask('/orders', await robotToken(server, orders, 'orders.read'))).status).toBe(503)
    expect(wrong.unreachableErrors[0]?.message).toBe('introspection returned status 401 (invalid_client)')
    wrong.stop()
  })

  it('requires a scope', () => {
    const { requireScope } = gatehouse({ issuer: publicOrigin, app: 'orders', tenants: 'all' })
    expect(() => requireScope()).toThrow(TypeError)
  })
})

describe('while Gatehouse is unreachable', () => {
  it('requests with session or opaque tokens get 503 with Retry-After, and the app is told why', async () => {
    const lonely = await startProtectedApi({
      issuer: 'http://127.0.0.1:9',
      app: 'orders',
      secret: secrets.orders,
      tenants: 'all',
      audience: orders,
      timeoutMs: 500,
    })
    const jwt = await robotToken(server, reports, 'reports.read')
    for (const [path, token] of [
      ['/me', `gth_s_${'0'.repeat(49)}`],
      ['/orders', 'an-opaque-token-of-somebody'],
      ['/reports', jwt],
    ]) {
      const response = await lonely.ask(path ?? '', token)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
      expect(await response.json()).toMatchObject({ code: 'gatehouse_unreachable' })
    }
    expect(lonely.unreachableErrors).toHaveLength(3)
    expect(JSON.stringify(lonely.unreachableErrors.map(({ message }) => message))).not.toMatch(
      /gth_|opaque-token|canary/,
    )
    expect((await lonely.ask('/me')).status).toBe(401)
    lonely.stop()
  })
})

it('callerOf throws in a handler without middleware', async () => {
  expect((await guarded.ask('/open', await tokenFor(server, 'ada@mail.test'))).status).toBe(500)
})
