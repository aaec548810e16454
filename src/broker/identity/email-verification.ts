/** Whether an identity proves its email: verified, and of a domain its connection owns. Pure. */
import { domainOf, type Profile, type UserProfile } from '../../profile/profile.ts'
import type { Identity } from '../../provider/provider.ts'
import { type ConnectionSettings, connectionsForDomain, type Tenant } from '../../tenant.ts'
import type { User } from '../ports/users.ts'
import type { DomainProof } from './domain-verification.ts'

/** For which domains a connection may speak, and whether it creates users. */
export interface LinkingPolicy {
  readonly connection: string
  readonly isAuthoritativeFor: (domain: string) => boolean
  /** The connection has no `domains`. Default false. */
  readonly claimsNoDomain?: boolean
  /** Whether a connection of the tenant claims the domain (`domains`). Default: no. */
  readonly isClaimed?: (domain: string) => boolean
  /** The DNS proof of the email's domain, if this connection claims it. */
  readonly domainProof?: DomainProof | undefined
  readonly proofRequired?: boolean
  /** Default: supplied permissions are not stored by connection. */
  readonly now?: Date
  // The tenant's connections: attributes from removed ones may be replaced. Default: any.
  readonly connections?: readonly string[]
  readonly createUsers: boolean
}

/**
 * A claimed domain belongs to the connections that claim it. An unclaimed one belongs to a
 * connection that verifies mailboxes itself (password) and to an upstream that hosts them
 * (`authoritativeDomains`). Other upstreams cannot speak for it (nOAuth, ID-01, ID-02).
 */
export function linkingPolicy(
  tenant: Tenant,
  { id: connection, domains, createUsers }: ConnectionSettings,
  verifiesMailboxes: boolean,
  domainProof?: DomainProof,
): LinkingPolicy {
  const claimantsOf = (domain: string) => connectionsForDomain(tenant, domain)
  return {
    connection,
    createUsers,
    domainProof,
    connections: tenant.connections.map(({ id }) => id),
    isAuthoritativeFor: (domain) => {
      const claimants = claimantsOf(domain)
      return claimants.length === 0 ? verifiesMailboxes : claimants.some(({ id }) => id === connection)
    },
    claimsNoDomain: domains.length === 0 && !verifiesMailboxes,
    isClaimed: (domain) => claimantsOf(domain).length > 0,
    proofRequired: tenant.domainProof === 'required' && !verifiesMailboxes,
  }
}

/** Why an email is not proven: not verified, outside the connection's domains, or no DNS proof. */
export type UnverifiedReason = 'unverified' | 'foreign domain' | 'domain unproven'

/** `reason` is for traces; `why` selects the text for the user. */
type AccessDecision =
  | { readonly proven: true; readonly reason: string }
  | { readonly proven: false; readonly reason: string; readonly why: UnverifiedReason }

/** A proven email counts as verified. */
export type EmailDecision = AccessDecision & { readonly profile: Profile }

export function resolveEmailVerified(identity: Identity, policy: LinkingPolicy): EmailDecision {
  const { profile } = identity
  const { email } = profile
  if (email === undefined)
    return { proven: false, why: 'unverified', reason: `connection ${policy.connection} sent no email`, profile }
  const decision = verifyEmail(email, identity, policy)
  return { ...decision, profile: decision.proven ? { ...profile, email: { ...email, verified: true } } : profile }
}

/**
 * The profile as released to apps: `verified` says whether the email is *proven*, whatever the
 * upstream said. Otherwise any upstream could vouch for any email (nOAuth, ID-01, ID-02).
 */
export function releasedProfile({ profile, emailProven }: Pick<User, 'profile' | 'emailProven'>): UserProfile {
  const { email } = profile
  if (email === undefined || email.verified === emailProven) return profile
  return { ...profile, email: { ...email, verified: emailProven } }
}

function verifyEmail(email: NonNullable<Profile['email']>, identity: Identity, policy: LinkingPolicy): AccessDecision {
  const { authoritativeDomains, emailVerificationUnknown } = identity
  const domain = domainOf(email.address)
  const claimed = policy.isClaimed?.(domain) ?? false
  const speaks = policy.isAuthoritativeFor(domain)
  const { proven: domainProven = false, words = 'is not proven by DNS TXT' } = policy.domainProof ?? {}
  const who = `connection ${policy.connection}`
  const no = (why: UnverifiedReason, reason: string): AccessDecision => ({ proven: false, why, reason })
  const yes = (reason: string): AccessDecision => ({ proven: true, reason })

  if (!email.verified) {
    const unsaid = `${who} did not say that the email is verified`
    if (emailVerificationUnknown !== true || !claimed || !speaks) return no('unverified', unsaid)
    if (!domainProven) return no('domain unproven', `${unsaid} (it never does), and domain ${domain} ${words}`)
    return yes(`domain ${domain} ${words}: ${who} speaks for it, though it does not say which emails are verified`)
  }
  if (!claimed && authoritativeDomains?.includes(domain) === true)
    return yes(`the email is verified, and the upstream of ${who} hosts the mailboxes of ${domain}`)
  if (!speaks && policy.claimsNoDomain === true) {
    const none = `emails are verified by this upstream, but ${who} speaks for no domain`
    return no('foreign domain', `${none}: it may not speak for ${domain} until its domains list it`)
  }
  if (!speaks) return no('foreign domain', `the email is verified, but ${who} may not speak for ${domain}`)
  if (claimed && policy.proofRequired === true && !domainProven)
    return no(
      'domain unproven',
      `the email is verified, but domain ${domain} ${words}, which this organization requires`,
    )
  const proof = domainProven ? `; domain ${domain} ${words}` : ''
  return yes(`the email is verified, and ${who} may speak for ${domain}${proof}`)
}
