/** `/account/sessions`: where the user is signed in, and how to end it. */
import type { Request } from 'express'
import { endAllOtherSessions, endSessionById } from '../../../broker/session/end-session.ts'
import { isMultiFactor } from '../../../broker/session/multi-factor.ts'
import type { Session } from '../../../broker/session/session.ts'
import { sessionOrigins } from '../../../broker/session/session-origins.ts'
import { connectionLabel } from '../../../http/connection-labels.ts'
import { withQuery } from '../../../http/destination.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Call, PartsOf, Shell } from '../../shell.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { readListQuery } from '../notices.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { accountSections } from '../sections.ts'
import { type AccountSession, endOthersPage, endSessionPage, sessionsPage } from './sessions-page.tsx'

export type SessionsPorts = OpenAccountPorts &
  PartsOf<typeof endSessionById> &
  PartsOf<typeof sessionOrigins> &
  Pick<Shell, 'administrators'>

const { path } = accountSections.sessions

const notices = { none: 'That session had ended already.' }

export function readSessionsQuery(request: Request) {
  const query = readListQuery(request, notices)
  const ended = textField(queryOf(request), 'ended', 6) ?? ''
  return /^\d{1,5}$/.test(ended) ? { ...query, notice: endedText(Number(ended)) } : query
}

function endedText(count: number): string {
  if (count === 0) return 'You had no other sessions.'
  return count === 1 ? '1 session ended.' : `${count} sessions ended.`
}

const endedHref = (count: number) => withQuery(path, { ended: `${count}` })

export async function showSessions(
  call: Call<SessionsPorts>,
  query: ReturnType<typeof readSessionsQuery>,
): Promise<void> {
  const account = await openAccount(call, path)
  if (account === null) return
  const { session, viewer } = account
  const { parts } = call.shell
  const [own, origins] = await Promise.all([
    parts.sessions.list(session.tenant, session.userId),
    sessionOrigins(parts, session),
  ])
  const sessions = own.map((each) => viewOf(call.shell, session, each, origins.get(each.id)?.address))
  sendPage(call.response, 200, sessionsPage({ viewer, sessions, now: parts.now(), ...query }))
}

function viewOf({ parts }: SessionsPorts, current: Session, each: Session, address?: string): AccountSession {
  const { id, device, createdAt, lastSeenAt, expiresAt, idleSeconds } = each
  return {
    ...{ id, device, createdAt, lastSeenAt, expiresAt, idleSeconds, address },
    connection: connectionLabel(parts.connections, each.tenant, each.connection),
    current: id === current.id,
    multiFactor: isMultiFactor(each),
  }
}

export const readSessionId = (request: Request) => textField(queryOf(request), 'session', 64) ?? ''

export async function showEndSession(call: Call<SessionsPorts>, id: string): Promise<void> {
  const account = await openAccount(call, path)
  if (account === null) return
  const { session, viewer } = account
  const own = await call.shell.parts.sessions.list(session.tenant, session.userId)
  const found = own.find((each) => each.id === id)
  if (found === undefined) return redirect(call.response, withQuery(path, { notice: 'none' }))
  sendPage(call.response, 200, endSessionPage({ viewer, session: viewOf(call.shell, session, found) }))
}

export async function submitEndSession(call: Call<SessionsPorts>, form: { readonly session: string }): Promise<void> {
  const session = await requireSession(call)
  const ended = await endSessionById(call.shell.parts, session, form.session)
  call.shell.administrators.delete(form.session)
  if (form.session === session.id)
    return redirect(call.response, withQuery('/login', { tenant: session.tenant, notice: 'signed-out' }))
  redirect(call.response, ended ? endedHref(1) : withQuery(path, { notice: 'none' }))
}

export async function showEndOthers(call: Call<SessionsPorts>): Promise<void> {
  const account = await openAccount(call, path)
  if (account === null) return
  const { session, viewer } = account
  const own = await call.shell.parts.sessions.list(session.tenant, session.userId)
  const others = own.filter(({ id }) => id !== session.id).length
  if (others === 0) return redirect(call.response, endedHref(0))
  sendPage(call.response, 200, endOthersPage({ viewer, others }))
}

export async function endOtherSessions(call: Call<SessionsPorts>): Promise<void> {
  const ended = await endAllOtherSessions(call.shell.parts, await requireSession(call))
  redirect(call.response, endedHref(ended))
}
