import type { Session } from '../../broker/session/session.ts'
import { idleTimeoutText } from '../../pages/duration-text.ts'
import { ActionForm } from '../../pages/form.tsx'
import { Paging, pageOf } from '../../pages/paging.tsx'
import { Section } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'

type ShownOfSession = 'id' | 'device' | 'createdAt' | 'lastSeenAt' | 'expiresAt' | 'idleSeconds'

export interface AccountSession extends Pick<Session, ShownOfSession> {
  /** Label of the connection it was opened through. */
  readonly connection: string
  readonly current: boolean
}

interface SessionsProps {
  readonly sessions: readonly AccountSession[]
  /** From 1. Default: the first. */
  readonly pageNumber?: number | undefined
  readonly now: Date
}

/** The current session is first, and the rest in pages. */
export function Sessions({ sessions, pageNumber = 1, now }: SessionsProps) {
  const current = sessions.filter((session) => session.current)
  const others = sessions.filter((session) => !session.current)
  const page = pageOf([...current, ...others], pageNumber)
  const alike = Map.groupBy(sessions, lookOf)
  // the beginning of its id, where it looks like another
  const hintOf = (session: AccountSession) =>
    (alike.get(lookOf(session))?.length ?? 0) > 1 ? session.id.slice(0, 6) : undefined
  return (
    <Section id="sessions" title="Active sessions">
      <ul class="sessions">
        {page.items.map((session) => (
          <SessionRow key={session.id} session={session} hint={hintOf(session)} now={now} />
        ))}
      </ul>
      <Paging page={page} label="sessions" hrefOf={(number) => `/account?sessions=${number}#sessions`} />
      {others.length === 0 ? (
        <p class="small">No other active sessions.</p>
      ) : (
        <ActionForm action="/account/sessions/end-others" label="End all other sessions" />
      )}
    </Section>
  )
}

const lookOf = ({ device, connection }: AccountSession) => `${device}\n${connection}`

interface SessionRowProps extends Pick<SessionsProps, 'now'> {
  readonly hint: string | undefined
  readonly session: AccountSession
}

function SessionRow({ session, hint, now }: SessionRowProps) {
  const secondsLeft = (session.expiresAt.getTime() - session.lastSeenAt.getTime()) / 1000
  const idleText = idleTimeoutText(session.idleSeconds, secondsLeft)
  return (
    <li>
      <div>
        <h3>
          {session.device}{' '}
          {hint !== undefined && (
            <>
              <code class="small">{hint}</code>{' '}
            </>
          )}
          {session.current && <span class="badge">This session</span>}
        </h3>
        <p class="small">
          {session.connection}, active <Time at={session.lastSeenAt} now={now} />
        </p>
        <p class="small">
          <span class="whole">
            Signed in <Time at={session.createdAt} />,
          </span>{' '}
          <span class="whole">
            ends <Time at={session.expiresAt} />
            {idleText !== undefined && ','}
          </span>
          {idleText !== undefined && (
            <>
              {' '}
              <span class="whole">or {idleText}</span>
            </>
          )}
        </p>
      </div>
      <ActionForm
        action="/account/sessions/end"
        hidden={{ session: session.id }}
        label={session.current ? 'End this session' : 'End'}
        object={session.current ? undefined : `the session of ${[session.device, hint].filter(Boolean).join(' ')}`}
      />
    </li>
  )
}
