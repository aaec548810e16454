import type { Session } from '../../broker/session/session.ts'
import { idleTimeoutText } from '../../pages/duration-text.ts'
import { ActionForm } from '../../pages/form.tsx'
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
  readonly now: Date
}

export function Sessions({ sessions, now }: SessionsProps) {
  const current = sessions.filter((session) => session.current)
  const others = sessions.filter((session) => !session.current)
  return (
    <Section id="sessions" title="Active sessions">
      <ul class="sessions">
        {[...current, ...others].map((session) => (
          <SessionRow key={session.id} session={session} hint={sessionHint(session, sessions)} now={now} />
        ))}
      </ul>
      {others.length === 0 ? (
        <p class="small">No other active sessions.</p>
      ) : (
        <ActionForm action="/account/sessions/end-others" label="End all other sessions" />
      )}
    </Section>
  )
}

/** The beginning of its id, where the device and the way in are the same as another's. */
function sessionHint({ id, device, connection }: AccountSession, sessions: readonly AccountSession[]) {
  const alike = sessions.filter((other) => other.device === device && other.connection === connection)
  return alike.length > 1 ? id.slice(0, 6) : undefined
}

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
