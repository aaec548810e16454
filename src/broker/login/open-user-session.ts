/** Ends every sign-in of a user: opens a session, or requires a second factor first. */
import { type MfaPolicy, mfaPolicyOf } from '../../tenant.ts'
import { namesOf, rolesOf } from '../access/roles-of.ts'
import { assertSsoAllowed } from '../access/sso/assert-sso.ts'
import { type BreakGlassPorts, reportBreakGlass } from '../access/sso/report-break-glass.ts'
import { levelOfEvidence, trustedEvidence } from '../assurance/evidence.ts'
import { meets } from '../assurance/level.ts'
import {
  isGracePeriod,
  type OwnFactors,
  type ProvableMethod,
  requiredAssurance,
  usableMethods,
} from '../assurance/requirement.ts'
import { recordAuditLater } from '../audit/record.ts'
import type { VerifiedFactor } from '../factors/verify-factor.ts'
import type { LoginCandidate } from '../identity/login-candidate.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { SigningInUser, User } from '../ports/users.ts'
import { loginInvalidatedError } from '../session/end-session.ts'
import { openSession, upstreamEndCheck } from '../session/open-session.ts'
import type { UserKey } from '../session/session.ts'
import { secondFactorStep } from '../trace.ts'
import type { LoginAttempt, SessionAttempt } from './attempt.ts'
import type { FactorRequired, SignedIn } from './outcome.ts'

type StoreSessionPorts = BreakGlassPorts & Ports<'random' | 'sessions'>
type FactorPorts = Ports<'authenticators' | 'now' | 'recoveryCodes' | 'roleAssignments'>
export type OpenUserSessionPorts = StoreSessionPorts & FactorPorts

export interface Opening extends Pick<LoginCandidate, 'evidence' | 'completedAt' | 'receivedAt' | 'origin'> {
  /** The address that the connection asserts. */
  readonly asserted?: string | undefined
}
export type ProvenFactor = Pick<VerifiedFactor, 'method' | 'amr' | 'at'>

/** @param factor that the user has proven already, such as in the session that asks */
export async function openUserSession(
  ports: OpenUserSessionPorts,
  attempt: LoginAttempt,
  user: SigningInUser,
  opening: Opening,
  factor?: ProvenFactor,
): Promise<SignedIn | FactorRequired> {
  const { settings } = attempt.connection
  const evidence = trustedEvidence(opening.evidence, settings.mfaEvidence)
  assertUpstreamSession(ports, attempt, opening)
  if (factor === undefined) {
    const required = await requiredFactor(ports, attempt, user, { ...opening, evidence })
    if (required !== undefined) return required
  }
  return storeUserSession(ports, attempt, user, { ...opening, evidence }, factor)
}

/** Opens the session, whatever the policy requires. */
export async function storeUserSession(
  ports: StoreSessionPorts,
  attempt: SessionAttempt,
  user: SigningInUser,
  opening: Opening,
  factor?: ProvenFactor,
): Promise<SignedIn> {
  const { connection, device, resume, trace } = attempt
  const { evidence, completedAt, receivedAt, origin } = opening
  const { tenant, settings } = connection
  const sso = await assertSsoAllowed(ports, { tenant, connection: settings.id, asserted: opening.asserted, user })
  assertUpstreamSession(ports, attempt, opening)
  const input = {
    user,
    connection: settings.id,
    kind: settings.kind,
    evidence,
    completedAt,
    device,
    factor,
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
  await reportBreakGlass(ports, sso, session, trace.reference)
  const { isDeletionRequested, hasSignedIn } = user
  return { outcome: 'signed in', session, token, resume, facts: { isDeletionRequested, hasSignedIn } }
}

function assertUpstreamSession({ now }: Ports<'now'>, { trace }: SessionAttempt, { evidence }: Opening): void {
  if (evidence.sessionEndsAt === undefined) return
  trace.assertCheck('login_expired', upstreamEndCheck(evidence.sessionEndsAt, now()))
}

/** Undefined if the sign-in needs no second factor, or its evidence contains one. */
async function requiredFactor(
  ports: OpenUserSessionPorts,
  attempt: LoginAttempt,
  user: SigningInUser,
  opening: Opening,
): Promise<FactorRequired | undefined> {
  const { connection, trace, resume, device } = attempt
  const { tenant, settings } = connection
  const { evidence } = opening
  const policy = mfaPolicyOf(tenant)
  const own =
    user.hasAuthenticator === false ? noFactors : await ownFactors(ports, { tenant: user.tenant, userId: user.id })
  const roles = await rolesFor(ports, attempt, user, policy)
  const level = requiredAssurance({ policy, roles, hasAuthenticatorApp: own.totp })
  if (level === 'none') return undefined
  if (meets(levelOfEvidence(evidence, settings.mfaEvidence), level)) {
    const got = [evidence.acr, ...(evidence.amr ?? [])].filter((value) => value !== undefined).join(', ')
    trace.check({ name: secondFactorStep, ok: true, expected: 'proven at the identity provider or here', got })
    return undefined
  }
  await assertSsoAllowed(ports, { tenant, connection: settings.id, asserted: opening.asserted, user })
  const methods = usableMethods(own, policy.methods)
  const asked = methods.length === 0 ? 'none: the user sets one up' : methods.join(' or ')
  trace.check({ name: secondFactorStep, ok: true, expected: 'proven by the user', got: `asked for ${asked}` })
  trace.ofUser(user.id)
  trace.started()
  const { origin, receivedAt, completedAt, asserted } = opening
  const pending = {
    tenant: user.tenant,
    userId: user.id,
    epoch: user.epoch ?? 0,
    connection: settings.id,
    evidence,
    completedAt,
    ...(receivedAt !== undefined && { receivedAt }),
    ...(origin !== undefined && { origin }),
    ...(asserted !== undefined && { asserted }),
    device,
    resume,
    startedAt: trace.startedAt,
    steps: trace.steps,
    reasons: trace.reasons,
    ...(trace.email !== undefined && { email: trace.email }),
  }
  return {
    outcome: 'factor required',
    pending,
    methods,
    mayPostpone: mayPostpone(methods, policy, ports.now()),
    resume,
  }
}

/** Users who have a factor are asked for it at once. */
export function mayPostpone(methods: readonly ProvableMethod[], policy: MfaPolicy, now: Date): boolean {
  return methods.length === 0 && isGracePeriod(policy, now)
}

const noFactors: OwnFactors = { totp: false, passkey: false, recoveryCodes: false }

/** Factors of the user. Without an authenticator, recovery codes are not read. */
export async function ownFactors(
  { authenticators, recoveryCodes }: Ports<'authenticators' | 'recoveryCodes'>,
  user: UserKey,
): Promise<OwnFactors> {
  const kinds = (await authenticators.of(user)).map(({ kind }) => kind)
  const codes = kinds.length === 0 ? undefined : await recoveryCodes.stateOf(user)
  return {
    totp: kinds.includes('totp'),
    passkey: kinds.includes('passkey'),
    recoveryCodes: (codes?.remaining ?? 0) > 0,
  }
}

async function rolesFor(
  { roleAssignments, now }: FactorPorts,
  { connection: { tenant } }: LoginAttempt,
  user: User,
  { required }: MfaPolicy,
): Promise<readonly string[]> {
  if (typeof required === 'string') return []
  const assignments = await roleAssignments.ofUser(user.tenant, user.id)
  return namesOf(rolesOf({ user, tenant, assignments, now: now() }))
}
