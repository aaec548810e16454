/** `ssoOnly`: whether a user may sign in by a connection. Pure. */
import { domainOf } from '../../../profile/profile.ts'
import { type ConnectionSettings, connectionsForDomain, type Tenant } from '../../../tenant.ts'
import type { User } from '../../ports/users.ts'

export interface SsoQuestion {
  /** Id of the connection that the user signs in with, or `passkey`. */
  readonly connection: string
  /** The address that the connection asserts, if any. */
  readonly asserted?: string | undefined
  /** All canonical addresses by which the user is known, proven or not. */
  readonly emails: readonly string[]
  /** Addresses that the user has proven: only these can name a break-glass user. */
  readonly proven: readonly string[]
}

export type SsoDecision =
  | { readonly outcome: 'allowed' }
  | { readonly outcome: 'break-glass'; readonly email: string }
  /** `connections`: ids of those that serve the domain, first choice first. May be empty. */
  | { readonly outcome: 'refused'; readonly domain: string; readonly connections: readonly string[] }

/** A connection counts only for a domain it serves, and not while it asserts a foreign address. */
export function decideSso(tenant: Tenant, question: SsoQuestion): SsoDecision {
  const { ssoOnly } = tenant
  if (ssoOnly === undefined) return { outcome: 'allowed' }
  const domains = [...new Set(question.emails.map(domainOf))].filter((domain) => ssoOnly.domains.includes(domain))
  const refusing = domains.find((domain) => !isSatisfied(tenant, domain, question))
  if (refusing === undefined) return { outcome: 'allowed' }
  const email = question.proven.find((address) => ssoOnly.except.includes(address))
  if (email !== undefined) return { outcome: 'break-glass', email }
  return { outcome: 'refused', domain: refusing, connections: ssoConnections(tenant, refusing).map(({ id }) => id) }
}

function isSatisfied(tenant: Tenant, domain: string, { connection, asserted }: SsoQuestion): boolean {
  const used = ssoConnections(tenant, domain).find(({ id }) => id === connection)
  return used !== undefined && (asserted === undefined || used.domains.includes(domainOf(asserted)))
}

/** Gatehouse's own methods prove a mailbox or a device, not that the organization agrees. */
const ownKinds: ReadonlySet<string> = new Set(['password', 'email', 'passkey'])

/** The connections by which users of the domain may sign in, in the tenant's order. */
export function ssoConnections(tenant: Tenant, domain: string): readonly ConnectionSettings[] {
  return connectionsForDomain(tenant, domain).filter(({ kind }) => !ownKinds.has(kind))
}

/** Whether the address alone binds its user to a connection, whether or not the user exists. */
export function isSsoOnlyEmail({ ssoOnly }: Tenant, email: string): boolean {
  return ssoOnly?.domains.includes(domainOf(email)) === true
}

export function isBreakGlassEmail({ ssoOnly }: Tenant, email: string): boolean {
  return ssoOnly?.except.includes(email) === true
}

/** Answers about a domain with a break-glass user must not tell which address it is. */
export function hasBreakGlassUser({ ssoOnly }: Tenant, domain: string): boolean {
  return ssoOnly?.except.some((email) => domainOf(email) === domain) === true
}

/** Whether the connection serves a domain that is `ssoOnly`: its sign-ins confirm API tokens. */
export function isSsoConnection(tenant: Tenant, { id }: Pick<ConnectionSettings, 'id'>): boolean {
  const domains = tenant.ssoOnly?.domains ?? []
  return domains.some((domain) => ssoConnections(tenant, domain).some((each) => each.id === id))
}

/**
 * The `ssoOnly` domains of all addresses by which a user is known. None for a break-glass user.
 * @param others addresses of the user's sign-in methods
 */
export function ssoDomainsOf(
  tenant: Tenant,
  { profile: { email }, emailProven }: SsoUser,
  others: readonly string[],
): readonly string[] {
  if (email !== undefined && emailProven && isBreakGlassEmail(tenant, email.address)) return []
  const known = email === undefined ? others : [email.address, ...others]
  return [...new Set(known.filter((address) => isSsoOnlyEmail(tenant, address)).map(domainOf))]
}

type SsoUser = Pick<User, 'profile' | 'emailProven'>
