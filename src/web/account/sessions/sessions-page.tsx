/** `/account/sessions`. */
import type { Session } from '../../../broker/session/session.ts'
import { withQuery } from '../../../http/destination.ts'
import { idleTimeoutText } from '../../../pages/duration-text.ts'
import { Paging, pageOf } from '../../../pages/paging.tsx'
import { Fact, Labelled, LinkButton, Section } from '../../../pages/parts.tsx'
import { relativeTime, Time } from '../../../pages/time.tsx'
import { type AccountViewer, accountLayout } from '../account-layout.tsx'
import { confirmPage } from '../confirm-page.tsx'
import { accountSections } from '../sections.ts'

type ShownOfSession = 'id' | 'device' | 'createdAt' | 'lastSeenAt' | 'expiresAt' | 'idleSeconds'

export interface AccountSession extends Pick<Session, ShownOfSession> {
  /** Label of the connection it was opened through. */
  readonly connection: string
  readonly current: boolean
  /** IP address of the sign-in, where it is known. */
  readonly address?: string | undefined
  /** A second factor was proven. Default false. */
  readonly multiFactor?: boolean
}

export interface SessionsPageProps {
  readonly viewer: AccountViewer
  readonly sessions: readonly AccountSession[]
  /** Page of the list, from 1. Default: the first. */
  readonly pageNumber?: number | undefined
  readonly notice?: string | undefined
  readonly now: Date
}

const { path } = accountSections.sessions

/** The current session is first, and the rest in pages. */
export function sessionsPage({ viewer, sessions, pageNumber = 1, notice, now }: SessionsPageProps): string {
  const current = sessions.filter((session) => session.current)
  const others = sessions.filter((session) => !session.current)
  const page = pageOf([...current, ...others], pageNumber)
  return accountLayout({
    section: 'sessions',
    viewer,
    notice,
    children: (
      <Section id="sessions" title="Active sessions">
        <p class="small">Browsers and programs that are signed in as you. End those that you do not know.</p>
        <ul class="sessions">
          {page.items.map((session) => (
            <SessionRow key={session.id} session={session} now={now} />
          ))}
        </ul>
        <Paging page={page} label="sessions" hrefOf={(number) => withQuery(path, { page: `${number}` })} />
        {others.length === 0 ? (
          <p class="small">No other active sessions.</p>
        ) : (
          <LinkButton href={`${path}/end-others`} label="End all other sessions" quiet />
        )}
      </Section>
    ),
  })
}

interface SessionRowProps extends Pick<SessionsPageProps, 'now'> {
  readonly session: AccountSession
}

function SessionRow({ session, now }: SessionRowProps) {
  const object = `the session of ${session.device}, active ${relativeTime(session.lastSeenAt, now)}`
  return (
    <li>
      <div>
        <h3>
          {session.device} {session.current && <span class="badge">This session</span>}{' '}
          {session.multiFactor && <span class="badge">Second factor</span>}
        </h3>
        <p class="small">
          {session.address !== undefined && `${session.address} · `}
          <span class="whole">
            {session.address === undefined ? 'Active' : 'active'} <Time at={session.lastSeenAt} now={now} />
          </span>{' '}
          · {session.connection}
        </p>
        <SessionDetails session={session} />
      </div>
      <LinkButton
        href={withQuery(`${path}/end`, { session: session.id })}
        label={session.current ? 'End this session' : <Labelled label="End" object={object} />}
        quiet
      />
    </li>
  )
}

/** Collapsed: few users need these details. */
function SessionDetails({
  session: { address, createdAt, lastSeenAt, expiresAt, idleSeconds },
}: Pick<SessionRowProps, 'session'>) {
  const secondsLeft = (expiresAt.getTime() - lastSeenAt.getTime()) / 1000
  const idleText = idleTimeoutText(idleSeconds, secondsLeft)
  return (
    <details class="small">
      <summary>Details</summary>
      <dl>
        <Fact label="Signed in">
          <Time at={createdAt} />
        </Fact>
        {address !== undefined && <Fact label="Signed in from">{address}</Fact>}
        <Fact label="Ends">
          <Time at={expiresAt} />
          {idleText !== undefined && `, or ${idleText}`}
        </Fact>
      </dl>
    </details>
  )
}

interface EndSessionPageProps {
  readonly viewer: AccountViewer
  readonly session: AccountSession
}

export function endSessionPage({ viewer, session }: EndSessionPageProps): string {
  return confirmPage({
    section: 'sessions',
    viewer,
    title: session.current ? 'End this session?' : `End the session of ${session.device}?`,
    label: 'End session',
    action: `${path}/end`,
    hidden: { session: session.id },
    cancelHref: path,
    children: (
      <p>
        {session.current
          ? 'You are signed out here, and of the apps that you use from here.'
          : `This signs ${session.device} out, and also out of the apps it uses with this account.`}
      </p>
    ),
  })
}

export function endOthersPage({ viewer, others }: { readonly viewer: AccountViewer; readonly others: number }): string {
  return confirmPage({
    section: 'sessions',
    viewer,
    title: others === 1 ? 'End the other session?' : `End ${others} other sessions?`,
    label: others === 1 ? 'End 1 session' : `End ${others} sessions`,
    action: `${path}/end-others`,
    cancelHref: path,
    children: <p>You stay signed in here. All other browsers and programs have to sign in again.</p>,
  })
}
