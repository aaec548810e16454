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
  users: z.array(z.string()).max(8),
  /** Last used connection by tenant. */
  lastConnections: z.record(z.string(), z.string()),
})
type Known = z.infer<typeof contentForm>

/** As the cookie of the former name has it. */
const formerContent = z
  .object({ id: z.string(), people: contentForm.shape.users, gates: contentForm.shape.lastConnections })
  .transform(({ id, people, gates }): Known => ({ id, users: people, lastConnections: gates }))

const keptMs = 365 * 86_400_000
const context = 'known browser'
const nameOf = (shell: KnownBrowserPorts, name: string) => (shell.cookie.secure ? `__Host-${name}` : name)
const cookieName = (shell: KnownBrowserPorts) => nameOf(shell, 'gatehouse_device')
const formerCookieName = (shell: KnownBrowserPorts) => nameOf(shell, 'gatehouse_known')
const userHash = (tenant: string, email: string) => secretHash(`${tenant}\n${email}`).slice(0, 16)

function read(shell: KnownBrowserPorts, request: Request): Known | null {
  const cookies = request.headers.cookie
  const value = readCookie(cookies, cookieName(shell)) ?? readCookie(cookies, formerCookieName(shell))
  if (value === null || value.length > 3000) return null
  const opened = shell.keyRing.open(Buffer.from(value, 'base64url'), context)
  if (opened === null) return null
  try {
    return z.union([contentForm, formerContent]).parse(JSON.parse(opened.content.toString()))
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
  return known?.users.includes(userHash(tenant, email)) ? known.id : undefined
}

export function lastConnectionOf(shell: KnownBrowserPorts, request: Request, tenant: string): string | undefined {
  return read(shell, request)?.lastConnections[tenant]
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
    users: [],
    lastConnections: {},
  }
  const user = login.email === undefined ? [] : [userHash(login.tenant, login.email)]
  const known: Known = {
    id: before.id,
    users: [...new Set([...user, ...before.users])].slice(0, 8),
    lastConnections: Object.fromEntries(
      [
        [login.tenant, login.connection],
        ...Object.entries(before.lastConnections).filter(([tenant]) => tenant !== login.tenant),
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
