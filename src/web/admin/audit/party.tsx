/** Actor or target of an event, by name if the administrator may see it. */
import { type Administrator, reaches } from '../../../broker/access/target.ts'
import type { User } from '../../../broker/ports/users.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { displayName } from '../../../profile/profile.ts'
import type { WithParts } from '../../shell.ts'
import { userPath } from '../sign-ins/paths.ts'

export interface Party {
  readonly text: string
  readonly href?: string | undefined
  /** Distinguishes users with the same name. */
  readonly email?: string | undefined
}

const maxShown = 200

/** @param users whose names may be shown, by id */
export function partyOf(id: string, users: ReadonlyMap<string, User>): Party {
  const user = users.get(id)
  if (user === undefined) return { text: truncate(id, maxShown) }
  const email = user.profile.email?.address
  const name = displayName(user.profile) ?? id
  return {
    text: truncate(name, maxShown),
    href: userPath(id),
    email: email === undefined || email === name ? undefined : truncate(email, maxShown),
  }
}

export const PartyText = ({ party: { text, href, email } }: { readonly party: Party }) => (
  <>
    {href === undefined ? <span>{text}</span> : <a href={safeHref(href)}>{text}</a>}
    {email !== undefined && <span class="small"> {email}</span>}
  </>
)

/** Form of a user ID, unlike `cli`, `app:…` or `connection:…`. */
const isUserId = /^[\w-]{16,64}$/

/** Users whose names the administrator may see. In an admin's own tenant that is all of them. */
export async function namedUsers(
  { parts }: WithParts<'users'>,
  by: Administrator,
  ids: readonly string[],
): Promise<ReadonlyMap<string, User>> {
  const distinct = new Set(ids.filter((id) => isUserId.test(id)))
  const found = await Promise.all([...distinct].map((id) => parts.users.findById(id)))
  const visible = found.filter((user) => user !== null).filter(({ tenant }) => reaches(by, tenant))
  return new Map(visible.map((user) => [user.id, user]))
}
