/** `gatehouse users add`, `block` and `unblock`: what an operator decides about someone. */
import { text } from 'node:stream/consumers'
import { blockUser, unblockUser, usersNamed } from '../broker/identity/block-user.ts'
import { createPasswordUser } from '../broker/login/set-password.ts'
import type { User } from '../broker/ports/users.ts'
import type { Core } from '../main/core.ts'
import { canonicalEmail } from '../profile/profile.ts'
import { withCore } from './commands.ts'
import type { Options } from './options.ts'

const operator = 'operator'

export async function addUser(options: Options): Promise<number> {
  const { tenant, name } = options
  const email = canonicalEmail(options.email)
  if (tenant === undefined) throw new Error('--tenant is missing')
  if (email === null) throw new Error('--email is missing or is no email address')
  if (!options.passwordFromStdin) throw new Error('give the password on standard input, with --password-stdin')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  return withCore(options, async (core) => {
    const added = await createPasswordUser(core.parts, { tenant, email, password, ...(name !== undefined && { name }) })
    process.stdout.write(
      added ? `added ${email} to ${tenant}\n` : `${email} exists in ${tenant}: nothing was changed\n`,
    )
    return 0
  })
}

/** Ends everything of theirs at once; a login that is under way opens no session. */
export function blockUserCommand(options: Options): Promise<number> {
  return withCore(options, async (core) => {
    const user = await requireUser(core, options)
    const ended = await blockUser(core.parts, user, operator)
    const apps = await core.parts.apps.ownedBy(user.tenant, user.id)
    const off =
      apps.length === 0 ? '' : `; apps of theirs, which are off from now: ${apps.map(({ id }) => id).join(' ')}`
    process.stdout.write(`${user.id} of ${user.tenant} is blocked; sessions ended: ${ended}${off}\n`)
    return 0
  })
}

export function unblockUserCommand(options: Options): Promise<number> {
  return withCore(options, async (core) => {
    const user = await requireUser(core, options)
    const changed = await unblockUser(core.parts, user, operator)
    process.stdout.write(`${user.id} of ${user.tenant} ${changed ? 'may sign in again' : 'was not blocked'}\n`)
    return 0
  })
}

async function requireUser(core: Core, { words }: Options): Promise<User> {
  const [tenant, name] = words
  if (tenant === undefined || name === undefined) throw new Error('give the tenant, and the user by id or email')
  const [user, ...others] = await usersNamed(core.parts, tenant, canonicalEmail(name) ?? name)
  if (user === undefined) throw new Error(`tenant ${tenant} has no user ${name}: give the id, or an email they proved`)
  if (others.length > 0) throw new Error(`${name} is the email of ${others.length + 1} users: give the id`)
  return user
}
