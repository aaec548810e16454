/** Who is this? The decision from what an upstream said to a user of ours, and its reasons. Pure: no store, no clock. */
import type { ErrorCode } from '../errors.ts'
import { domainOf, mergeProfile, type Profile, type UserProfile } from '../profile.ts'
import type { Identity } from '../provider.ts'
import { type ConnectionSettings, connectionsForDomain, type Tenant } from '../tenant.ts'
import type { User } from './ports.ts'

/** What storage knows about the identity and its email. */
export interface Found {
  readonly byIdentity: User | null
  /** Users of the same tenant whose *proven* email equals the identity's. */
  readonly byEmail: readonly User[]
  /** Ids of users who had this identity and took it away. */
  readonly unlinkedBy?: readonly string[]
}

export interface LinkingPolicy {
  readonly connection: string
  /** All of the tenant's: what others told of a user stays theirs while they are there. Default: every connection ever named. */
  readonly connections?: readonly string[]
  readonly createUsers: boolean
  readonly maySpeakFor: (domain: string) => boolean
}

interface Settled {
  readonly profile: UserProfile
  readonly emailProven: boolean
}

export type Decision =
  | ({ readonly action: 'enter' | 'link'; readonly user: User; readonly reasons: readonly string[] } & Settled)
  | ({ readonly action: 'create'; readonly reasons: readonly string[] } & Settled)
  /** Nobody enters yet: whoever this is may sign in once as `user`, and so prove that both are one person. */
  | { readonly action: 'prove'; readonly user: User; readonly reasons: readonly string[] }
  | { readonly action: 'refuse'; readonly code: ErrorCode; readonly reasons: readonly string[] }

/**
 * A domain that some connections claim belongs to those alone; an unclaimed one only to a connection that proves mailboxes itself
 * (password). So an upstream never speaks for a domain nobody gave it (nOAuth, ID-01, ID-02).
 */
export function linkingPolicy(tenant: Tenant, settings: ConnectionSettings, provesMailboxes: boolean): LinkingPolicy {
  return {
    connection: settings.id,
    connections: tenant.connections.map(({ id }) => id),
    createUsers: settings.createUsers,
    maySpeakFor: (domain) => {
      const claimants = connectionsForDomain(tenant, domain)
      return claimants.length === 0 ? provesMailboxes : claimants.some(({ id }) => id === settings.id)
    },
  }
}

export function resolveUser(identity: Identity, found: Found, policy: LinkingPolicy): Decision {
  const { email } = identity.profile
  const domain = email === undefined ? undefined : domainOf(email.address)
  const proven = email?.verified === true && domain !== undefined && policy.maySpeakFor(domain)
  const reasons: string[] = [emailReason(email, domain, proven, policy)]
  const refuse = (code: ErrorCode, reason: string): Decision => ({
    action: 'refuse',
    code,
    reasons: [...reasons, reason],
  })

  if (found.byIdentity !== null) {
    if (found.byIdentity.status === 'blocked') return refuse('user_blocked', 'the user of this identity is blocked')
    reasons.push('this identity has signed in before: same issuer, same subject')
    return {
      action: 'enter',
      user: found.byIdentity,
      ...settle(found.byIdentity, identity.profile, proven, found, policy, reasons),
      reasons,
    }
  }

  const [holder, ...others] = found.byEmail
  if (holder !== undefined) {
    const prove = (reason: string): Decision => ({ action: 'prove', user: holder, reasons: [...reasons, reason] })
    const unproven = 'someone has proven this email, and this connection cannot prove it'
    if (others.length > 0) return refuse('link_refused', proven ? 'several users have proven this email' : unproven)
    // who cannot prove the email learns nothing about its holder, not even that they are blocked (ID-10)
    if (holder.status === 'blocked')
      return proven
        ? refuse('user_blocked', 'the user with this proven email is blocked')
        : refuse('link_refused', unproven)
    if (!proven) return prove(unproven)
    if (found.unlinkedBy?.includes(holder.id)) return prove('the user who has this email took this identity away')
    reasons.push('the email is proven on both sides: linked to the user who has it')
    return {
      action: 'link',
      user: holder,
      profile: mergeProfile(holder.profile, identity.profile, policy),
      emailProven: true,
      reasons,
    }
  }

  if (!policy.createUsers) return refuse('user_unknown', `connection ${policy.connection} lets no new people in`)
  reasons.push('nobody has this identity, nobody has proven this email: a new user')
  return { action: 'create', profile: mergeProfile({}, identity.profile, policy), emailProven: proven, reasons }
}

/**
 * Whether an identity becomes one more way in for a user who proved to have both: by signing in as the user to answer `prove`, or by
 * adding it from the signed-in page. Its email does not matter for that; the user keeps the one they have, unless only the new one is proven.
 */
export function joinUser(user: User, identity: Identity, found: Found, policy: LinkingPolicy): Decision {
  const { email, ...rest } = identity.profile
  const domain = email === undefined ? undefined : domainOf(email.address)
  const proven = email?.verified === true && domain !== undefined && policy.maySpeakFor(domain)
  if (user.status === 'blocked') return { action: 'refuse', code: 'user_blocked', reasons: ['the user is blocked'] }
  if (found.byIdentity !== null && found.byIdentity.id !== user.id)
    return { action: 'refuse', code: 'identity_taken', reasons: ['another user has this identity'] }
  const keep = user.profile.email !== undefined && (user.emailProven || !proven)
  const reasons = [
    found.byIdentity === null ? 'linked: the user proved to have both' : 'the user has this identity already',
  ]
  const settled = settle(user, keep ? rest : identity.profile, proven, found, policy, reasons)
  return { action: found.byIdentity === null ? 'link' : 'enter', user, ...settled, reasons }
}

function emailReason(
  email: Profile['email'],
  domain: string | undefined,
  proven: boolean,
  policy: LinkingPolicy,
): string {
  if (email === undefined) return `connection ${policy.connection} told no email`
  if (!email.verified) return `connection ${policy.connection} did not say that the email is verified`
  return proven
    ? `the email is verified, and connection ${policy.connection} may speak for ${domain}`
    : `the email is verified, but connection ${policy.connection} may not speak for ${domain}`
}

/** The user's profile after this login. An email that is not proven never replaces a proven one, nor one that another user has proven. */
function settle(
  user: User,
  profile: Profile,
  proven: boolean,
  found: Found,
  policy: LinkingPolicy,
  reasons: string[],
): Settled {
  const { email, ...rest } = profile
  const taken = found.byEmail.some(({ id }) => id !== user.id)
  const keep = email === undefined || (user.emailProven && !proven) || taken
  if (email !== undefined && keep && email.address !== user.profile.email?.address)
    reasons.push('the email known before is kept')
  if (!keep) return { profile: mergeProfile(user.profile, profile, policy), emailProven: proven }
  return { profile: mergeProfile(user.profile, rest, policy), emailProven: user.emailProven }
}
