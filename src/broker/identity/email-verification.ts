/** Whether what an upstream said proves an email, and why: a verified address, of a domain its connection may speak for. Pure. */
import { domainOf, type Profile, type UserProfile } from '../../profile/profile.ts'
import type { Identity } from '../../provider/provider.ts'
import { type ConnectionSettings, connectionsForDomain, type Tenant } from '../../tenant.ts'
import type { User } from '../ports/users.ts'
import type { DomainProof } from './domain-verification.ts'

export interface EmailAuthorityPolicy {
  readonly connection: string
  readonly isAuthoritativeFor: (domain: string) => boolean
  /** The connection lists no `domains` at all. Default false. */
  readonly claimsNoDomain?: boolean
  /** Some connection of the tenant claims it (`domains`). Default: none does. */
  readonly isClaimed?: (domain: string) => boolean
  /** What is known of the email's domain, where this connection claims it. Default: nothing. */
  readonly domainProof?: DomainProof | undefined
  /** A claimed domain has to be proven too. Default false. */
  readonly proofRequired?: boolean
}

/**
 * A domain that some connections claim belongs to those alone; an unclaimed one to a connection that proves mailboxes itself (password),
 * and to an upstream that keeps the very mailboxes (`authoritativeDomains`). So an upstream never speaks for a domain nobody gave it
 * (nOAuth, ID-01, ID-02). Who proves mailboxes by mailed links needs no record in the DNS.
 */
export function emailAuthorityPolicy(
  tenant: Tenant,
  settings: ConnectionSettings,
  verifiesMailboxes: boolean,
  domainProof?: DomainProof,
): EmailAuthorityPolicy {
  const claimantsOf = (domain: string) => connectionsForDomain(tenant, domain)
  return {
    connection: settings.id,
    isAuthoritativeFor: (domain) => {
      const claimants = claimantsOf(domain)
      return claimants.length === 0 ? verifiesMailboxes : claimants.some(({ id }) => id === settings.id)
    },
    claimsNoDomain: settings.domains.length === 0 && !verifiesMailboxes,
    isClaimed: (domain) => claimantsOf(domain).length > 0,
    domainProof,
    proofRequired: tenant.domainProof === 'required' && !verifiesMailboxes,
  }
}

/** Why an email is not proven: nobody said that it is verified, or it is of a domain the connection may not speak for, or only once the DNS proves it. */
export type UnverifiedReason = 'unverified' | 'foreign domain' | 'domain unproven'

/** For traces the reason is a sentence; whoever tells a person says it in their own words, by `why`. */
type AccessDecision =
  | { readonly proven: true; readonly reason: string }
  | { readonly proven: false; readonly reason: string; readonly why: UnverifiedReason }

/** The profile as it is believed: an email that is proven is verified, whoever proved it. */
export type EmailDecision = AccessDecision & { readonly profile: Profile }

export function resolveEmailVerified(identity: Identity, policy: EmailAuthorityPolicy): EmailDecision {
  const { profile } = identity
  const { email } = profile
  if (email === undefined)
    return { proven: false, why: 'unverified', reason: `connection ${policy.connection} told no email`, profile }
  const decision = verifyEmail(email, identity, policy)
  return { ...decision, profile: decision.proven ? { ...profile, email: { ...email, verified: true } } : profile }
}

/**
 * The profile as apps and people are told it: its email is verified where it is *proven*, whatever the upstream that told it said. Else an
 * upstream that may speak for nobody would speak to every app (nOAuth, ID-01, ID-02).
 */
export function releasedProfile({ profile, emailProven }: Pick<User, 'profile' | 'emailProven'>): UserProfile {
  const { email } = profile
  if (email === undefined || email.verified === emailProven) return profile
  return { ...profile, email: { ...email, verified: emailProven } }
}

function verifyEmail(
  { address, verified }: NonNullable<Profile['email']>,
  { authoritativeDomains, emailVerificationUnknown }: Identity,
  policy: EmailAuthorityPolicy,
): AccessDecision {
  const domain = domainOf(address)
  const claimed = policy.isClaimed?.(domain) ?? false
  const speaks = policy.isAuthoritativeFor(domain)
  const { proven: domainProven = false, words = 'is not proven by DNS TXT' } = policy.domainProof ?? {}
  const who = `connection ${policy.connection}`
  const no = (why: UnverifiedReason, reason: string): AccessDecision => ({ proven: false, why, reason })
  const yes = (reason: string): AccessDecision => ({ proven: true, reason })

  if (!verified) {
    const unsaid = `${who} did not say that the email is verified`
    if (emailVerificationUnknown !== true || !claimed || !speaks) return no('unverified', unsaid)
    if (!domainProven) return no('domain unproven', `${unsaid} (nothing is told of it), and domain ${domain} ${words}`)
    return yes(`domain ${domain} ${words}: ${who} speaks for it, though it does not tell which emails are verified`)
  }
  if (!claimed && authoritativeDomains?.includes(domain) === true)
    return yes(`the email is verified, and the upstream of ${who} keeps the mailboxes of ${domain}`)
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
