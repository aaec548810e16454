/** `gatehouse users add`, `block`, `unblock` and `reset-factors`. */
import { text } from 'node:stream/consumers'
import { assignOperatorCommand } from '../../broker/access/first-operator.ts'
import { resetFactors } from '../../broker/factors/reset-factors.ts'
import { deleteUser } from '../../broker/identity/account/delete-user.ts'
import { blockUser, unblockUser } from '../../broker/identity/block-user.ts'
import { createPasswordUser } from '../../broker/login/set-password.ts'
import type { User } from '../../broker/ports/users.ts'
import type { Core } from '../../main/core.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { requireKnown, withMigratedCore } from '../open.ts'
import { inviteUser } from './mailed-links.ts'
import { userText } from './user-text.ts'
import { requireUser } from './users-named.ts'

const actor = 'cli'

/** Without `--password-stdin`, the user gets an email and chooses a password. */
export const addUser = withMigratedCore(async (core, options) => {
  const { name } = options
  const tenant = requireKnown('tenant', options.tenant, [...core.tenants.values()]).id
  const email = canonicalEmail(options.email)
  if (email === null) throw new Error('--email is missing or not an email address')
  const user = { tenant, email, ...(name !== undefined && { name }) }
  if (!options['password-stdin']) return inviteUser(core, user)
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  const added = await createPasswordUser(core.parts, { ...user, password })
  return added ? `added ${email} to ${tenant}` : `${email} exists in ${tenant}: nothing was changed`
})

export const blockUserCommand = withMigratedCore(async (core, options) => {
  const user = await requireUser(core, options)
  const ended = await blockUser(core.parts, user, actor)
  const apps = await core.parts.apps.ownedBy(user.tenant, user.id)
  const disabled = apps.length === 0 ? '' : `; apps disabled: ${apps.map(({ id }) => id).join(' ')}`
  const warning = await operatorWarning(core, user)
  return `${userText(user)} is blocked; sessions ended: ${ended}${disabled}${warning}`
})

export const deleteUserCommand = withMigratedCore(async (core, options) => {
  const user = await requireUser(core, options)
  await deleteUser(core.parts, user, actor)
  return `${userText(user)} is deleted, with all their data`
})

/** A deployment without an active operator has no one to use all of the admin pages. */
async function operatorWarning({ parts, tenants }: Core, blocked: User): Promise<string> {
  const isOperator = ({ role }: { readonly role: string }) => role === 'operator'
  if (!(await parts.roleAssignments.ofUser(blocked.tenant, blocked.id)).some(isOperator)) return ''
  for (const tenant of tenants.keys())
    for (const { userId } of (await parts.roleAssignments.ofTenant(tenant)).filter(isOperator))
      if ((await parts.users.find(tenant, userId))?.status === 'active') return ''
  return `\nno operator is active any more: ${assignOperatorCommand(blocked.tenant)}`
}

export const unblockUserCommand = withMigratedCore(async (core, options) => {
  const user = await requireUser(core, options)
  const changed = await unblockUser(core.parts, user, actor)
  return `${userText(user)} ${changed ? 'may sign in again' : 'was not blocked'}`
})

export const resetFactorsCommand = withMigratedCore(async (core, options) => {
  const user = await requireUser(core, options)
  const count = await resetFactors(core.parts, { tenant: user.tenant, userId: user.id }, actor)
  return `second factors of ${userText(user)} are reset; authenticators removed: ${count}`
})
