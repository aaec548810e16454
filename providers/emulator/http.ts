/** HTTP of the emulated upstreams. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ListenOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Host name in the emulator's URLs. Default localhost. */
  readonly host?: string
}

export type Listening = Awaited<ReturnType<typeof listen>>

/** Emulators listen on this machine only, except in a container (compose.yaml). */
const address = process.env['EMULATORS_ADDRESS'] ?? '127.0.0.1'

/** Attach the request handler without awaiting anything else: clients can connect already. */
export async function listen({ port = 0, host = 'localhost' }: ListenOptions) {
  const server = createServer()
  server.listen(port, address)
  await once(server, 'listening')
  return {
    server,
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      server.close()
      server.closeAllConnections()
    },
  }
}

export async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await text(request))
}

export function sendJson(response: ServerResponse, body: object, status = 200): void {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
  response.writeHead(status, headers).end(JSON.stringify(body))
}

export function sendPage(response: ServerResponse, html: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html)
}

export function redirect(response: ServerResponse, location: string, status = 302): void {
  response.writeHead(status, { location, 'cache-control': 'no-store' }).end()
}

/** A request at an emulator. */
export interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** Method, path and status of the last requests; handlers may add lines. */
  readonly log: string[]
}

const maxLogged = 50

/** Puts method, path and status first in the log once the response is finished. */
export function logRequest({ request, response, url, log }: Call): void {
  if (url.pathname === '/' || url.pathname === '/favicon.ico') return
  response.on('close', () => {
    const status = response.writableEnded ? response.statusCode : 'no answer'
    log.unshift(`${new Date().toISOString().slice(11, 19)} ${request.method} ${url.pathname} ${status}`)
    log.length = Math.min(log.length, maxLogged)
  })
}
