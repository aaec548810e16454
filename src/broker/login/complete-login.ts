/** The end of every login: from the upstream's answer to a user, then to a session. */
import { mappedIdentity } from '../../profile/mapping.ts'
import type { Login } from '../../provider/provider.ts'
import { assertIssuerOwner } from '../identity/issuers.ts'
import { type LinkingPorts, resolveLoginUser } from '../identity/linking.ts'
import type { LoginCandidate } from '../identity/login-candidate.ts'
import { noEmail, unusableEmail } from '../identity/unusable-email.ts'
import { recordUpstreamSignIn } from '../session/recheck/upstream-sign-in.ts'
import { originOf } from '../session/upstream-logout.ts'
import type { LoginAttempt } from './attempt.ts'
import { type OpenUserSessionPorts, openUserSession, type ProvenFactor } from './open-user-session.ts'
import type { FactorRequired, SignedIn } from './outcome.ts'

export type CompleteLoginPorts = LinkingPorts & OpenUserSessionPorts

type CompletedLogin = Login & Pick<LoginCandidate, 'passwordHash' | 'startedAt' | 'receivedAt'>

/**
 * @param recheckCredential throws if the credential has changed. Runs after the user is read, so
 * that a later change raises the user's epoch and the session is refused
 * @param factor that the user has proven already, such as in the session that asks
 */
export async function completeLogin(
  ports: CompleteLoginPorts,
  attempt: LoginAttempt,
  login: CompletedLogin,
  recheckCredential: () => Promise<void> = async () => {},
  factor?: ProvenFactor,
): Promise<SignedIn | FactorRequired> {
  const { user, candidate } = await identifyUser(ports, attempt, login)
  await recheckCredential()
  await recordSignIn(ports, attempt, login, { user, candidate })
  const asserted = candidate.identity.profile.email?.address
  return openUserSession(ports, attempt, user, { ...candidate, asserted }, factor)
}

/** A signed-in user adds the identity (`linkToSession`): no session opens, theirs stays. */
export async function completeLinking(ports: CompleteLoginPorts, attempt: LoginAttempt, login: CompletedLogin) {
  const identified = await identifyUser(ports, attempt, login)
  await recordSignIn(ports, attempt, login, identified)
  attempt.trace.signedIn(identified.user.id)
  return { outcome: 'linked', resume: attempt.resume } as const
}

function recordSignIn(
  ports: CompleteLoginPorts,
  { connection }: LoginAttempt,
  { recheck }: CompletedLogin,
  { user, candidate: { identity } }: Awaited<ReturnType<typeof identifyUser>>,
) {
  return recordUpstreamSignIn(ports, connection, user, { identity, ...(recheck && { recheck }) })
}

async function identifyUser(ports: CompleteLoginPorts, attempt: LoginAttempt, login: CompletedLogin) {
  const { connection, trace } = attempt
  const { evidence, missingEmail, passwordHash, startedAt = trace.startedAt, receivedAt } = login
  const identity = mappedIdentity(login.identity, connection.settings.profile)
  if (identity.profile.email !== undefined) trace.ofEmail(identity.profile.email.address)
  const emailCheck = unusableEmail(identity, connection.settings.profile)
  if (emailCheck !== undefined) trace.check(emailCheck)
  if (missingEmail !== undefined && identity.profile.email === undefined)
    await trace.step('email', () => Promise.reject(missingEmail))
  await assertIssuerOwner(ports, connection, identity)
  const origin = originOf(connection, login)
  const candidate = { identity, evidence, completedAt: ports.now(), receivedAt, startedAt, origin, passwordHash }
  const user = await trace.step('user', async () => {
    const resolved = await resolveLoginUser(ports, attempt, candidate)
    const absent = noEmail(identity)
    if (absent !== undefined && emailCheck === undefined) trace.check(absent)
    return resolved
  })
  return { user, candidate }
}
