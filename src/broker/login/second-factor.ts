/** Finishes a pending sign-in after its second factor (assurance/pending-sign-in.ts). */
import { GatehouseError } from '../../errors.ts'
import { mfaPolicyOf } from '../../tenant.ts'
import {
  challengeId,
  challengeInvalid,
  findPendingSignIn,
  maxTries,
  type PendingCaller,
  type PendingSignIn,
  pendingSeconds,
  type StoredSignIn,
  usePendingSignIn,
} from '../assurance/pending-sign-in.ts'
import { type ProvableMethod, usableMethods } from '../assurance/requirement.ts'
import { type FactorProof, type VerifyFactorPorts, verifyFactor } from '../factors/verify-factor.ts'
import { type LinkingPorts, linkPendingIdentity } from '../identity/linking.ts'
import type { Ports } from '../ports/core-ports.ts'
import { loginInvalidatedError } from '../session/end-session.ts'
import { AttemptTrace, secondFactorStep } from '../trace.ts'
import { recordRefusedSignIn, runTraced, type TracePorts } from './attempt.ts'
import {
  mayPostpone,
  type OpenUserSessionPorts,
  ownFactors,
  type ProvenFactor,
  storeUserSession,
} from './open-user-session.ts'
import type { Refused, SignedIn } from './outcome.ts'
import { appOf } from './return-url.ts'

export type SecondFactorPorts = VerifyFactorPorts & LinkingPorts & OpenUserSessionPorts & TracePorts & Ports<'codes'>

/** The challenge, and who presents it. */
export interface PresentedChallenge {
  readonly challenge: string
  readonly caller: PendingCaller
}

export interface FinishedSignIn extends SignedIn {
  /** The email of a password sign-in. */
  readonly typedEmail?: string | undefined
}

/** Why a session opens: a factor, or a reason to open it without one. */
export type FactorResult = ProvenFactor | 'remembered browser' | 'postponed'

/**
 * Verifies the factor, then opens the session, once. After the fifth wrong code the sign-in is over
 * (MF-02). Throws `mfa_challenge_invalid`, `factor_invalid`, `too_many_attempts`.
 */
export async function proveSecondFactor(
  ports: SecondFactorPorts,
  presented: PresentedChallenge,
  proof: FactorProof,
): Promise<FinishedSignIn | Refused> {
  const pending = await findPendingSignIn(ports, presented.challenge, presented.caller)
  const trace = traceOf(ports, pending)
  const id = challengeId(presented.challenge)
  try {
    const factor = await trace.step(secondFactorStep, () => verifyFactor(ports, pending, proof, id))
    return await finishPendingSignIn(ports, presented, factor, trace)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'factor_invalid') throw error
    const { count } = await ports.counters.hit(`pending-factor:${id}`, pendingSeconds)
    if (count < maxTries) throw wrongFactor(error, maxTries - count)
    await usePendingSignIn(ports, presented.challenge, presented.caller, async () =>
      recordRefusedSignIn(ports, trace, error),
    )
    throw challengeInvalid('Too many wrong codes. Please sign in again.')
  }
}

function wrongFactor(cause: GatehouseError, left: number): GatehouseError {
  const tries = left === 1 ? 'One try is left.' : `${left} tries are left.`
  const text = `Enter a code that has not been used yet. ${tries}`
  return new GatehouseError('factor_invalid', cause.message, { text, cause })
}

/** Opens the session of a stored sign-in. Throws `mfa_challenge_invalid`. */
export async function finishPendingSignIn(
  ports: SecondFactorPorts,
  { challenge, caller }: PresentedChallenge,
  result: FactorResult,
  trace?: AttemptTrace,
): Promise<FinishedSignIn | Refused> {
  let typedEmail: string | undefined
  const finished = await usePendingSignIn(ports, challenge, caller, async (pending) => {
    typedEmail = pending.typedEmail
    return openPendingSignIn(ports, pending, result, trace)
  })
  return finished.outcome === 'refused' ? finished : { ...finished, typedEmail }
}

/** Opens the session of a sign-in that is not stored. */
export async function openPendingSignIn(
  ports: SecondFactorPorts,
  pending: PendingSignIn,
  result: FactorResult,
  trace: AttemptTrace = traceOf(ports, pending),
): Promise<SignedIn | Refused> {
  const { tenant, userId, epoch, resume, device } = pending
  return runTraced(ports, { trace, resume }, async () => {
    const connection = ports.connections.get(tenant, pending.connection)
    const user = await ports.users.find(tenant, userId)
    if (user?.status !== 'active' || (user.epoch ?? 0) !== epoch)
      throw await loginInvalidatedError(ports, { tenant, id: userId })
    const isProven = typeof result !== 'string'
    trace.check({ name: secondFactorStep, ok: true, got: isProven ? `proven by ${result.method}` : result })
    const attempt = { connection, resume, trace, device }
    const signedIn = await storeUserSession(ports, attempt, user, pending, isProven ? result : undefined)
    return linkPendingIdentity(ports, signedIn, trace)
  })
}

/** Choices of the user of a pending sign-in. Throws `mfa_challenge_invalid`. */
export async function pendingChoices(
  ports: Ports<'authenticators' | 'codes' | 'connections' | 'now' | 'recoveryCodes'>,
  { challenge, caller }: PresentedChallenge,
): Promise<PendingChoices> {
  const pending = await findPendingSignIn(ports, challenge, caller)
  const policy = mfaPolicyOf(ports.connections.tenant(pending.tenant))
  const methods = usableMethods(await ownFactors(ports, pending), policy.methods)
  return { pending, methods, mayPostpone: mayPostpone(methods, policy, ports.now()) }
}

export interface PendingChoices {
  readonly pending: StoredSignIn
  /** Empty: the user sets one up. */
  readonly methods: readonly ProvableMethod[]
  readonly mayPostpone: boolean
}

function traceOf(ports: TracePorts, { resume, startedAt, steps, reasons, email, userId }: PendingSignIn): AttemptTrace {
  const { reference, tenant, connection, returnTo } = resume
  const known = { ...(email !== undefined && { email }), ...appOf(returnTo) }
  const trace = new AttemptTrace({ reference, tenant, connection, startedAt, ...known }, ports.now, ports.trace, steps)
  trace.addReasons(reasons)
  trace.ofUser(userId)
  return trace
}
