/**
 * The user as headers for the app behind the proxy. Every header is always sent, empty if it has no
 * value, so that a proxy that copies them overwrites forged ones (FW-01).
 */
import type { Session } from '../../broker/session/session.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'

export const emptyIdentityHeaders = {
  'x-auth-user': '',
  'x-auth-email': '',
  'x-auth-email-verified': '',
  'x-auth-name': '',
  'x-auth-groups': '',
  'x-auth-roles': '',
  'x-auth-tenant': '',
  'x-auth-session': '',
  'x-auth-token': '',
}

export type IdentityHeaders = Readonly<typeof emptyIdentityHeaders>

/** Maximum characters of a list: Node accepts 16 kB of headers, most proxies less. */
const maxListLength = 4096

const cachedHeaders = new HiddenProperty<Session, IdentityHeaders>()

/** Cached by session: the store returns the same object while nothing changed. */
export function identityHeaders(session: Session): IdentityHeaders {
  const cached = cachedHeaders.get(session)
  if (cached !== undefined) return cached
  const headers = headersOf(session)
  cachedHeaders.set(session, headers)
  return headers
}

/**
 * The email header is empty unless verified: apps use it as a user name. verify.ts sets the token
 * if the proxy asks for one.
 */
function headersOf({ id, tenant, userId, profile }: Session): IdentityHeaders {
  const { email } = profile
  return {
    'x-auth-user': encoded(userId),
    'x-auth-email': email?.verified === true ? encoded(email.address) : '',
    'x-auth-email-verified': email === undefined ? '' : String(email.verified),
    'x-auth-name': encoded(profile.name ?? ''),
    'x-auth-groups': listOf(profile.groups),
    'x-auth-roles': listOf(profile.roles),
    'x-auth-tenant': encoded(tenant),
    'x-auth-session': encoded(id),
    'x-auth-token': '',
  }
}

/** Names with commas between them; those that do not fit any more are left out whole. */
function listOf(members: readonly string[] = []): string {
  let list = ''
  for (const member of members) {
    const longer = list === '' ? encoded(member) : `${list},${encoded(member)}`
    if (longer.length > maxListLength) break
    list = longer
  }
  return list
}

/** Percent-encodes all but printable ASCII, and `%` and the comma, for `decodeURIComponent`. */
function encoded(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x24\x26-\x2b\x2d-\x7e]/gu, (character) => encodeURIComponent(character))
}
