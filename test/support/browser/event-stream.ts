/** Reads server-sent events of a test server over a real connection. */
import { get, type IncomingMessage } from 'node:http'
import { publicOrigin } from '../gatehouse/tenants.ts'
import type { TestBrowser } from './test-browser.ts'

export interface EventStream {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  /** All that arrived so far. */
  text(): string
  /** Whether the server ended it. */
  isEnded(): boolean
  close(): void
}

export function openEvents(browser: TestBrowser, path: string): Promise<EventStream> {
  const cookie = browser.jar.headerFor(new URL(path, publicOrigin))
  const headers = { host: new URL(publicOrigin).host, cookie }
  return new Promise((done, failed) => {
    const request = get({ port: browser.server.port, host: '127.0.0.1', agent: false, path, headers }, (response) => {
      let text = ''
      let isEnded = false
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => {
        isEnded = true
      })
      response.on('error', () => {
        isEnded = true
      })
      done({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: () => text,
        isEnded: () => isEnded,
        close: () => request.destroy(),
      })
    })
    request.on('error', failed)
  })
}
