/** Decides which user an identity belongs to, with reasons. Pure: no store, no clock. */
import type { ErrorCode } from '../../errors.ts'
import { mergeProfile } from '../../profile/merge.ts'
import type { UserProfile } from '../../profile/profile.ts'
import type { Identity } from '../../provider/provider.ts'
import type { LinkingRule } from '../../tenant.ts'
import type { IdentityOwner, SigningInUser, User } from '../ports/users.ts'
import { type EmailDecision, type LinkingPolicy, resolveEmailVerified } from './email-verification.ts'

export interface IdentityLookup {
  readonly byIdentity: IdentityOwner | null
  /** Users of the tenant whose *proven* email equals the identity's. */
  readonly byEmail: readonly User[]
  /** Ids of users who unlinked this identity. */
  readonly unlinkedBy?: readonly string[]
  /**
   * Active users of the tenant with the same email, verified by their upstream but not proven. Read
   * only if the identity is unknown and no user has proven the email. Default: none.
   */
  readonly byVerifiedEmail?: readonly User[]
  /** Ids of users whom the user declined to be. Default: none. */
  readonly excludedUserIds?: readonly string[]
  /**
   * By user ID: the strictest linking rule of the identity's connection and of the connections of
   * that user. Default: any.
   */
  readonly rules?: ReadonlyMap<string, LinkingRule>
}

/** Why the user must prove to own the existing user with the same email. */
export const proofReasons = [
  'unverified', // the upstream did not say that it verified the email
  'foreign domain', // the connection does not speak for the email's domain
  'domain unproven', // the tenant has not proven the domain by DNS
  'existing user unproven', // the existing user has not proven the email
  'unlinked', // the existing user removed this identity
] as const
export type ProofReason = (typeof proofReasons)[number]

/** The existing users who have the email, one of whom the user must prove to be. */
export interface ProofRequest {
  readonly existingUsers: readonly User[]
  readonly why: ProofReason
  // No user has proven the email, so the user may continue as a new one (ID-03).
  readonly mayDecline: boolean
}

interface ResolvedProfile {
  readonly profile: UserProfile
  readonly emailProven: boolean
}

export type Decision = { readonly reasons: readonly string[] } & (
  | ({
      /** `sign in`: the identity is the user's already. `link`: it becomes the user's. */
      readonly action: 'sign in' | 'link'
      /** The user proved to own both and asked for it (`joinUser`); otherwise by proven email. */
      readonly byUser?: true
      readonly user: SigningInUser
    } & ResolvedProfile)
  | ({ readonly action: 'create' } & ResolvedProfile)
  /** The user must first sign in as one of the existing users, which links the identity. */
  | ({ readonly action: 'prove' } & ProofRequest)
  | { readonly action: 'refuse'; readonly code: ErrorCode }
)

const suspended = 'this identity was added before a password reset, and its owner has not confirmed it since'
const forbidden = 'the linking rule of the connections does not allow it (linking)'

/** Why a user may not sign in: error code, and clause for the trace. Undefined: they may. */
export function signInRefusal({
  status,
}: Pick<User, 'status'>): { readonly code: ErrorCode; readonly why: string } | undefined {
  if (status === 'active') return undefined
  if (status === 'blocked') return { code: 'user_blocked', why: 'blocked' }
  return { code: 'user_revoked', why: 'revoked by an upstream, until it authenticates them again' }
}

/** The rule `verified` allows only identities with the user's proven email. */
function mayLink(user: User, { rules }: IdentityLookup, { proven, profile: { email } }: EmailDecision): boolean {
  const rule = rules?.get(user.id) ?? 'any'
  const isSameEmail = email !== undefined && email.address === user.profile.email?.address
  return rule === 'any' || (rule === 'verified' && proven && user.emailProven && isSameEmail)
}

/**
 * Chooses the user of a completed login: the owner of the identity, else the owner of its proven
 * email, else a new user. A refusal is a decision too.
 */
export function resolveUser(identity: Identity, found: IdentityLookup, policy: LinkingPolicy): Decision {
  const email = resolveEmailVerified(identity, policy)
  const [existingUser] = found.byEmail
  if (found.byIdentity !== null) return signInAs(found.byIdentity, email, found, policy)
  if (existingUser !== undefined) return linkByProvenEmail(existingUser, email, found, policy)
  return askOrCreate(email, found, policy)
}

function refuse({ reason }: EmailDecision, code: ErrorCode, why: string): Decision {
  return { action: 'refuse', code, reasons: [reason, why] }
}

function askForProof({ reason }: EmailDecision, request: ProofRequest, why: string): Decision {
  return { action: 'prove', ...request, reasons: [reason, why] }
}

function signInAs(user: IdentityOwner, email: EmailDecision, found: IdentityLookup, policy: LinkingPolicy): Decision {
  const refusal = signInRefusal(user)
  if (refusal !== undefined) return refuse(email, refusal.code, `the user of this identity is ${refusal.why}`)
  if (user.isSuspended) return refuse(email, 'method_suspended', suspended)
  const merged = mergeProfileAfterLogin(user, email, found, policy)
  const reasons = [email.reason, 'this identity has signed in before: same issuer, same subject', ...merged.reasons]
  return { action: 'sign in', user, ...merged, reasons }
}

function linkByProvenEmail(user: User, email: EmailDecision, found: IdentityLookup, policy: LinkingPolicy): Decision {
  const unproven = 'another user has proven this email, and this connection cannot prove it'
  // without proof of the email, reveal nothing about its user, not even a block (ID-10)
  const deny = (code: ErrorCode, why: string) =>
    email.proven ? refuse(email, code, why) : refuse(email, 'link_refused', unproven)
  if (found.byEmail.length > 1) return deny('link_refused', 'several users have proven this email')
  const refusal = signInRefusal(user)
  if (refusal !== undefined) return deny(refusal.code, `the user with this proven email is ${refusal.why}`)
  if (!mayLink(user, found, email)) return deny('linking_refused', forbidden)
  const prove = (why: ProofReason, reason: string) =>
    askForProof(email, { existingUsers: [user], why, mayDecline: false }, reason)
  if (!email.proven) return prove(email.why, unproven)
  if (found.unlinkedBy?.includes(user.id)) return prove('unlinked', 'the user with this email unlinked this identity')
  const reasons = [email.reason, 'the email is proven on both sides: linked to the user who has it']
  return {
    action: 'link',
    user,
    profile: mergeProfile(user.profile, email.profile, policy),
    emailProven: true,
    reasons,
  }
}

function askOrCreate(email: EmailDecision, found: IdentityLookup, policy: LinkingPolicy): Decision {
  const { proven, profile, reason } = email
  const { byVerifiedEmail = [], excludedUserIds = [] } = found
  const existingUsers = byVerifiedEmail.filter(
    (user) => !excludedUserIds.includes(user.id) && mayLink(user, found, email),
  )
  if (profile.email?.verified === true && existingUsers.length > 0)
    return askForProof(
      email,
      { existingUsers, why: email.proven ? 'existing user unproven' : email.why, mayDecline: policy.createUsers },
      'another user has this email, verified by their upstream but not proven',
    )
  if (!policy.createUsers) return refuse(email, 'user_unknown', `connection ${policy.connection} creates no users`)
  const declined = excludedUserIds.length > 0 ? ['the user declined to link to the existing user of this email'] : []
  const reasons = [reason, ...declined, 'the identity is unknown and no user has proven this email: a new user']
  return { action: 'create', profile: mergeProfile({}, profile, policy), emailProven: proven, reasons }
}

/**
 * Links an identity to a user who proved to own both, by a pending link or from `/account`. The
 * user keeps their email, unless only the new one is proven.
 */
export function joinUser(user: User, identity: Identity, found: IdentityLookup, policy: LinkingPolicy): Decision {
  const decision = resolveEmailVerified(identity, policy)
  const { proven, profile } = decision
  const { email: _, ...rest } = profile
  const refusal = signInRefusal(user)
  if (refusal !== undefined) return { action: 'refuse', code: refusal.code, reasons: [`the user is ${refusal.why}`] }
  if (found.byIdentity !== null && found.byIdentity.id !== user.id)
    return { action: 'refuse', code: 'identity_taken', reasons: ['another user has this identity'] }
  if (found.byIdentity?.isSuspended) return { action: 'refuse', code: 'method_suspended', reasons: [suspended] }
  if (found.byIdentity === null && !mayLink(user, found, decision))
    return { action: 'refuse', code: 'linking_refused', reasons: [forbidden] }
  const keep = user.profile.email !== undefined && (user.emailProven || !proven)
  const reason =
    found.byIdentity === null ? 'linked: the user proved to have both' : 'the user has this identity already'
  const merged = mergeProfileAfterLogin(user, { profile: keep ? rest : profile, proven }, found, policy)
  const reasons = [reason, ...merged.reasons]
  return { action: found.byIdentity === null ? 'link' : 'sign in', byUser: true, user, ...merged, reasons }
}

/** An unproven email never replaces a proven one, nor one that another user has proven. */
function mergeProfileAfterLogin(
  user: User,
  { profile, proven }: Pick<EmailDecision, 'profile' | 'proven'>,
  found: IdentityLookup,
  policy: LinkingPolicy,
): ResolvedProfile & { readonly reasons: readonly string[] } {
  const { email, ...rest } = profile
  const reasons: string[] = []
  const taken = found.byEmail.some(({ id }) => id !== user.id)
  const keep = email === undefined || (user.emailProven && !proven) || taken
  if (email !== undefined && keep && email.address !== user.profile.email?.address)
    reasons.push('the email known before is kept')
  else if (taken && proven) reasons.push('another user has proven this email: here it stays unproven')
  if (!keep) return { profile: mergeProfile(user.profile, profile, policy), emailProven: proven, reasons }
  return { profile: mergeProfile(user.profile, rest, policy), emailProven: user.emailProven, reasons }
}
