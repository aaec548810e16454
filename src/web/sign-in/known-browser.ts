/** A sealed cookie for a year: the users (PW-03) and the last connection of a browser. */
import type { Request } from 'express'
import { z } from 'zod'
import type { UserKey } from '../../broker/session/session.ts'
import { secretHash } from '../../crypto/token.ts'
import { sealedCookie } from '../../http/sealed-cookie.ts'
import type { Call, Shell, WithParts } from '../shell.ts'

type ReadingPorts = Pick<Shell, 'cookie' | 'keyRing'>
export type KnownBrowserPorts = ReadingPorts & WithParts<'random'>

const contentForm = z.object({
  id: z.string(),
  /** Short hashes of emails that signed in with a password here, newest first. */
  users: z.array(z.string()).max(8),
  /** Last used connection by tenant. */
  lastConnections: z.record(z.string(), z.string()),
  /** Short hashes of user ids that signed in here by any connection, newest first. */
  accounts: z.array(z.string()).max(16).default([]),
})
type KnownBrowser = z.infer<typeof contentForm>

/** Content of the cookie under its former name. */
const formerContent = z
  .object({ id: z.string(), people: contentForm.shape.users, gates: contentForm.shape.lastConnections })
  .transform(
    ({ id, people: users, gates: lastConnections }): KnownBrowser => ({ id, users, lastConnections, accounts: [] }),
  )

const options = { keptMs: 365 * 86_400_000, context: 'known browser' }
const cookie = sealedCookie({ ...options, name: 'gatehouse_device' })
const formerCookie = sealedCookie({ ...options, name: 'gatehouse_known' })
const accountHash = ({ tenant, userId }: UserKey) => secretHash(`account\n${tenant}\n${userId}`).slice(0, 16)
const userHash = (tenant: string, email: string) => secretHash(`${tenant}\n${email}`).slice(0, 16)

function read(shell: ReadingPorts, { headers }: Request): KnownBrowser | null {
  const content = cookie.read(shell, headers.cookie) ?? formerCookie.read(shell, headers.cookie)
  if (content === undefined) return null
  try {
    return z.union([contentForm, formerContent]).parse(JSON.parse(content))
  } catch {
    return null // sealed by an older version of ours
  }
}

interface KnownUser {
  readonly tenant: string
  readonly email: string
}

/** Undefined when the user has not signed in from this browser before. */
export function knownBrowserOf(shell: ReadingPorts, request: Request, { tenant, email }: KnownUser) {
  const browser = read(shell, request)
  return browser?.users.includes(userHash(tenant, email)) ? browser.id : undefined
}

/** Whether this user signed in from this browser before, by any connection. */
export function isBrowserOf(shell: ReadingPorts, request: Request, user: UserKey): boolean {
  return read(shell, request)?.accounts.includes(accountHash(user)) === true
}

export function lastConnectionOf(shell: ReadingPorts, request: Request, tenant: string): string | undefined {
  return read(shell, request)?.lastConnections[tenant]
}

interface BrowserLogin extends Partial<KnownUser>, UserKey {
  readonly tenant: string
  readonly connection: string
}

/** Remembers the connection, and after a password login the user. */
export function rememberBrowser({ shell, request, response }: Call<KnownBrowserPorts>, login: BrowserLogin): void {
  const { tenant, connection, email } = login
  const { id, users, lastConnections, accounts } = read(shell, request) ?? {
    id: shell.parts.random(16).toString('base64url'),
    users: [],
    lastConnections: {},
    accounts: [],
  }
  const user = email === undefined ? [] : [userHash(tenant, email)]
  const others = Object.entries(lastConnections).filter(([other]) => other !== tenant)
  const browser: KnownBrowser = {
    id,
    users: [...new Set([...user, ...users])].slice(0, 8),
    lastConnections: Object.fromEntries([[tenant, connection], ...others].slice(0, 16)),
    accounts: [...new Set([accountHash(login), ...accounts])].slice(0, 16),
  }
  cookie.write(shell, response, JSON.stringify(browser))
}
