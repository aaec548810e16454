/**
 * The guards for Fastify and for web requests in front of real servers, asking a real Gatehouse.
 */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import fastify, { type FastifyRequest } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as forExpress from '../../../src/sdk/guards/express.ts'
import * as forFastify from '../../../src/sdk/guards/fastify.ts'
import * as forNext from '../../../src/sdk/guards/next.ts'
import type { PlaceOptions } from '../../../src/sdk/guards/places.ts'
import type { TokenCheckerOptions } from '../../../src/sdk/token-checker.ts'
import { browserOf, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { boundToken, fetchOf, orders, robotToken, secrets, startApiServer } from '../../support/sdk/api-server.ts'

interface GuardedApi {
  readonly origin: string
  stop(): unknown
}

type Options = TokenCheckerOptions & PlaceOptions & { readonly onUnreachable?: (error: Error) => void }

async function startFastify(options: Options): Promise<GuardedApi> {
  const { requireSession, requireScope } = forFastify.gatehouse(options)
  const app = fastify()
  const me = async (request: FastifyRequest) => forFastify.sessionUserOf(request).profile
  app.get('/me', { onRequest: requireSession() }, me)
  app.post('/me', { onRequest: requireSession() }, me)
  app.get('/orders', { preHandler: [requireScope('orders.read')] }, async (request) => forFastify.callerOf(request))
  app.get('/all', { onRequest: requireScope('orders.read', 'orders.write') }, async () => ({}))
  app.get('/both', { onRequest: requireScope('orders.read orders.write') }, async () => ({}))
  return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), stop: () => app.close() }
}

/** Route handlers as Next.js calls them: the request, and `params` as a promise. */
async function startRouteHandlers(options: Options): Promise<GuardedApi> {
  const { withSession, withScope } = forNext.gatehouse(options)
  type Context = { readonly params: Promise<{ readonly path: string }> }
  const routes: Readonly<Record<string, (request: Request, context: Context) => Promise<Response>>> = {
    me: withSession((_request, { profile }) => Response.json(profile)),
    orders: withScope('orders.read', async (_request, caller, { params }: Context) =>
      Response.json({ ...caller, path: (await params).path }),
    ),
    all: withScope('orders.read orders.write', () => Response.json({})),
    both: withScope(' orders.read  orders.write', () => Response.json({})),
  }
  const answer = async (request: Request) => {
    const path = new URL(request.url).pathname.slice(1)
    return (await routes[path]?.(request, { params: Promise.resolve({ path }) })) ?? new Response(null, { status: 500 })
  }
  // otherwise it replaces Request and Response of this worker, which other test files use too
  const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1', overrideGlobalObjects: false }) as Server
  if (!server.listening) await once(server, 'listening')
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
}

const ourCookie = '__Host-gatehouse_session'
const page = 'https://board.test'
const apiOrigin = 'https://api.acme.test'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const beta = betaYaml(okta).replace('tokenInQuery: true', 'tokenInQuery: true, tokenCookie: true')
  server = await startApiServer({ okta, tenants: { 'acme.yaml': acmeYaml(okta), 'beta.yaml': beta } })
})
afterAll(async () => {
  await server?.stop()
  await server?.okta.close()
})

describe.each([
  ['Fastify', startFastify],
  ['route handlers', startRouteHandlers],
])('the guards of %s', (_, start) => {
  let guarded: GuardedApi
  /** Takes a session in every place. */
  let open: GuardedApi
  const common = { app: 'orders', secret: secrets.orders, audience: orders, tenants: ['acme', 'beta'] }
  beforeAll(async () => {
    const options = { ...common, issuer: publicOrigin, fetch: fetchOf(server), publicUrl: apiOrigin }
    guarded = await start(options)
    open = await start({ ...options, cookies: [ourCookie, 'token'], tokenInQuery: true, origins: [page] })
  })
  afterAll(() => Promise.all([guarded?.stop(), open?.stop()]))

  const ask = (path: string, token?: string, api = guarded) =>
    send(path, token === undefined ? {} : { authorization: `Bearer ${token}` }, api)

  async function send(path: string, headers: Readonly<Record<string, string>>, { origin } = guarded, method = 'GET') {
    const response = await fetch(origin + path, { method, headers })
    const [type, challenge] = ['content-type', 'www-authenticate'].map((name) => response.headers.get(name))
    return { status: response.status, type, challenge, headers: response.headers, body: await response.json() }
  }

  it('let a user with a session pass', async () => {
    const { status, body } = await ask('/me', await tokenFor(server, 'ada@mail.test'))
    expect([status, body]).toMatchObject([200, { email: 'ada@mail.test' }])
  })

  it('let an access token with the scope pass', async () => {
    const { status, body } = await ask('/orders?page=2', await robotToken(server, orders, 'orders.read'))
    expect([status, body]).toMatchObject([200, { kind: 'access token', app: 'robot', scopes: ['orders.read'] }])
  })

  it('answer a problem document without a token, and with one of the other kind', async () => {
    const problem = {
      status: 401,
      type: expect.stringMatching(/^application\/problem\+json/),
      body: { code: 'session_invalid' },
    }
    expect(await ask('/me')).toMatchObject({ ...problem, challenge: 'Bearer' })
    const access = await robotToken(server, orders, 'orders.read')
    expect(await ask('/me', access)).toMatchObject({ ...problem, challenge: 'Bearer error="invalid_token"' })
    expect(await ask('/orders', await tokenFor(server, 'ada@mail.test'))).toMatchObject({ status: 403 })
  })

  it('require every scope', async () => {
    const read = await robotToken(server, orders, 'orders.read')
    expect(await ask('/all', read)).toMatchObject({
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="orders.read orders.write"',
      body: { code: 'insufficient_scope' },
    })
    expect(await ask('/both', read)).toMatchObject({ status: 403 })
    const both = await robotToken(server, orders, 'orders.read orders.write')
    expect([(await ask('/all', both)).status, (await ask('/both', both)).status]).toEqual([200, 200])
  })

  it('read cookies and the query only if the app turns them on', async () => {
    const token = await tokenFor(server, 'places@mail.test', 'beta')
    const sealed = (await browserOf(server, 'sealed@mail.test', 'beta')).jar.value(ourCookie)
    for (const cookie of [`theme=dark; token=${token}`, `theme=dark; ${ourCookie}=${sealed}`]) {
      expect(await send('/me', { cookie }, open)).toMatchObject({
        status: 200,
        body: { email: expect.stringContaining('@mail.test') },
      })
      expect(await send('/me', { cookie })).toMatchObject({ status: 401, challenge: 'Bearer' })
    }
    expect((await send(`/me?token=${token}`, {}, open)).status).toBe(200)
    expect((await send(`/me?token=${token}`, {})).status).toBe(401)
    const acme = await tokenFor(server, 'places@mail.test')
    expect((await send(`/me?token=${acme}`, {}, open)).status).toBe(401)
  })

  it('SE-07 accept a write with a cookie from their own pages and those the app lists', async () => {
    const cookie = `token=${await tokenFor(server, 'writes@mail.test', 'beta')}`
    const write = (headers: Readonly<Record<string, string>>) => send('/me', { cookie, ...headers }, open, 'POST')
    const refused = { status: 403, body: { code: 'origin_refused' } }
    expect(await write({})).toMatchObject(refused)
    expect(await write({ origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })).toMatchObject(refused)
    expect((await write({ origin: page })).status).toBe(200)
    expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  it('V6: accept a bound token with a new proof of its key for the request only', async () => {
    const { token, proofFor } = await boundToken(server)
    const authorization = `DPoP ${token}`
    const proof = await proofFor('GET', `${apiOrigin}/orders`)
    expect((await send('/orders?page=2', { authorization, dpop: proof })).status).toBe(200)
    const refused = { status: 401, challenge: expect.stringContaining('DPoP error="invalid_token", algs="ES256') }
    expect(await send('/orders?page=2', { authorization, dpop: proof }), 'replayed').toMatchObject(refused)
    const ofAnother = await proofFor('POST', `${apiOrigin}/orders`)
    expect(await send('/orders', { authorization, dpop: ofAnother })).toMatchObject(refused)
    expect(await send('/orders', { authorization })).toMatchObject(refused)
    expect((await ask('/orders', token)).status).toBe(401)
  })

  it('let nothing pass while Gatehouse is unreachable', async () => {
    const reasons: Error[] = []
    const options = {
      issuer: 'http://127.0.0.1:9',
      timeoutMs: 500,
      onUnreachable: (error: Error) => reasons.push(error),
    }
    const alone = await start({ ...common, ...options })
    const { status, headers, body } = await ask('/me', `gth_s_${'0'.repeat(49)}`, alone)
    expect([status, headers.get('retry-after'), body]).toMatchObject([503, '2', { code: 'gatehouse_unreachable' }])
    expect(reasons).toHaveLength(1)
    await alone.stop()
  })
})

it('callerOf throws in a handler of Fastify without a guard', async () => {
  const app = fastify()
  app.get('/', async (request) => forFastify.callerOf(request))
  const { statusCode, body } = await app.inject('/')
  expect([statusCode, body]).toEqual([500, expect.stringContaining('neither requireSession nor requireScope')])
  await app.close()
})

it('a guard without a scope is a mistake', () => {
  const options = { issuer: publicOrigin, app: 'orders', tenants: 'all' } as const
  expect(() => forFastify.gatehouse(options).requireScope()).toThrow(TypeError)
  expect(() => forFastify.gatehouse(options).requireScope(' ')).toThrow(TypeError)
  expect(() => forExpress.gatehouse(options).requireScope(' ')).toThrow(TypeError)
  expect(() => forNext.gatehouse(options).withScope(' ', () => new Response())).toThrow(TypeError)
})
