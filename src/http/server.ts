/** The server: the session check ahead of everything, Express behind it, and a stop that lets logins in flight finish. */
import { createServer, type Server } from 'node:http'
import { referenceOf } from '../broker/trace.ts'
import type { Provider } from '../provider.ts'
import { createApp } from './app.ts'
import { checkPartsOf } from './leave.ts'
import { answerSessionCheck, isSessionCheck } from './session-check.ts'
import type { Shell } from './shell.ts'

export function createGatehouseServer(shell: Shell, providers: readonly Provider[]): Server {
  const app = createApp(shell, providers)
  const { keyRing, cookie, log, parts } = shell
  const hot = { keyRing, cookie, log, check: checkPartsOf(shell), reference: () => referenceOf(parts.random(8)) }
  const limits = {
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    connectionsCheckingInterval: 2000,
  }
  return createServer(limits, (request, response) => {
    if (!shell.accepting()) response.setHeader('connection', 'close')
    if (isSessionCheck(request)) void answerSessionCheck(hot, request, response)
    else app(request, response)
  })
}

/** Stops taking connections, lets what is in flight finish, and cuts what is still there after `graceMs`. */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(cut)
}
