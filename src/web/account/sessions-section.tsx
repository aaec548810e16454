import { ActionForm } from '../../pages/action-form.tsx'
import { idleTimeoutText } from '../../pages/duration-text.ts'
import { Time } from '../../pages/time.tsx'

export interface AccountSession {
  readonly id: string
  readonly device: string
  /** Label of the connection it was opened through. */
  readonly connection: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  readonly expiresAt: Date
  readonly idleSeconds: number
  readonly current: boolean
}

export interface SessionActions {
  /** Gets the session's id as the field `session`. */
  readonly endSession: string
  readonly endOthers: string
  /** Carried by every form. */
  readonly hidden?: Readonly<Record<string, string>> | undefined
}

interface SessionsProps {
  readonly sessions: readonly AccountSession[]
  readonly actions: SessionActions
  readonly now: Date
}

export function Sessions({ sessions, actions, now }: SessionsProps) {
  const current = sessions.filter((session) => session.current)
  const others = sessions.filter((session) => !session.current)
  return (
    <section class="card" aria-labelledby="sessions">
      <h2 id="sessions">Active sessions</h2>
      <ul class="sessions">
        {[...current, ...others].map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            hint={sessionHint(session, sessions)}
            actions={actions}
            now={now}
          />
        ))}
      </ul>
      {others.length === 0 ? (
        <p class="small">No other active sessions.</p>
      ) : (
        <ActionForm action={actions.endOthers} hidden={actions.hidden} label="End all other sessions" />
      )}
    </section>
  )
}

/** The beginning of its id, where the device and the way in are the same as another's. */
function sessionHint(
  { id, device, connection }: AccountSession,
  sessions: readonly AccountSession[],
): string | undefined {
  const alike = sessions.filter((other) => other.device === device && other.connection === connection)
  return alike.length > 1 ? id.slice(0, 6) : undefined
}

interface SessionRowProps {
  readonly hint: string | undefined
  readonly session: AccountSession
  readonly actions: SessionActions
  readonly now: Date
}

function SessionRow({ session, hint, actions, now }: SessionRowProps) {
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
        action={actions.endSession}
        hidden={{ ...actions.hidden, session: session.id }}
        label={session.current ? 'End this session' : 'End'}
        object={session.current ? undefined : `the session of ${[session.device, hint].filter(Boolean).join(' ')}`}
      />
    </li>
  )
}
