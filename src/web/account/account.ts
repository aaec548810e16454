/** The signed-in page: who you are, where you are signed in, and how to end it. */
import type { Request } from 'express'
import { namesOf, rolesOf } from '../../broker/access/roles-of.ts'
import { endAllOtherSessions, endSessionById } from '../../broker/session/end-session.ts'
import { permissionView, profileIn } from '../../broker/session/permissions.ts'
import { browserFor } from '../../http/browser.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { removalOptions, sessionCookieName } from '../../http/cookies.ts'
import { withQuery } from '../../http/destination.ts'
import { pageNumber, queryOf } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { developerPath } from '../developer/paths.ts'
import { signOutEverywhere, type UpstreamLogoutPorts } from '../logout/upstream-logout.ts'
import type { Call, Shell, WithParts } from '../shell.ts'
import { currentSession, requireSession } from '../sign-in/current-session.ts'
import { accountPage } from './account-page.tsx'
import { appsOf, type ConnectedAppsPorts } from './connected-apps.ts'
import { readNotice, type SignInMethodsPorts, signInMethodsOf } from './sign-in-methods.ts'

type AccountPorts = ConnectedAppsPorts &
  SignInMethodsPorts &
  UpstreamLogoutPorts &
  WithParts<'roleAssignments'> &
  Pick<Shell, 'brandStyles'>

export function readAccountQuery(request: Request) {
  return { notice: readNotice(request), sessionsPage: pageNumber(queryOf(request), 'sessions') }
}

type AccountQuery = ReturnType<typeof readAccountQuery>

export async function showAccount(call: Call<AccountPorts>, query: AccountQuery): Promise<void> {
  const { shell, response } = call
  const session = await currentSession(call)
  if (session === null) return redirect(response, '/login')
  const { users, sessions, connections, roleAssignments, now } = shell.parts
  const [user, identities, own, apps, assignments] = await Promise.all([
    users.find(session.tenant, session.userId),
    users.identitiesOf(session.tenant, session.userId),
    sessions.list(session.tenant, session.userId),
    appsOf(shell, session),
    roleAssignments.ofUser(session.tenant, session.userId),
  ])
  const tenant = connections.tenant(session.tenant)
  const view = permissionView(tenant, session.connection, now())
  const roles = user === null ? [] : namesOf(rolesOf({ user, tenant, assignments, now: now() }))
  const labelOf = (connection: string) => connectionLabel(connections, tenant.id, connection)
  const html = accountPage({
    tenant,
    profile: user === null ? session.profile : profileIn(user, view),
    signedInWith: labelOf(session.connection),
    signInMethods: signInMethodsOf(shell, session, { user, identities, browser: browserFor(tenant, call) }),
    brandStyles: shell.brandStyles.path,
    apps,
    sessions: own.map((each) => ({ ...each, connection: labelOf(each.connection), current: each.id === session.id })),
    developerHref: roles.includes('developer') ? developerPath : undefined,
    now: now(),
    ...query,
  })
  sendPage(response, 200, html)
}

export async function signOut(call: Call<AccountPorts>): Promise<void> {
  const { shell, response } = call
  const session = await currentSession(call)
  response.clearCookie(sessionCookieName(shell.cookie), removalOptions(shell.cookie))
  if (session !== null && (await signOutEverywhere(shell, response, session))) return
  redirect(response, withQuery('/login', { tenant: session?.tenant }))
}

export async function submitEndSession(call: Call<AccountPorts>, form: { readonly session: string }): Promise<void> {
  await endSessionById(call.shell.parts, await requireSession(call), form.session)
  redirect(call.response, '/account')
}

export async function endOtherSessions(call: Call<AccountPorts>): Promise<void> {
  await endAllOtherSessions(call.shell.parts, await requireSession(call))
  redirect(call.response, '/account')
}
