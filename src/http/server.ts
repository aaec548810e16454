/** The server: the session check ahead of everything, Express behind it, and a stop that lets logins in flight finish. */
import { createServer, type Server } from 'node:http'
import { referenceOf } from '../broker/trace.ts'
import { isOpenId, openIdDoors } from '../oidc/doors.ts'
import type { Provider } from '../provider.ts'
import { checkPartsOf } from './check-parts.ts'
import { pagesLater } from './pages-later.ts'
import { answerSessionCheck, isSessionCheck } from './session-check.ts'
import type { Shell } from './shell.ts'
import { answerVerify, isVerify } from './verify.ts'

export interface GatehouseServer {
  readonly server: Server
  /** Loads the pages, which the first request of one would wait for. */
  load(): Promise<unknown>
}

export function createGatehouseServer(shell: Shell, providers: readonly Provider[]): GatehouseServer {
  const { load, answer } = pagesLater(shell, async () => (await import('./app.ts')).createApp(shell, providers))
  const { keyRing, cookie, log, parts } = shell
  const hot = { keyRing, cookie, log, check: checkPartsOf(shell), reference: () => referenceOf(parts.random(8)) }
  const atDoors = { ...hot, publicUrl: shell.publicUrl, trustedProxies: shell.trustedProxies }
  const answerOpenId = openIdDoors(shell)
  const limits = {
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    connectionsCheckingInterval: 2000,
  }
  const server = createServer(limits, (request, response) => {
    if (!shell.accepting()) response.setHeader('connection', 'close')
    if (isSessionCheck(request)) void answerSessionCheck(hot, request, response)
    else if (isVerify(request)) void answerVerify(atDoors, request, response)
    else if (isOpenId(request)) void answerOpenId(request, response)
    else answer(request, response)
  })
  return { server, load }
}

/** Stops taking connections, lets what is in flight finish, and cuts what is still there after `graceMs`. */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(cut)
}
