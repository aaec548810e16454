import { mappedIdentity } from '../../profile/mapping.ts'
import type { Login } from '../../provider/provider.ts'
import type { OpenConnection } from '../connections.ts'
import { assertIssuerOwner } from '../identity/issuer-owner.ts'
import type { LinkingPorts } from '../identity/linking.ts'
import { resolveLoginUser } from '../identity/linking.ts'
import type { LoginCandidate } from '../identity/login-candidate.ts'
import { recordUnusableEmail } from '../identity/unusable-email.ts'
import type { Resume } from '../ports/transactions.ts'
import type { User } from '../ports/users.ts'
import { loginInvalidatedError } from '../session/end-session.ts'
import { openSession, upstreamEndCheck } from '../session/open-session.ts'
import { originOf } from '../session/upstream-logout.ts'
import type { AttemptTrace } from '../trace.ts'
import type { SignedIn } from './outcome.ts'

/**
 * From a proven identity to a session: the end of every login.
 * @param recheckCredential throws when the credential was changed meanwhile. Runs after the user was read: a later change raises
 * the user's epoch after that, so that the session is refused
 */
export async function signIn(
  ports: LinkingPorts,
  connection: OpenConnection,
  login: Login & Pick<LoginCandidate, 'passwordHash' | 'startedAt' | 'receivedAt'>,
  device: string,
  resume: Resume,
  trace: AttemptTrace,
  recheckCredential: () => Promise<void> = async () => {},
): Promise<SignedIn> {
  const { evidence, passwordHash, startedAt = trace.startedAt, receivedAt } = login
  const identity = mappedIdentity(login.identity, connection.settings.profile)
  recordUnusableEmail(trace, identity, connection.settings.profile)
  const { missingEmail } = login
  if (missingEmail !== undefined && identity.profile.email === undefined)
    await trace.step('email', () => Promise.reject(missingEmail))
  await assertIssuerOwner(ports, connection, identity)
  const origin = originOf(connection, login)
  const candidate = { identity, evidence, completedAt: ports.now(), receivedAt, startedAt, origin, passwordHash }
  const user = await trace.step('user', () => resolveLoginUser(ports, connection, candidate, resume, trace))
  await recheckCredential()
  return openUserSession(ports, connection, user, candidate, device, resume, trace)
}

/** A session for the user that a newcomer turned out to be. */
export async function openUserSession(
  ports: LinkingPorts,
  connection: OpenConnection,
  user: User,
  { evidence, completedAt, receivedAt, origin }: LoginCandidate,
  device: string,
  resume: Resume,
  trace: AttemptTrace,
): Promise<SignedIn> {
  const { tenant, settings } = connection
  if (evidence.sessionEndsAt !== undefined)
    trace.assertCheck('login_expired', upstreamEndCheck(evidence.sessionEndsAt, ports.now()))
  const opening = {
    user,
    connection: settings.id,
    kind: settings.kind,
    evidence,
    completedAt,
    reauthentication: resume.reauthentication,
    device,
    policy: tenant.sessions,
    connections: tenant.connections.map(({ id }) => id),
  }
  const { session, token } = openSession(opening, ports.random(32), ports.now())
  const stored = await trace.step('session', () =>
    ports.sessions.put(session, origin && { ...origin, since: receivedAt ?? completedAt }, user.epoch),
  )
  if (!stored) throw await loginInvalidatedError(ports, user)
  trace.signedIn(user.id)
  return { outcome: 'signed in', session, token, resume }
}
