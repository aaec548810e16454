import { GatehouseError } from '../../errors.ts'
import type { OpenConnection } from '../connections.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { isLive, type Reauthentication, type Session } from '../session/session.ts'
import { signInMethods } from './sign-in-methods.ts'

const freshMs = 300_000

/** Sign-in methods change, and secrets are shown, only within five minutes of a sign-in. */
export async function isFresh(
  ports: Ports<'connections' | 'users' | 'now'>,
  session: Session,
  withinMs = freshMs,
): Promise<boolean> {
  const isDoubtful = session.unprovenSignIn === 'asked'
  const methods = isDoubtful ? await signInMethods(ports, session.tenant, session.userId) : []
  return isFreshFor(session, methods, ports.now(), withinMs)
}

/** Throws `fresh_sign_in_required`. */
export async function requireFreshSignIn(ports: Ports<'connections' | 'users' | 'now'>, session: Session) {
  if (!(await isFresh(ports, session)))
    throw new GatehouseError('fresh_sign_in_required', 'the last sign-in is too long ago')
}

/** `asked` counts only without a method that proves it: the upstream may sign in silently. */
export function isFreshFor(
  session: Session,
  connections: readonly OpenConnection[],
  now: Date,
  withinMs = freshMs,
): boolean {
  if (session.apiToken !== undefined) return false // its holder did not sign in
  if (now.getTime() - session.authenticatedAt.getTime() > withinMs) return false
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

/** Where the user signs in again: preferably at a connection that proves reauthentication. */
export function connectionToSignInAgain(session: Session, connections: readonly OpenConnection[]): string {
  const proving = connections.filter((connection) => reauthenticationAt(connection) === 'proven')
  const best = proving.find(({ settings }) => settings.id === session.connection) ?? proving[0]
  return best?.settings.id ?? session.connection
}

/** Read after the user: with the user's epoch, the store refuses changes by an ended session. */
export async function requireCurrentUser(ports: Ports<'now' | 'sessions' | 'users'>, by: Session): Promise<User> {
  const user = await ports.users.find(by.tenant, by.userId)
  const session = await ports.sessions.find(by.id)
  if (user === null || session === null || !isLive(session, ports.now()))
    throw new GatehouseError('session_invalid', 'the session that asks has ended')
  return user
}
