/**
 * Who passes a reverse proxy's door, as headers for the app behind it. Every one is always there, empty when there is nothing to say: a
 * proxy that copies them overwrites what a client made up (FW-01).
 */
import type { Session } from '../../broker/session/session.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'

const names = [
  'x-auth-user',
  'x-auth-email',
  'x-auth-email-verified',
  'x-auth-name',
  'x-auth-groups',
  'x-auth-roles',
  'x-auth-tenant',
  'x-auth-session',
  'x-auth-token',
] as const
export type IdentityHeaders = Readonly<Record<(typeof names)[number], string>>

/** Longest list, in characters: the app's own server takes some 16 kB of headers, most proxies less. */
const maxListLength = 4096

export const emptyIdentityHeaders: IdentityHeaders = {
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

const known = new HiddenProperty<Session, IdentityHeaders>()

/** The store gives the very same session as long as nothing changed: then its headers are those of before. */
export function identityHeaders(session: Session): IdentityHeaders {
  const before = known.get(session)
  if (before !== undefined) return before
  const headers = headersOf(session)
  known.set(session, headers)
  return headers
}

/** An email that is not proven is not handed to apps that take it for a name: the header is empty then. */
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

/** Printable ASCII as it is; `%`, the comma and everything else percent-encoded as UTF-8, so that `decodeURIComponent` gives it back. */
function encoded(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x24\x26-\x2b\x2d-\x7e]/gu, (character) => encodeURIComponent(character))
}
