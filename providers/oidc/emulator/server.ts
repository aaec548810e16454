/** The HTTP side that all emulated upstreams share. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ListenOptions {
  /** Default 0: any free port. */
  readonly port?: number
  /** Host name in the emulator's URLs; it listens on 127.0.0.1. Default localhost. */
  readonly host?: string
}

export interface Listening {
  readonly server: Server
  readonly url: string
  close(): Promise<void>
}

/** Attach the request handler without awaiting anything else: clients can connect already. */
export async function listen({ port = 0, host = 'localhost' }: ListenOptions): Promise<Listening> {
  const server = createServer()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
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

const maxLogged = 50

/** Puts method, path and status first in `log` once the response is finished. */
export function logRequest(log: string[], request: IncomingMessage, response: ServerResponse, path: string): void {
  if (path === '/' || path === '/favicon.ico') return
  const { method } = request
  response.on('close', () => {
    const status = response.writableEnded ? response.statusCode : 'no answer'
    log.unshift(`${new Date().toISOString().slice(11, 19)} ${method} ${path} ${status}`)
    log.length = Math.min(log.length, maxLogged)
  })
}

/** Answers the form of the control page. */
export async function switchFaults(
  request: IncomingMessage,
  response: ServerResponse,
  emulator: {
    readonly faults: { reset(): void; switch(name: string, value: boolean | string | number): void }
    rotateKey(): Promise<void>
  },
): Promise<void> {
  const form = await formOf(request)
  const value = form.get('value') ?? true
  if (form.has('reset')) emulator.faults.reset()
  if (form.has('rotate')) await emulator.rotateKey()
  const name = form.get('on') ?? form.get('off')
  if (name !== null) emulator.faults.switch(name, form.has('off') ? false : Number(value) > 1 ? Number(value) : value)
  redirect(response, '/', 303)
}
