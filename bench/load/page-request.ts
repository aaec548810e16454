/** Requests of pages, as a browser sends them. */
import { sealToken } from '../../src/http/cookies.ts'
import type { Deployment } from '../gatehouse.ts'

const cookieName = 'gatehouse_session'

/** From our own origin. @param token of the session; undefined: signed out */
export function pageRequest({ port, keyRing }: Deployment, methodAndPath: string, token?: string): Buffer {
  const cookies = token === undefined ? [] : [`cookie: ${cookieName}=${sealToken(keyRing, cookieName, token)}`]
  const headers = [`host: localhost:${port}`, ...cookies, 'sec-fetch-site: same-origin', 'content-length: 0']
  return Buffer.from(`${methodAndPath} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
}
