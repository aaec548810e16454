import { useCallback, useEffect, useState } from 'react'
import { endSession, listSessions, type Session, signOut } from './gatehouse.ts'

interface AccountProps {
  readonly session: Session
  readonly onSignedOut: () => void
}

export function Account({ session, onSignedOut }: AccountProps) {
  const [sessions, setSessions] = useState<readonly Session[]>([])
  const load = useCallback(() => listSessions().then(setSessions), [])
  useEffect(() => void load(), [load])
  return (
    <>
      <h1>Hello, {session.profile.name ?? session.profile.email}</h1>
      <h2>Your sessions</h2>
      <ul>
        {sessions.map(({ id, current, device, createdAt }) => (
          <li key={id}>
            <span>
              {device}, since <time dateTime={createdAt}>{new Date(createdAt).toLocaleString()}</time>
            </span>
            {current ? (
              <strong>This browser</strong>
            ) : (
              <button type="button" onClick={() => endSession(id).then(load)}>
                End
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => signOut().then(onSignedOut)}>
        Sign out
      </button>
    </>
  )
}
