/** A session: a signed-in browser or program. Its secret, the session token, is shown once and stored only as a hash. */

import { formatToken, isToken, tokenId } from '../../crypto/token.ts'
import type { Check } from '../../errors.ts'
import type { Profile } from '../../profile/profile.ts'
import type { Evidence } from '../../provider.ts'
import type { SessionPolicy, Tenant } from '../../tenant.ts'
import type { Sessions, User } from '../ports.ts'
import { effectiveProfile, type TemporaryPermissions, withCurrentPermissions } from './permissions.ts'

export interface Session {
  /** Derived from the token by `tokenId`; public. */
  readonly id: string
  readonly tenant: string
  readonly userId: string
  readonly connection: string
  readonly kind: string
  /** As it was at sign-in, and as apps are told it: an email is verified where it was proven. */
  readonly profile: Profile
  readonly acr: string | undefined
  readonly amr: readonly string[] | undefined
  readonly authenticatedAt: Date
  readonly createdAt: Date
  /** Absolute limit. */
  readonly expiresAt: Date
  readonly idleSeconds: number
  readonly seenAt: Date
  /** What it was opened from, such as "Chrome on Linux". */
  readonly device: string
  /**
   * The upstream did not say when the person signed in, so `authenticatedAt` is only when they came. `asked`: it was asked to sign them in
   * anew, which it need not have heeded; `unasked`: it may have let them through in silence. Absent: the time is known.
   */
  readonly unprovenSignIn?: 'asked' | 'unasked'
  /** Groups and roles of other connections, which count for some time only: what is left of them then. */
  readonly temporaryPermissions?: TemporaryPermissions
  /** The upstream limits its own session: apps get `expiresAt` as `session_expiry` in ID tokens. */
  readonly limitedByUpstream?: true
}

/** What a login asked of its upstream, which shows that it signed the person in anew (`proven`) or may not (`asked`). */
export type Reauthentication = 'proven' | 'asked'

export function signInTimeStatus(
  { authenticatedAt }: Evidence,
  reauthentication: Reauthentication | undefined,
): Session['unprovenSignIn'] {
  return authenticatedAt !== undefined || reauthentication === 'proven' ? undefined : (reauthentication ?? 'unasked')
}

/** When the session ends by itself if nothing more is heard from it. */
export function endsAt(session: Session): Date {
  return new Date(Math.min(session.expiresAt.getTime(), session.seenAt.getTime() + session.idleSeconds * 1000))
}

export function isLive(session: Session, now: Date): boolean {
  return now.getTime() < endsAt(session).getTime()
}

const touchEveryMs = 60_000

/** At most once a minute, so that the check stays a read; oftener where the idle limit is a matter of minutes. */
export function isTouchDue(session: Session, now: Date): boolean {
  return now.getTime() - session.seenAt.getTime() >= Math.min(touchEveryMs, session.idleSeconds * 100)
}

export interface SessionInput {
  readonly user: User
  readonly connection: string
  readonly kind: string
  readonly evidence: Evidence
  /** Default: now. */
  readonly completedAt?: Date
  readonly reauthentication?: Reauthentication | undefined
  readonly device: string
  readonly policy: SessionPolicy
  /** Those of the tenant. Default: every connection ever named. */
  readonly connections?: readonly string[]
}

/** A new session and its token. @param secret 32 random bytes */
export function openSession(
  asked: SessionInput,
  secret: Uint8Array,
  now: Date,
): { readonly session: Session; readonly token: string } {
  const opening = { ...asked, evidence: notInTheFuture(asked.evidence, now) }
  const token = formatToken('gth_s_', secret)
  const at = wholeSeconds(now)
  const { profile, temporaryPermissions } = effectiveProfile(opening.user, {
    ...{ connection: opening.connection, connections: opening.connections, now },
    othersSeconds: opening.policy.groupsFromOthersSeconds,
  })
  const unprovenSignIn = signInTimeStatus(opening.evidence, opening.reauthentication)
  const session = {
    id: tokenId(token),
    tenant: opening.user.tenant,
    userId: opening.user.id,
    connection: opening.connection,
    kind: opening.kind,
    profile,
    acr: opening.evidence.acr,
    amr: opening.evidence.amr,
    authenticatedAt: wholeSeconds(opening.evidence.authenticatedAt ?? opening.completedAt ?? now),
    createdAt: at,
    expiresAt: earliestEnd(at, opening),
    idleSeconds: opening.policy.idleSeconds,
    seenAt: at,
    device: opening.device,
    ...(temporaryPermissions !== undefined && { temporaryPermissions }),
    ...(unprovenSignIn !== undefined && { unprovenSignIn }),
    ...(opening.evidence.sessionEndsAt !== undefined && { limitedByUpstream: true as const }),
  }
  return { session, token }
}

/** The upstream session may end between the check of the answer and now: an identity can wait ten minutes to be linked. */
export function upstreamEndCheck(end: Date, now: Date): Check {
  const ok = end.getTime() - now.getTime() >= 1000 // sessions are kept to the second
  const got = Number.isNaN(end.getTime()) ? 'no time' : end.toISOString()
  return { name: 'end of the upstream session', ok, expected: `after ${now.toISOString()}`, got }
}

function earliestEnd(at: Date, { policy, evidence }: Pick<SessionInput, 'policy' | 'evidence'>): Date {
  const ours = at.getTime() + policy.lifetimeSeconds * 1000
  return wholeSeconds(new Date(Math.min(ours, evidence.sessionEndsAt?.getTime() ?? ours)))
}

/** Nobody signed in after this moment, whatever an upstream says; and no time at all is none told. */
export function notInTheFuture({ authenticatedAt, ...evidence }: Evidence, now: Date): Evidence {
  const time = authenticatedAt?.getTime()
  if (time === undefined || Number.isNaN(time)) return evidence
  return { ...evidence, authenticatedAt: new Date(Math.max(0, Math.min(time, now.getTime()))) }
}

/** Sessions are kept to the second, and say the same when they are opened as later. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000)
}

/** How a token was presented: in the query it counts only where the tenant allows it. */
export type TokenSource = 'header' | 'cookie' | 'query'

export interface SessionCheckParts {
  readonly sessions: Sessions
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly now: () => Date
  /** Told of a touch that failed: a check never fails for it. */
  readonly onTouchFailed: (error: unknown) => void
}

/** The live session of a token, or null: malformed, unknown, ended and expired are indistinguishable. One store read. */
export async function checkSession(
  parts: SessionCheckParts,
  token: string,
  source: TokenSource,
): Promise<Session | null> {
  if (!isToken('gth_s_', token)) return null
  const session = await parts.sessions.find(tokenId(token))
  if (session === null) return null
  const now = parts.now()
  const tenant = parts.tenants.get(session.tenant)
  if (tenant === undefined || !isLive(session, now)) return null
  if (source === 'query' && !tenant.sessions.tokenInQuery) return null
  const current = withCurrentPermissions(session, now)
  if (!isTouchDue(session, now)) return current
  const touched = { ...current, seenAt: wholeSeconds(now) }
  parts.sessions.touch(session, now, endsAt(touched)).catch(parts.onTouchFailed)
  return touched
}
