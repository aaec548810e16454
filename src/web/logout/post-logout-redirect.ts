/** Keeps the post-logout redirect in a sealed cookie during the upstream's logout. */
import type { Request, Response } from 'express'
import { readCookie } from '../../http/cookies.ts'
import type { Shell, WithParts } from '../shell.ts'

export type PostLogoutRedirectPorts = Pick<Shell, 'cookie' | 'keyRing'> & WithParts<'now'>

const keptMs = 300_000

const nameOf = ({ cookie }: PostLogoutRedirectPorts) => (cookie.secure ? '__Host-gatehouse_return' : 'gatehouse_return')
const optionsOf = ({ cookie }: PostLogoutRedirectPorts) =>
  ({ httpOnly: true, sameSite: 'lax', secure: cookie.secure, path: '/' }) as const

/** @param address checked: one the app registered */
export function setReturnCookie(shell: PostLogoutRedirectPorts, response: Response, address: URL): void {
  const content = JSON.stringify([address.href, shell.parts.now().getTime() + keptMs])
  const value = shell.keyRing.seal(content, nameOf(shell)).toString('base64url')
  response.cookie(nameOf(shell), value, { ...optionsOf(shell), maxAge: keptMs })
}

export function clearReturnCookie(shell: PostLogoutRedirectPorts, response: Response): void {
  response.clearCookie(nameOf(shell), optionsOf(shell))
}

/** Null when there is none, or it is too old, or none of ours. */
export function readReturnCookie(shell: PostLogoutRedirectPorts, request: Request): URL | null {
  const value = readCookie(request.headers.cookie, nameOf(shell))
  const opened = value === null ? null : shell.keyRing.open(Buffer.from(value, 'base64url'), nameOf(shell))
  if (opened === null) return null
  const params: unknown = JSON.parse(opened.content.toString())
  const [address, until]: readonly unknown[] = Array.isArray(params) ? params : []
  return typeof address === 'string' && shell.parts.now().getTime() < Number(until) ? URL.parse(address) : null
}
