/** A sealed cookie for a year: the users (PW-03) and the last connection of a browser. */
import type { Request, Response } from 'express'
import { z } from 'zod'
import { secretHash } from '../../crypto/token.ts'
import { readCookie } from '../../http/cookies.ts'
import type { Shell, WithParts } from '../shell.ts'

export type KnownBrowserPorts = Pick<Shell, 'cookie' | 'keyRing'> & WithParts<'random'>

const contentForm = z.object({
  id: z.string(),
  /** Short hashes of emails that signed in with a password here, newest first. */
  people: z.array(z.string()).max(8),
  /** Last used connection by tenant. */
  connections: z.record(z.string(), z.string()),
})
type Known = z.infer<typeof contentForm>

const keptMs = 365 * 86_400_000
const context = 'known browser'
const cookieName = (shell: KnownBrowserPorts) => (shell.cookie.secure ? '__Host-gatehouse_known' : 'gatehouse_known')
const personOf = (tenant: string, email: string) => secretHash(`${tenant}\n${email}`).slice(0, 16)

function read(shell: KnownBrowserPorts, request: Request): Known | null {
  const value = readCookie(request.headers.cookie, cookieName(shell))
  if (value === null || value.length > 3000) return null
  const opened = shell.keyRing.open(Buffer.from(value, 'base64url'), context)
  if (opened === null) return null
  try {
    return contentForm.parse(JSON.parse(opened.content.toString()))
  } catch {
    return null // sealed by an older version of ours
  }
}

/** Undefined when the user has not signed in from this browser before. */
export function knownBrowserOf(
  shell: KnownBrowserPorts,
  request: Request,
  tenant: string,
  email: string,
): string | undefined {
  const known = read(shell, request)
  return known?.people.includes(personOf(tenant, email)) ? known.id : undefined
}

export function lastConnectionOf(shell: KnownBrowserPorts, request: Request, tenant: string): string | undefined {
  return read(shell, request)?.connections[tenant]
}

/** Remembers the connection, and after a password login the user. */
export function rememberBrowser(
  shell: KnownBrowserPorts,
  request: Request,
  response: Response,
  login: { tenant: string; connection: string; email?: string },
): void {
  const before = read(shell, request) ?? {
    id: shell.parts.random(16).toString('base64url'),
    people: [],
    connections: {},
  }
  const person = login.email === undefined ? [] : [personOf(login.tenant, login.email)]
  const known: Known = {
    id: before.id,
    people: [...new Set([...person, ...before.people])].slice(0, 8),
    connections: Object.fromEntries(
      [
        [login.tenant, login.connection],
        ...Object.entries(before.connections).filter(([tenant]) => tenant !== login.tenant),
      ].slice(0, 16),
    ),
  }
  const value = shell.keyRing.seal(JSON.stringify(known), context).toString('base64url')
  response.cookie(cookieName(shell), value, {
    httpOnly: true,
    secure: shell.cookie.secure,
    sameSite: 'lax',
    path: '/',
    maxAge: keptMs,
  })
}
