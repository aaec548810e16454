/** The end of every login: from the upstream's answer to a user and a session. */
import { mappedIdentity } from '../../profile/mapping.ts'
import type { Login } from '../../provider/provider.ts'
import { recordAuditLater } from '../audit.ts'
import { assertIssuerOwner } from '../identity/issuers.ts'
import { type LinkingPorts, resolveLoginUser } from '../identity/linking.ts'
import type { LoginCandidate } from '../identity/login-candidate.ts'
import { unusableEmail } from '../identity/unusable-email.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { loginInvalidatedError } from '../session/end-session.ts'
import { openSession, upstreamEndCheck } from '../session/open-session.ts'
import { originOf } from '../session/upstream-logout.ts'
import type { LoginAttempt } from './attempt.ts'
import type { SignedIn } from './outcome.ts'

/**
 * @param recheckCredential throws if the credential has changed. Runs after the user is read, so
 * that a later change raises the user's epoch and the session is refused
 */
export async function completeLogin(
  ports: LinkingPorts,
  attempt: LoginAttempt,
  login: Login & Pick<LoginCandidate, 'passwordHash' | 'startedAt' | 'receivedAt'>,
  recheckCredential: () => Promise<void> = async () => {},
): Promise<SignedIn> {
  const { connection, trace } = attempt
  const { evidence, missingEmail, passwordHash, startedAt = trace.startedAt, receivedAt } = login
  const identity = mappedIdentity(login.identity, connection.settings.profile)
  const emailCheck = unusableEmail(identity, connection.settings.profile)
  if (emailCheck !== undefined) trace.check(emailCheck)
  if (missingEmail !== undefined && identity.profile.email === undefined)
    await trace.step('email', () => Promise.reject(missingEmail))
  await assertIssuerOwner(ports, connection, identity)
  const origin = originOf(connection, login)
  const candidate = { identity, evidence, completedAt: ports.now(), receivedAt, startedAt, origin, passwordHash }
  const user = await trace.step('user', () => resolveLoginUser(ports, attempt, candidate))
  await recheckCredential()
  return openUserSession(ports, attempt, user, candidate)
}

export async function openUserSession(
  ports: Ports<'audit' | 'now' | 'random' | 'sessions' | 'users'>,
  { connection, device, resume, trace }: LoginAttempt,
  user: User,
  { evidence, completedAt, receivedAt, origin }: LoginCandidate,
): Promise<SignedIn> {
  const { tenant, settings } = connection
  if (evidence.sessionEndsAt !== undefined)
    trace.assertCheck('login_expired', upstreamEndCheck(evidence.sessionEndsAt, ports.now()))
  const input = {
    user,
    connection: settings.id,
    kind: settings.kind,
    evidence,
    completedAt,
    device,
    reauthentication: resume.reauthentication,
    policy: tenant.sessions,
    connections: tenant.connections.map(({ id }) => id),
  }
  const { session, token } = openSession(input, ports.random(32), ports.now())
  const isStored = await trace.step('session', () =>
    ports.sessions.put(session, origin && { ...origin, since: receivedAt ?? completedAt }, user.epoch),
  )
  if (!isStored) throw await loginInvalidatedError(ports, user)
  trace.signedIn(user.id)
  recordAuditLater(ports, {
    tenant: user.tenant,
    action: 'sign_in.succeeded',
    actor: user.id,
    target: user.id,
    details: { connection: settings.id, session: session.id, reference: trace.reference },
  })
  return { outcome: 'signed in', session, token, resume }
}
