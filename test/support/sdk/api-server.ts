/** A Gatehouse with two APIs and their apps, and an Express app protected by the SDK. */
import { generateKeyPairSync, hash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { callerOf, type GatehouseOptions, gatehouse, sessionUserOf } from '../../../src/sdk/guards/express.ts'
import { publicOrigin } from '../gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, type TestGatehouseOptions } from '../gatehouse/test-gatehouse.ts'

export const orders = 'https://api.acme.test/orders'
export const reports = 'https://api.acme.test/reports'

export const secrets = {
  orders: `canary-of-orders-${randomBytes(24).toString('hex')}`,
  robot: `canary-of-robot-${randomBytes(24).toString('hex')}`,
}

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
export const privatePem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'orders-1', use: 'sig' }

const settings = `apps:
  orders:
    name: Orders
    kind: service
    tenants: all
    secrets: [${secrets.orders}]
  orders-by-key:
    name: Orders by key
    kind: service
    tenants: all
    keys: [{ publicKey: '${JSON.stringify(publicJwk)}' }]
  robot:
    name: Robot
    kind: service
    tenants: all
    scopes: [orders.read, orders.write, reports.read]
    secrets: [${secrets.robot}]
apis:
  - { id: '${orders}', name: Orders, scopes: { orders.read: see your orders, orders.write: change your orders }, resourceServerApps: [orders, orders-by-key] }
  - { id: '${reports}', name: Reports, scopes: { reports.read: see reports }, accessTokens: jwt }
`

export const startApiServer = (options: TestGatehouseOptions = {}) => startTestGatehouse({ ...options, settings })

/** As fetch, with the house behind its public address. */
export function fetchOf({ port }: Pick<TestGatehouse, 'port'>): typeof globalThis.fetch {
  return (input, init) =>
    fetch(String(input instanceof Request ? input.url : input).replace(publicOrigin, `http://127.0.0.1:${port}`), init)
}

/**
 * An access token of the robot for orders, bound to a key, and the proofs of that key (RFC 9449).
 */
export async function boundToken(server: TestGatehouse) {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const header = { alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) }
  const prove = (claims: JWTPayload) =>
    new SignJWT({ jti: randomUUID(), ...claims }).setIssuedAt().setProtectedHeader(header).sign(privateKey)
  const dpop = await prove({ htm: 'POST', htu: `${publicOrigin}/oauth2/token` })
  const token = await robotToken(server, orders, 'orders.read', { dpop })
  const ath = hash('sha256', token, 'base64url')
  return { token, proofFor: (htm: string, htu: string) => prove({ htm, htu, ath }) }
}

/** An access token of the robot for itself. */
export async function robotToken(
  server: TestGatehouse,
  resource: string,
  scope: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const response = await fetchOf(server)(`${publicOrigin}/oauth2/token`, {
    method: 'POST',
    headers: { ...headers, authorization: `Basic ${Buffer.from(`robot:${secrets.robot}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope }),
  })
  const body: unknown = await response.json()
  if (typeof body === 'object' && body !== null && 'access_token' in body) return String(body.access_token)
  throw new Error(`no token: ${response.status} ${JSON.stringify(body)}`)
}

export interface ProtectedApi {
  ask(path: string, token?: string, headers?: Record<string, string>, method?: string): Promise<Response>
  /** What the app was told of Gatehouse not answering. */
  readonly unreachableErrors: readonly Error[]
  stop(): void
}

/** `/me` takes sessions; `/orders`, `/reports` and `/stock` take tokens with their scope. */
export async function startProtectedApi(options: GatehouseOptions): Promise<ProtectedApi> {
  const stated: Error[] = []
  const { requireSession, requireScope } = gatehouse({ onUnreachable: (error) => stated.push(error), ...options })
  const app = express()
  app.get('/me', requireSession(), (request, response) => void response.json(sessionUserOf(request)))
  app.post('/me', requireSession(), (request, response) => void response.json(sessionUserOf(request)))
  app.get('/orders', requireScope('orders.read'), (request, response) => void response.json(callerOf(request)))
  app.get('/orders/all', requireScope('orders.read', 'orders.write'), (_, response) => void response.json({}))
  app.get('/reports', requireScope('reports.read'), (request, response) => void response.json(callerOf(request)))
  app.get('/stock', requireScope('stock:read'), (request, response) => void response.json(callerOf(request)))
  app.get('/open', (request, response) => void response.json(callerOf(request)))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    unreachableErrors: stated,
    ask: (path, token, headers = {}, method = 'GET') =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      }),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
