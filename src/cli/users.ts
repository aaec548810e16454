/** `gatehouse users add`, `block` and `unblock`. */
import { text } from 'node:stream/consumers'
import { blockUser, unblockUser, usersNamed } from '../broker/identity/block-user.ts'
import { createPasswordUser } from '../broker/login/set-password.ts'
import type { User } from '../broker/ports/users.ts'
import type { Core } from '../main/core.ts'
import { canonicalEmail } from '../profile/profile.ts'
import { withCore } from './commands.ts'
import type { Options } from './options.ts'
import { print } from './output.ts'

const operator = 'operator'

export async function addUser(options: Options): Promise<number> {
  const { tenant, name } = options
  const email = canonicalEmail(options.email)
  if (tenant === undefined) throw new Error('--tenant is missing')
  if (email === null) throw new Error('--email is missing or not an email address')
  if (!options.passwordFromStdin) throw new Error('give the password on standard input, with --password-stdin')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  return withCore(options, async (core) => {
    const added = await createPasswordUser(core.parts, { tenant, email, password, ...(name !== undefined && { name }) })
    print(added ? `added ${email} to ${tenant}` : `${email} exists in ${tenant}: nothing was changed`)
    return 0
  })
}

export function blockUserCommand(options: Options): Promise<number> {
  return withCore(options, async (core) => {
    const user = await requireUser(core, options)
    const ended = await blockUser(core.parts, user, operator)
    const apps = await core.parts.apps.ownedBy(user.tenant, user.id)
    const disabled = apps.length === 0 ? '' : `; apps disabled: ${apps.map(({ id }) => id).join(' ')}`
    print(`${user.id} of ${user.tenant} is blocked; sessions ended: ${ended}${disabled}`)
    return 0
  })
}

export function unblockUserCommand(options: Options): Promise<number> {
  return withCore(options, async (core) => {
    const user = await requireUser(core, options)
    const changed = await unblockUser(core.parts, user, operator)
    print(`${user.id} of ${user.tenant} ${changed ? 'may sign in again' : 'was not blocked'}`)
    return 0
  })
}

async function requireUser(core: Core, { words }: Options): Promise<User> {
  const [tenant, name] = words
  if (tenant === undefined || name === undefined) throw new Error('name the tenant, and the user by id or email')
  const [user, ...others] = await usersNamed(core.parts, tenant, canonicalEmail(name) ?? name)
  if (user === undefined) throw new Error(`tenant ${tenant} has no user ${name}: use the id, or a proven email`)
  if (others.length > 0) throw new Error(`${name} is the email of ${others.length + 1} users: use the id`)
  return user
}
