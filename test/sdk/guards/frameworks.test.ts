/** The guards for Fastify and for web requests in front of real servers, asking a real Gatehouse. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as forFastify from '../../../src/sdk/guards/fastify.ts'
import * as forNext from '../../../src/sdk/guards/next.ts'
import type { TokenCheckerOptions } from '../../../src/sdk/token-checker.ts'
import { tokenFor } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { fetchOf, orders, robotToken, secrets, startApiServer } from '../../support/sdk/api-server.ts'

interface GuardedApi {
  readonly origin: string
  stop(): unknown
}

type Options = TokenCheckerOptions & { readonly onUnreachable?: (error: Error) => void }

async function startFastify(options: Options): Promise<GuardedApi> {
  const { requireSession, requireScope } = forFastify.gatehouse(options)
  const app = fastify()
  app.get('/me', { onRequest: requireSession() }, async (request) => forFastify.sessionUserOf(request).profile)
  app.get('/orders', { preHandler: [requireScope('orders.read')] }, async (request) => forFastify.callerOf(request))
  app.get('/all', { onRequest: requireScope('orders.read', 'orders.write') }, async () => ({}))
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
  }
  const answer = async (request: Request) => {
    const path = new URL(request.url).pathname.slice(1)
    return (await routes[path]?.(request, { params: Promise.resolve({ path }) })) ?? new Response(null, { status: 500 })
  }
  const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1' }) as Server
  if (!server.listening) await once(server, 'listening')
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop: () => server.close() }
}

let server: TestGatehouse
beforeAll(async () => {
  server = await startApiServer()
})
afterAll(() => server?.stop())

describe.each([
  ['Fastify', startFastify],
  ['route handlers', startRouteHandlers],
])('the guards of %s', (_, start) => {
  let guarded: GuardedApi
  const common = { app: 'orders', secret: secrets.orders, audience: orders, tenants: ['acme'] }
  beforeAll(async () => {
    guarded = await start({ ...common, issuer: publicOrigin, fetch: fetchOf(server) })
  })
  afterAll(() => guarded?.stop())

  async function ask(path: string, token?: string, { origin } = guarded) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(origin + path, { headers })
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
    expect((await ask('/all', await robotToken(server, orders, 'orders.read orders.write'))).status).toBe(200)
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
  expect(() => forNext.gatehouse(options).withScope(' ', () => new Response())).toThrow(TypeError)
})
