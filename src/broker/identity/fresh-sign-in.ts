import type { OpenConnection } from '../connections.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { Reauthentication, Session } from '../session/session.ts'
import { signInMethods } from './sign-in-methods.ts'

const freshMs = 300_000

/** Ways in are changed, and secrets shown, only to who proved themselves within the last five minutes. */
export async function isFresh(
  ports: Pick<CorePorts, 'connections' | 'users' | 'now'>,
  session: Session,
): Promise<boolean> {
  const isDoubtful = session.unprovenSignIn === 'asked'
  return isFreshFor(session, isDoubtful ? await signInMethods(ports, session.tenant, session.userId) : [], ports.now())
}

/**
 * An upstream that tells no time may have let the person through in silence. To have asked it for a new sign-in is enough for who
 * has no better way in, since else they could never change anything; who has one uses that.
 */
export function isFreshFor(session: Session, connections: readonly OpenConnection[], now: Date): boolean {
  if (now.getTime() - session.authenticatedAt.getTime() > freshMs) return false
  switch (session.unprovenSignIn) {
    case undefined:
      return true
    case 'asked':
      return !connections.some((connection) => reauthenticationAt(connection) === 'proven')
    case 'unasked':
      return false
    default:
      return session.unprovenSignIn satisfies never
  }
}

export function reauthenticationAt({ upstream }: OpenConnection): Reauthentication {
  return upstream.traits?.providesAuthTime === false ? 'asked' : 'proven'
}

/** Where a user signs in again: at the session's connection, unless it proves nothing by that and another of theirs does. */
export function connectionToSignInAgain(session: Session, connections: readonly OpenConnection[]): string {
  const proving = connections.filter((connection) => reauthenticationAt(connection) === 'proven')
  const best = proving.find(({ settings }) => settings.id === session.connection) ?? proving[0]
  return best?.settings.id ?? session.connection
}
