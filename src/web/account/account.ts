/** The signed-in page: who you are, where you are signed in, and how to end it. */
import type { Request, Response } from 'express'
import { isDeveloper } from '../../broker/apps/ownership.ts'
import { endAllOtherSessions, endSessionById } from '../../broker/session/end-session.ts'
import { profileIn, viewOf } from '../../broker/session/permissions.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { removalOptions, sessionCookieName } from '../../http/cookies.ts'
import { withQuery } from '../../http/destination.ts'
import { queryOf } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { developerPath } from '../developer/portal-paths.ts'
import { signOutEverywhere } from '../logout/upstream-logout.ts'
import type { Shell } from '../shell.ts'
import { browserSignIn } from '../sign-in/complete-sign-in.ts'
import { accountPage } from './account-page.tsx'
import { appsOf } from './connected-apps.ts'
import { noticeOf, signInMethodsOf } from './sign-in-methods.ts'

export async function showAccount(shell: Shell, request: Request, response: Response): Promise<void> {
  const signedIn = await browserSignIn(shell, request)
  if (signedIn === null) return redirect(response, '/login')
  const { session } = signedIn
  const [user, identities, sessions, apps, develops] = await Promise.all([
    shell.parts.users.find(session.tenant, session.userId),
    shell.parts.users.identitiesOf(session.tenant, session.userId),
    shell.parts.sessions.list(session.tenant, session.userId),
    appsOf(shell, session),
    isDeveloper(shell.parts, session),
  ])
  const tenant = shell.parts.connections.tenant(session.tenant)
  const { email, name, pictureUrl, groups } =
    user === null ? session.profile : profileIn(user, viewOf(tenant, session.connection, shell.parts.now()))
  const html = accountPage({
    tenant: { name: tenant.name },
    profile: {
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email: email.address, emailVerified: email.verified }),
      ...(pictureUrl !== undefined && { pictureUrl }),
      ...(groups !== undefined && { groups }),
    },
    signedInWith: labelOf(shell, session),
    signInMethods: signInMethodsOf(shell, session, user, identities),
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

export async function signOut(shell: Shell, request: Request, response: Response): Promise<void> {
  const signedIn = await browserSignIn(shell, request)
  response.clearCookie(sessionCookieName(shell.cookie), removalOptions(shell.cookie))
  if (signedIn !== null && (await signOutEverywhere(shell, response, signedIn.session))) return
  redirect(response, withQuery('/login', { tenant: signedIn?.session.tenant }))
}

export async function submitEndSession(
  shell: Shell,
  request: Request,
  response: Response,
  form: { readonly session: string },
): Promise<void> {
  await endSessionById(shell.parts, await requireSignIn(shell, request), form.session)
  redirect(response, '/account')
}

export async function endOtherSessions(shell: Shell, request: Request, response: Response): Promise<void> {
  await endAllOtherSessions(shell.parts, await requireSignIn(shell, request))
  redirect(response, '/account')
}

export async function requireSignIn(shell: Shell, request: Request): Promise<Session> {
  const signedIn = await browserSignIn(shell, request)
  if (signedIn === null) throw new GatehouseError('session_invalid', 'no live session')
  return signedIn.session
}

function labelOf(shell: Shell, session: Session): string {
  return connectionLabel(shell.parts.connections, session.tenant, session.connection)
}
