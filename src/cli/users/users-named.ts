import { usersNamed } from '../../broker/identity/block-user.ts'
import type { User } from '../../broker/ports/users.ts'
import type { Core } from '../../main/core.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { requireKnown } from '../open.ts'
import type { Options } from '../options.ts'

/** The user that `<tenant> <email or id>` names. Throws a sentence. */
export async function requireUser(core: Core, { words }: Options): Promise<User> {
  const [tenant, name] = words
  if (tenant === undefined || name === undefined) throw new Error('name the tenant, and the user by ID or email')
  return requireUserNamed(core, tenant, name)
}

/** Throws a sentence unless it is one user's id or proven email. */
export async function requireUserNamed(core: Core, tenant: string, name: string): Promise<User> {
  const [user, ...others] = await usersNamed(core.parts, tenant, canonicalEmail(name) ?? name)
  // users of a tenant outlive its file
  if (user === undefined) requireKnown('tenant', tenant, [...core.tenants.values()])
  if (user === undefined) throw new Error(`tenant ${tenant} has no user ${name}: use the ID, or a proven email`)
  if (others.length > 0) throw new Error(`${name} is the email of ${others.length + 1} users: use the ID`)
  return user
}
