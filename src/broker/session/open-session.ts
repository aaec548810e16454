import { formatToken, tokenId } from '../../crypto/token.ts'
import type { Check } from '../../errors.ts'
import type { Evidence } from '../../provider/provider.ts'
import type { SessionPolicy } from '../../tenant.ts'
import { resultingAcrAmr } from '../assurance/evidence.ts'
import type { VerifiedFactor } from '../factors/verify-factor.ts'
import type { User } from '../ports/users.ts'
import { effectiveProfile } from './permissions.ts'
import { type Reauthentication, type Session, wholeSeconds } from './session.ts'

export function signInTimeStatus(
  { authenticatedAt }: Evidence,
  reauthentication: Reauthentication | undefined,
): Session['unprovenSignIn'] {
  return authenticatedAt !== undefined || reauthentication === 'proven' ? undefined : (reauthentication ?? 'unasked')
}

export interface SessionInput {
  readonly user: User
  readonly connection: string
  readonly kind: string
  readonly evidence: Evidence
  /** Default: now. */
  readonly completedAt?: Date
  readonly reauthentication?: Reauthentication | undefined
  /** Factor that the user proved to Gatehouse. */
  readonly factor?: Pick<VerifiedFactor, 'method' | 'amr' | 'at'> | undefined
  readonly device: string
  readonly policy: SessionPolicy
  readonly connections?: readonly string[]
}

/** A new session and its token. @param secret 32 random bytes */
export function openSession(input: SessionInput, secret: Uint8Array, now: Date) {
  const opening = { ...input, evidence: notInTheFuture(input.evidence, now) }
  const token = formatToken('gth_s_', secret)
  const at = wholeSeconds(now)
  const { profile, temporaryPermissions } = effectiveProfile(opening.user, {
    connection: opening.connection,
    connections: opening.connections,
    now,
    othersSeconds: opening.policy.groupsFromOthersSeconds,
  })
  const unprovenSignIn = signInTimeStatus(opening.evidence, opening.reauthentication)
  const { factor, evidence } = opening
  const { acr, amr } = factor === undefined ? evidence : resultingAcrAmr(evidence, factor)
  const session = {
    id: tokenId(token),
    tenant: opening.user.tenant,
    userId: opening.user.id,
    connection: opening.connection,
    kind: opening.kind,
    profile,
    acr,
    amr,
    authenticatedAt: wholeSeconds(opening.evidence.authenticatedAt ?? opening.completedAt ?? now),
    ...(factor !== undefined && { factorAt: wholeSeconds(factor.at) }),
    createdAt: at,
    expiresAt: earliestEnd(at, opening),
    idleSeconds: opening.policy.idleSeconds,
    lastSeenAt: at,
    device: opening.device,
    ...(temporaryPermissions !== undefined && { temporaryPermissions }),
    ...(unprovenSignIn !== undefined && { unprovenSignIn }),
    ...(opening.evidence.sessionEndsAt !== undefined && { limitedByUpstream: true as const }),
  }
  return { session, token }
}

/** The upstream session may have ended since the answer: a pending link lives ten minutes. */
export function upstreamEndCheck(end: Date, now: Date): Check {
  const ok = end.getTime() - now.getTime() >= 1000 // sessions are kept to the second
  const got = Number.isNaN(end.getTime()) ? 'no time' : end.toISOString()
  return { name: 'end of the upstream session', ok, expected: `after ${now.toISOString()}`, got }
}

function earliestEnd(at: Date, { policy, evidence }: Pick<SessionInput, 'policy' | 'evidence'>): Date {
  const ours = at.getTime() + policy.lifetimeSeconds * 1000
  return wholeSeconds(new Date(Math.min(ours, evidence.sessionEndsAt?.getTime() ?? ours)))
}

/** Limits an upstream's authentication time to now; an invalid one counts as absent. */
export function notInTheFuture({ authenticatedAt, ...evidence }: Evidence, now: Date): Evidence {
  const time = authenticatedAt?.getTime()
  if (time === undefined || Number.isNaN(time)) return evidence
  return { ...evidence, authenticatedAt: new Date(Math.max(0, Math.min(time, now.getTime()))) }
}
