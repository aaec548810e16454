/** `gatehouse users add`, `block` and `unblock`. */
import { text } from 'node:stream/consumers'
import { blockUser, unblockUser, usersNamed } from '../broker/identity/block-user.ts'
import { createPasswordUser } from '../broker/login/set-password.ts'
import type { User } from '../broker/ports/users.ts'
import type { Core } from '../main/core.ts'
import { canonicalEmail } from '../profile/profile.ts'
import { withCore } from './open.ts'
import type { Options } from './options.ts'

const actor = 'cli'

export const addUser = withCore(async ({ parts }, options) => {
  const { tenant, name } = options
  const email = canonicalEmail(options.email)
  if (tenant === undefined) throw new Error('--tenant is missing')
  if (email === null) throw new Error('--email is missing or not an email address')
  if (!options['password-stdin']) throw new Error('give the password on standard input, with --password-stdin')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  const added = await createPasswordUser(parts, { tenant, email, password, ...(name !== undefined && { name }) })
  return added ? `added ${email} to ${tenant}` : `${email} exists in ${tenant}: nothing was changed`
})

export const blockUserCommand = withCore(async (core, options) => {
  const user = await requireUser(core, options)
  const ended = await blockUser(core.parts, user, actor)
  const apps = await core.parts.apps.ownedBy(user.tenant, user.id)
  const disabled = apps.length === 0 ? '' : `; apps disabled: ${apps.map(({ id }) => id).join(' ')}`
  return `${user.id} of ${user.tenant} is blocked; sessions ended: ${ended}${disabled}`
})

export const unblockUserCommand = withCore(async (core, options) => {
  const user = await requireUser(core, options)
  const changed = await unblockUser(core.parts, user, actor)
  return `${user.id} of ${user.tenant} ${changed ? 'may sign in again' : 'was not blocked'}`
})

async function requireUser(core: Core, { words }: Options): Promise<User> {
  const [tenant, name] = words
  if (tenant === undefined || name === undefined) throw new Error('name the tenant, and the user by id or email')
  return requireUserNamed(core, tenant, name)
}

/** Throws a sentence unless it is one user's id or proven email. */
export async function requireUserNamed(core: Core, tenant: string, name: string): Promise<User> {
  const [user, ...others] = await usersNamed(core.parts, tenant, canonicalEmail(name) ?? name)
  if (user === undefined) throw new Error(`tenant ${tenant} has no user ${name}: use the id, or a proven email`)
  if (others.length > 0) throw new Error(`${name} is the email of ${others.length + 1} users: use the id`)
  return user
}
