/** Keeps the post-logout redirect in a sealed cookie during the upstream's logout. */
import type { Request, Response } from 'express'
import { sealedCookie } from '../../http/sealed-cookie.ts'
import type { Shell, WithParts } from '../shell.ts'

export type PostLogoutRedirectPorts = Pick<Shell, 'cookie' | 'keyRing'> & WithParts<'now'>

const keptMs = 300_000
export const returnCookie = sealedCookie({ name: 'gatehouse_return', keptMs })

/** @param address checked: one the app registered */
export function setReturnCookie(shell: PostLogoutRedirectPorts, response: Response, address: URL): void {
  returnCookie.write(shell, response, JSON.stringify([address.href, shell.parts.now().getTime() + keptMs]))
}

/** Null when there is none, or it is too old, or none of ours. */
export function readReturnCookie(shell: PostLogoutRedirectPorts, request: Request): URL | null {
  const content: unknown = JSON.parse(returnCookie.read(shell, request.headers.cookie) ?? '[]')
  const [address, until]: readonly unknown[] = Array.isArray(content) ? content : []
  return typeof address === 'string' && shell.parts.now().getTime() < Number(until) ? URL.parse(address) : null
}
