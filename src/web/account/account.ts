/** The signed-in page: who you are, where you are signed in, and how to end it. */
import type { Request, Response } from 'express'
import { isDeveloper } from '../../broker/apps/ownership.ts'
import { endAllOtherSessions, endSessionById } from '../../broker/session/end-session.ts'
import { permissionView, profileIn } from '../../broker/session/permissions.ts'
import type { Session } from '../../broker/session/session.ts'
import { browserFor } from '../../http/browser.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { removalOptions, sessionCookieName } from '../../http/cookies.ts'
import { withQuery } from '../../http/destination.ts'
import { queryOf } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { developerPath } from '../developer/portal-paths.ts'
import { signOutEverywhere, type UpstreamLogoutPorts } from '../logout/upstream-logout.ts'
import type { Shell, WithParts } from '../shell.ts'
import { currentSession, requireSession } from '../sign-in/current-session.ts'
import { accountPage } from './account-page.tsx'
import { appsOf, type ConnectedAppsPorts } from './connected-apps.ts'
import { noticeOf, type SignInMethodsPorts, signInMethodsOf } from './sign-in-methods.ts'

export type AccountPorts = ConnectedAppsPorts &
  SignInMethodsPorts &
  UpstreamLogoutPorts &
  WithParts<'appLogos' | 'apps' | 'keyRing' | 'signingAlgorithms'> &
  Pick<Shell, 'brandStyles'>

export async function showAccount(shell: AccountPorts, request: Request, response: Response): Promise<void> {
  const session = await currentSession(shell, request)
  if (session === null) return redirect(response, '/login')
  const [user, identities, sessions, apps, develops] = await Promise.all([
    shell.parts.users.find(session.tenant, session.userId),
    shell.parts.users.identitiesOf(session.tenant, session.userId),
    shell.parts.sessions.list(session.tenant, session.userId),
    appsOf(shell, session),
    isDeveloper(shell.parts, session),
  ])
  const tenant = shell.parts.connections.tenant(session.tenant)
  const { email, name, pictureUrl, groups } =
    user === null ? session.profile : profileIn(user, permissionView(tenant, session.connection, shell.parts.now()))
  const html = accountPage({
    tenant: { name: tenant.name },
    profile: {
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email: email.address, emailVerified: email.verified }),
      ...(pictureUrl !== undefined && { pictureUrl }),
      ...(groups !== undefined && { groups }),
    },
    signedInWith: labelOf(shell, session),
    signInMethods: signInMethodsOf(shell, session, {
      user,
      identities,
      browser: browserFor(tenant, request, response),
    }),
    brandStyles: shell.brandStyles.path,
    apps,
    sessions: sessions.map((other) => ({
      id: other.id,
      device: other.device,
      connection: labelOf(shell, other),
      createdAt: other.createdAt,
      lastSeenAt: other.lastSeenAt,
      expiresAt: other.expiresAt,
      idleSeconds: other.idleSeconds,
      current: other.id === session.id,
    })),
    actions: {
      signOut: '/account/sign-out',
      endSession: '/account/sessions/end',
      endOthers: '/account/sessions/end-others',
    },
    developerHref: develops ? developerPath : undefined,
    now: shell.parts.now(),
    notice: noticeOf(queryOf(request)),
    supportUrl: tenant.supportUrl,
  })
  sendPage(response, 200, html)
}

export async function signOut(shell: AccountPorts, request: Request, response: Response): Promise<void> {
  const session = await currentSession(shell, request)
  response.clearCookie(sessionCookieName(shell.cookie), removalOptions(shell.cookie))
  if (session !== null && (await signOutEverywhere(shell, response, session))) return
  redirect(response, withQuery('/login', { tenant: session?.tenant }))
}

export async function submitEndSession(
  shell: AccountPorts,
  request: Request,
  response: Response,
  form: { readonly session: string },
): Promise<void> {
  await endSessionById(shell.parts, await requireSession(shell, request), form.session)
  redirect(response, '/account')
}

export async function endOtherSessions(shell: AccountPorts, request: Request, response: Response): Promise<void> {
  await endAllOtherSessions(shell.parts, await requireSession(shell, request))
  redirect(response, '/account')
}

function labelOf(shell: AccountPorts, session: Session): string {
  return connectionLabel(shell.parts.connections, session.tenant, session.connection)
}
