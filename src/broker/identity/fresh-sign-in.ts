import { GatehouseError } from '../../errors.ts'
import { passkeyConnection } from '../../tenant.ts'
import type { OpenConnection } from '../connections.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { isLive, type Reauthentication, type Session } from '../session/session.ts'
import { signInMethods } from './sign-in-methods.ts'

/** How long a sign-in, or a factor, counts for what only the user may do (ASVS 7.5.2, 7.5.3). */
export const stepUpMs = 600_000

export type StepUpPorts = Ports<'connections' | 'users' | 'now'>

/** Whether the user signed in, or proved a factor, recently. Never for an API token. */
export async function isFresh(ports: StepUpPorts, session: Session, withinMs = stepUpMs): Promise<boolean> {
  const isDoubtful = session.unprovenSignIn !== undefined
  const methods = isDoubtful ? await signInMethods(ports, session.tenant, session.userId) : []
  return isFreshFor(session, methods, ports.now(), withinMs)
}

/**
 * Requires a recent sign-in or factor for changes of factors, sign-in methods and roles, and for
 * deleting. Throws `fresh_sign_in_required`.
 */
export async function requireStepUp(ports: StepUpPorts, session: Session): Promise<void> {
  if (!(await isFresh(ports, session)))
    throw new GatehouseError('fresh_sign_in_required', 'the last sign-in or factor is too long ago')
}

/**
 * As `requireStepUp`, for actions that an API token may take too: the user of its scope stepped up
 * when it was created. Throws `fresh_sign_in_required`.
 */
export async function requireStepUpOfSession(ports: StepUpPorts, session: Session): Promise<void> {
  if (session.apiToken === undefined) await requireStepUp(ports, session)
}

/**
 * A factor counts like a sign-in. A sign-in that its upstream does not prove counts only without a
 * method that does: the upstream may sign in silently. Without such a method, the user could prove
 * no more by signing in again.
 */
export function isFreshFor(
  session: Session,
  connections: readonly OpenConnection[],
  now: Date,
  withinMs = stepUpMs,
): boolean {
  if (session.apiToken !== undefined) return false // its holder did not sign in
  if (session.factorAt !== undefined && now.getTime() - session.factorAt.getTime() <= withinMs) return true
  if (now.getTime() - session.authenticatedAt.getTime() > withinMs) return false
  switch (session.unprovenSignIn) {
    case undefined:
      return true
    case 'asked':
    case 'unasked':
      return !connections.some((connection) => reauthenticationAt(connection) === 'proven')
    default:
      return session.unprovenSignIn satisfies never
  }
}

export function reauthenticationAt({ upstream }: OpenConnection): Reauthentication {
  return upstream.traits?.providesAuthTime === false ? 'asked' : 'proven'
}

/**
 * Connection at which the user signs in again: preferably one that proves reauthentication. After a
 * passkey sign-in `passkeyConnection`, which is the sign-in page.
 */
export function connectionToSignInAgain(session: Session, connections: readonly OpenConnection[]): string {
  if (session.connection === passkeyConnection) return passkeyConnection
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
