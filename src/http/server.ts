/**
 * The server: the session check ahead of everything, Express behind it, and a stop that lets logins in flight finish. Express and the
 * pages take longer to load than everything else together, so the process listens before: who asks for a page meanwhile waits for it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Express } from 'express'
import { referenceOf } from '../broker/trace.ts'
import { later } from '../later.ts'
import { answerOpenId, isOpenId } from '../oidc/doors.ts'
import type { Provider } from '../provider.ts'
import { checkPartsOf } from './check-parts.ts'
import { operationOf } from './operations.ts'
import { errorForLog } from './problem.ts'
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
    else if (isOpenId(request)) void answerOpenId(shell, request, response)
    else answer(request, response)
  })
  return { server, load }
}

function pagesLater(shell: Shell, make: () => Promise<Express>) {
  let pages: Express | undefined
  const load = later(async () => {
    pages = await make()
    return pages
  })
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (pages !== undefined) return pages(request, response)
    const operation = operationOf(request)
    if (operation !== undefined) return void operation(shell, request, response)
    load().then(
      (loaded) => loaded(request, response),
      (error: unknown) => {
        shell.log.error({ error: errorForLog(error) }, 'the pages could not be loaded')
        response.writeHead(500).end()
      },
    )
  }
  return { load, answer }
}

/** Stops taking connections, lets what is in flight finish, and cuts what is still there after `graceMs`. */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(cut)
}
