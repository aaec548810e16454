/** Lists users, and creates service accounts. */
import { z } from 'zod'
import type { User } from '../../../broker/ports/users.ts'
import { createServiceAccount } from '../../../broker/tokens/service-accounts.ts'
import { TokenRefused } from '../../../broker/tokens/token-draft.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import { type AdminCall, listedTenantOfRecords } from '../administrator.ts'
import { freshSignInHref } from '../sign-in-again.ts'
import { userPath } from './paths.ts'
import { type NewAccountProps, usersPage } from './users-page.tsx'
import { type UsersQuery, usersHref } from './users-query.ts'

export const usersPerPage = 50

export async function showUsers(call: AdminCall, query: UsersQuery): Promise<void> {
  const { shell, by, response } = call
  const tenant = await listedTenantOfRecords(shell, by, query.tenant)
  const named = query.email === undefined || query.cursor !== undefined ? null : await userOfId(call, query.email)
  if (named !== null && (tenant === undefined || named.tenant === tenant)) return redirect(response, userPath(named.id))
  await renderUsers(call, { ...query, tenant })
}

/** Null for an id out of reach: as long as it is only searched for, it is no more than a text. */
async function userOfId({ shell, by }: AdminCall, id: string): Promise<User | null> {
  if (id.length > 128 || id.includes('@')) return null
  const { users } = shell.parts
  return by.roles.includes('operator') ? users.findById(id) : users.find(by.session.tenant, id)
}

async function renderUsers(call: AdminCall, query: UsersQuery, account: NewAccountProps = {}): Promise<void> {
  const { shell, by, response } = call
  const { cursor: after, ...search } = query
  const found = await shell.parts.users.search({ ...search, after, limit: usersPerPage + 1 })
  const users = found.slice(0, usersPerPage)
  const href = await freshSignInHref(shell, by, `${usersHref({ tenant: query.tenant })}#new-service-account`)
  const html = usersPage({
    by,
    tenant: query.tenant,
    query,
    users,
    next: found.length > usersPerPage ? users.at(-1)?.id : undefined,
    newAccount: { ...account, signInAgainHref: href },
  })
  sendPage(response, account.fault === undefined ? 200 : 422, html)
}

export const newAccountForm = z.object({ name: z.string().max(256), tenant: z.string().max(64) })

export async function submitServiceAccount(call: AdminCall, form: z.output<typeof newAccountForm>): Promise<void> {
  const { shell, by, response } = call
  try {
    const { id } = await createServiceAccount(shell.parts, by, form)
    redirect(response, `${userPath(id)}?notice=created`)
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    const none = { email: undefined, name: undefined, status: undefined, kind: undefined, cursor: undefined }
    const fault = error.faults.map(({ message }) => `The name ${message}.`).join(' ')
    await renderUsers(call, { ...none, tenant: form.tenant }, { name: form.name, fault })
  }
}
