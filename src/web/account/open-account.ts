/** Opens a page below `/account` for the signed-in user. */
import type { AccessPorts } from '../../broker/access/authorize.ts'
import type { Role } from '../../broker/access/permission.ts'
import { namesOf, rolesOf } from '../../broker/access/roles-of.ts'
import type { Session } from '../../broker/session/session.ts'
import { withQuery } from '../../http/destination.ts'
import { redirect } from '../../http/respond.ts'
import type { PageTenant } from '../../pages/layout.tsx'
import { displayName } from '../../profile/profile.ts'
import type { Call } from '../shell.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import type { AccountViewer } from './account-layout.tsx'

export type OpenAccountPorts = CurrentSessionPorts & { readonly parts: AccessPorts }

export interface OpenedAccount {
  readonly session: Session
  readonly viewer: AccountViewer
}

/** Null after a redirect to the sign-in page, which returns to `path`. */
export async function openAccount(call: Call<OpenAccountPorts>, path: string): Promise<OpenedAccount | null> {
  const session = await currentSession(call)
  if (session !== null) return { session, viewer: await viewerOf(call.shell, session) }
  redirect(call.response, withQuery('/login', { return_to: path }))
  return null
}

export async function viewerOf({ parts }: Pick<OpenAccountPorts, 'parts'>, session: Session): Promise<AccountViewer> {
  const tenant = parts.connections.tenant(session.tenant)
  const [user, assignments] = await Promise.all([
    parts.users.find(session.tenant, session.userId),
    parts.roleAssignments.ofUser(session.tenant, session.userId),
  ])
  if (user === null) return viewerWith(tenant, session, [])
  // the name as it is now: that of the session is as it was at sign-in
  return viewerWith(tenant, user, namesOf(rolesOf({ user, tenant, assignments, now: parts.now() })))
}

/** The viewer of a page whose handler has read the roles. */
export function viewerWith(
  tenant: PageTenant,
  { profile }: Pick<Session, 'profile'>,
  roles: readonly Role[],
): AccountViewer {
  return {
    tenant,
    name: displayName(profile) ?? 'a user',
    email: profile.email?.address,
    isAdministrator: roles.includes('admin') || roles.includes('operator'),
    isDeveloper: roles.includes('developer'),
  }
}
