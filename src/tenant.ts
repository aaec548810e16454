/** A customer organization as its YAML file describes it, checked and filled in. */

import type { ProfileMapping } from './profile/mapping.ts'

/** A connection's settings: what every kind has, and what its provider's own schema made of the rest. */
export interface ConnectionSettings {
  readonly id: string
  readonly kind: string
  /** The button's text, when the brand's own wording is not wanted. */
  readonly label: string | undefined
  /** Email domains whose people are sent straight to this connection, and for whose addresses it may speak when linking. Lower case. */
  readonly domains: readonly string[]
  /** Show a button; when false the connection is reached by email domain or direct link only. */
  readonly button: boolean
  /** People never seen before get a user at their first login. */
  readonly createUsers: boolean
  /** Default: the tenant's. */
  readonly linking?: LinkingRule
  /** How the upstream's attributes become those of the profile, where the tenant wants it otherwise than the provider does. */
  readonly profile?: ProfileMapping | undefined
  /** The provider's own parsed config. */
  readonly config: unknown
}

/** Who may add further sign-in methods: nobody, users whose proven email both methods have, or any user. */
export type LinkingRule = 'none' | 'verified' | 'any'

export interface SessionPolicy {
  /** Absolute limit, in seconds. */
  readonly lifetimeSeconds: number
  /** Idle limit, in seconds. */
  readonly idleSeconds: number
  /** Session tokens are accepted as `?token=` too. */
  readonly tokenInQuery: boolean
  /** How long groups and roles count in sessions of connections that did not supply them. Default 0: never. */
  readonly groupsFromOthersSeconds?: number
}

export interface Tenant {
  readonly id: string
  readonly name: string
  /** In the order of the file, which is the order of the buttons. */
  readonly connections: readonly ConnectionSettings[]
  /** Origins of apps a login may return to, such as `https://app.acme.test`; our own origin always may. */
  readonly returnOrigins: readonly string[]
  readonly sessions: SessionPolicy
  /** Whether claimed domains (`domains`) count only once a DNS TXT record proves them. Default advisory: what the YAML says counts. */
  readonly domainProof?: 'required' | 'advisory'
  /** Of connections that have none of their own. Default any. */
  readonly linking?: LinkingRule
  /** Where people get help with signing in, shown on error pages. */
  readonly supportUrl: string | undefined
  /** Who may register apps for the tenant's people: proven email addresses and names of groups, or all. Default nobody. */
  readonly developers?: 'everyone' | 'nobody' | readonly string[] | undefined
}

/** The connections that answer for an email domain, in the tenant's order. */
export function connectionsForDomain(tenant: Tenant, domain: string): readonly ConnectionSettings[] {
  return tenant.connections.filter((connection) => connection.domains.includes(domain))
}

/** Said by `gatehouse check`, `gatehouse connection check` and traces alike. */
export const noDomainWarning =
  'where emails are verified by this upstream, apps still get email_verified: false, since the connection speaks for no domain; list theirs in domains'
