/** A customer organization as its YAML file describes it, checked and filled in. */

import type { ProfileMapping } from './profile/mapping.ts'

/** A connection's settings: common ones, and those parsed by its provider's schema. */
export interface ConnectionSettings {
  readonly id: string
  readonly kind: string
  /** The button's text, when the brand's own wording is not wanted. */
  readonly label: string | undefined
  // Email domains, lower case, that this connection serves and may speak for.
  readonly domains: readonly string[]
  /**
   * Why `domains` is empty, if not for want of a key: written as [], or not possible as `shared`.
   */
  readonly noDomains?: 'chosen' | 'shared'
  /** Show a button; when false the connection is reached by email domain or direct link only. */
  readonly button: boolean
  /** Reached by direct link only, not by email domain either. Default false. */
  readonly hidden?: boolean
  /** Offered in these browsers only. Default: all. */
  readonly browsers?: readonly BrowserName[]
  /** Whether a first login creates a user. */
  readonly createUsers: boolean
  /** Default: the tenant's. */
  readonly linking?: LinkingRule
  /** When the client secret ends at the upstream, as the tenant wrote it. */
  readonly secretExpires?: Date
  /** How often the upstream is asked again about users with sessions. Default: never. */
  readonly recheckSeconds?: number
  /** The tenant's own attribute mapping. */
  readonly profile?: ProfileMapping | undefined
  /** When its evidence counts as multi-factor. Default: the well-known values. */
  readonly mfaEvidence?: EvidenceRule
  /** The provider's own parsed config. */
  readonly config: unknown
}

export const browserNames = ['chrome', 'edge', 'firefox', 'safari'] as const
export type BrowserName = (typeof browserNames)[number]

/** Which users may add sign-in methods: none, those whose proven email matches, or any. */
export type LinkingRule = 'none' | 'verified' | 'any'

export interface SessionPolicy {
  /** Absolute limit, in seconds. */
  readonly lifetimeSeconds: number
  /** Idle limit, in seconds. */
  readonly idleSeconds: number
  /** Session and API tokens are accepted as `?token=` too. */
  readonly tokenInQuery: boolean
  /** Browsers send the cookie to pages of `returnOrigins` on other sites too. Default false. */
  readonly crossSite?: boolean
  /** Name of a cookie that holds the token itself. Default: none is accepted. */
  readonly tokenCookie?: string
  /** How long groups and roles count in sessions of other connections. Default 0: never. */
  readonly groupsFromOthersSeconds?: number
}

/** API tokens of the tenant's users. */
export interface TokenPolicy {
  /** How many a user may have. */
  readonly max: number
  readonly maxLifetimeSeconds: number
  /** Their owner is reminded to rotate older ones. */
  readonly rotateAfterSeconds: number
  /**
   * Tokens are rejected if the last confirmation by a connection with `recheckSeconds` is older.
   * Undefined: they need none.
   */
  readonly confirmWithinSeconds?: number | undefined
}

export const defaultTokenPolicy: TokenPolicy = {
  max: 100,
  maxLifetimeSeconds: 3650 * 86_400,
  rotateAfterSeconds: 365 * 86_400,
  confirmWithinSeconds: 30 * 86_400,
}

/** `acr` and `amr` values, any of which suffices. `none`: the upstream's factors never count. */
export type EvidenceRule = 'none' | { readonly acr?: readonly string[]; readonly amr?: readonly string[] }

export const enrollableMethods = ['passkey', 'totp'] as const
export type EnrollableMethod = (typeof enrollableMethods)[number]

/** Second factors of the tenant's users. */
export interface MfaPolicy {
  readonly required: 'none' | 'all' | { readonly roles: readonly string[] }
  /** Methods that users may set up and use. */
  readonly methods: readonly EnrollableMethod[]
  /** Until then, users without a factor may postpone the setup. */
  readonly graceUntil?: Date
  /** How long a recovery waits; 0: there is none. Default: a day. */
  readonly recoveryDelaySeconds?: number
  /** How long a browser may be remembered; 0: never. */
  readonly rememberSeconds: number
}

/** Policy of a tenant without `mfa:`. */
export const defaultMfaPolicy: MfaPolicy = {
  required: 'none',
  methods: enrollableMethods,
  rememberSeconds: 30 * 86_400,
}

/** Rules for the accounts of users. */
export interface AccountPolicy {
  /** Users may delete their account, and change their mind for this long. Absent: they may not. */
  readonly deletionSeconds?: number
}

const defaultAccountPolicy: AccountPolicy = { deletionSeconds: 14 * 86_400 }

export const recoveryDelayOf = ({ recoveryDelaySeconds = 86_400 }: MfaPolicy): number => recoveryDelaySeconds

export interface Tenant {
  readonly id: string
  readonly name: string
  /** Connections in the order of the file, which is the order of the buttons. */
  readonly connections: readonly ConnectionSettings[]
  /** Origins of apps a login may return to, such as `https://app.acme.test`, besides our own. */
  readonly returnOrigins: readonly string[]
  /** Pages of apps that emailed links may lead to, with the code in the fragment. Default: none. */
  readonly mailLinks?: readonly string[]
  readonly sessions: SessionPolicy
  /** Default `defaultTokenPolicy`. */
  readonly tokens?: TokenPolicy
  /** `required`: claimed domains count only with a DNS TXT proof. Default `advisory`. */
  readonly domainProof?: 'required' | 'advisory'
  /** Linking rule of connections without one of their own. Default any. */
  readonly linking?: LinkingRule
  /** How long audit events are kept. Default: `defaultAuditRetentionSeconds`. */
  readonly auditRetentionSeconds?: number
  /** Default: users may delete their account, after 14 days. */
  readonly accounts?: AccountPolicy
  /** URL where users get help with signing in, shown on error pages. */
  readonly supportUrl: string | undefined
  /** Terms of service and privacy policy, linked below the pages for signing in and up. */
  readonly termsUrl?: string
  readonly privacyUrl?: string
  /** `color`: `#rrggbb`, dark enough for white text. Default: ours. */
  readonly branding?: { readonly color: string }
  /** Default: all. */
  readonly notifications?: { readonly newDevice: boolean }
  /** Default: no role but `member`, besides assigned ones. */
  readonly access?: AccessPolicy
  /** Default: no domain is bound to its connection. */
  readonly ssoOnly?: SsoOnlyPolicy
  /** Default `defaultMfaPolicy`. */
  readonly mfa?: MfaPolicy
  /** Default `defaultPasskeyPolicy`. */
  readonly passkeys?: PasskeyPolicy
}

/** Users of these domains sign in by a connection that serves the domain, and by nothing else. */
export interface SsoOnlyPolicy {
  readonly domains: readonly string[]
  /** Canonical addresses of break-glass users. */
  readonly except: readonly string[]
}

/** Stands for a connection in passkey sign-ins. No connection may have this ID. */
export const passkeyConnection = 'passkey'

/** Passkeys as a first factor. */
export interface PasskeyPolicy {
  /** Whether users may sign in with one. Default: in a tenant with passwords or emailed codes. */
  readonly signIn?: boolean
  /** Whether a page offers to create one after a password sign-in. */
  readonly offer: boolean
}

export const defaultPasskeyPolicy: PasskeyPolicy = { offer: true }

export const passkeyPolicyOf = ({ passkeys }: Tenant): PasskeyPolicy => passkeys ?? defaultPasskeyPolicy

/** A proven email, or a group that a connection of `groupsFrom` supplied. */
export type AccessEntry = { readonly email: string } | { readonly group: string }

/** Which users have a role by configuration. */
export interface AccessPolicy {
  readonly admin: readonly AccessEntry[]
  readonly developer: 'everyone' | readonly AccessEntry[]
  /** Connections whose groups count. */
  readonly groupsFrom: readonly string[]
  /** How long a group counts after its connection supplied it. */
  readonly groupsMaxAgeSeconds: number
}

/** 400 days, also for events of a tenant whose configuration is gone. */
export const defaultAuditRetentionSeconds = 400 * 86_400

/** Undefined: the well-known values count. */
export const evidenceRuleOf = (tenant: Tenant | undefined, connection: string): EvidenceRule | undefined =>
  tenant?.connections.find(({ id }) => id === connection)?.mfaEvidence

export const mfaPolicyOf = ({ mfa }: Pick<Tenant, 'mfa'>): MfaPolicy => mfa ?? defaultMfaPolicy

export const accountPolicyOf = ({ accounts }: Pick<Tenant, 'accounts'>): AccountPolicy =>
  accounts ?? defaultAccountPolicy

export const tokenPolicyOf = ({ tokens }: Tenant): TokenPolicy => tokens ?? defaultTokenPolicy

/** The connections that answer for an email domain, in the tenant's order. */
export function connectionsForDomain(tenant: Tenant, domain: string): readonly ConnectionSettings[] {
  return tenant.connections.filter((connection) => connection.domains.includes(domain))
}

/** Whether pages offer it to this browser: its button, and emails. Direct links work anyway. */
export function isOffered({ hidden, browsers }: ConnectionSettings, browser: BrowserName | undefined): boolean {
  if (hidden === true) return false
  return browsers === undefined || (browser !== undefined && browsers.includes(browser))
}

export function hasBrowserRules({ connections }: Tenant): boolean {
  return connections.some(({ browsers }) => browsers !== undefined)
}

/** Connections for users of an email domain, preferred first. */
export function routesForDomain(
  tenant: Tenant,
  domain: string,
  browser: BrowserName | undefined,
): readonly ConnectionSettings[] {
  return connectionsForDomain(tenant, domain).filter((connection) => isOffered(connection, browser))
}

/** Whether an email of the domain leads to the tenant. */
export function isFoundByDomain(tenant: Tenant, domain: string): boolean {
  return connectionsForDomain(tenant, domain).some(({ hidden }) => hidden !== true)
}

/** Undefined for a connection that speaks for a domain, or for none by choice. */
export function domainWarning({ domains, noDomains }: ConnectionSettings): string | undefined {
  if (domains.length > 0 || noDomains === 'chosen') return undefined
  const cure =
    noDomains === 'shared'
      ? 'a shared connection has none: where they matter, write the keys of the connection in the tenant file in place of shared, with domains'
      : 'list theirs in domains; to keep this, write domains: []'
  return `where emails are verified by this upstream, apps still get email_verified: false, since the connection speaks for no domain; ${cure}`
}
