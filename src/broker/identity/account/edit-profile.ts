/** The user's own name, which counts instead of what sign-in methods supply. */
import { GatehouseError } from '../../../errors.ts'
import { editsOf, type ProfileEdits, withEdits } from '../../../profile/merge.ts'
import { attributeNames, type EditableAttribute, editableAttributes, textOf } from '../../../profile/profile.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { User } from '../../ports/users.ts'
import type { Session } from '../../session/session.ts'
import { requireCurrentUser } from '../fresh-sign-in.ts'

export type EditProfilePorts = Ports<'audit' | 'now' | 'sessions' | 'users'>

/** Text sets an attribute; empty or null resets it to what the sign-in methods supply. */
export type NameChange = Readonly<Partial<Record<EditableAttribute, string | null>>>

/**
 * Changes only the attributes that `change` names. A later sign-in does not replace what is set
 * here. Returns the user as stored. Throws `session_invalid`, `server_busy`.
 */
export async function editProfile(ports: EditProfilePorts, by: Session, change: NameChange): Promise<User> {
  for (let attempt = 0; attempt < 3; attempt++) {
    const user = await requireCurrentUser(ports, by)
    const before = editsOf(user.profile)
    const after = applied(before, change)
    const fields = editableAttributes.filter((name) => before[name] !== after[name])
    if (fields.length === 0) return user
    const edited = { ...user, profile: withEdits(user.profile, after) }
    if (!(await ports.users.updateProfile(edited, user))) continue
    const { tenant, id } = user
    const details = { fields: fields.map((name) => attributeNames[name]).join(' ') }
    await recordAudit(ports, { tenant, action: 'user.profile_changed', actor: id, target: id, details })
    return edited
  }
  throw new GatehouseError('server_busy', 'the user was changed meanwhile; try again', { retryAfterSeconds: 1 })
}

function applied(before: ProfileEdits, change: NameChange): ProfileEdits {
  const next = editableAttributes.flatMap((name) => {
    const value = Object.hasOwn(change, name) ? textOf(change[name] ?? undefined) : before[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(next)
}
