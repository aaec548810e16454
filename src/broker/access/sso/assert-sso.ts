/** Enforces `ssoOnly` wherever a user signs in, or gets a credential or a sign-in method. */
import { GatehouseError } from '../../../errors.ts'
import type { Tenant } from '../../../tenant.ts'
import { methodName } from '../../identity/notify-owner.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { User, UserIdentity } from '../../ports/users.ts'
import { decideSso, isBreakGlassEmail, isSsoOnlyEmail, type SsoDecision } from './decide-sso.ts'

export type SsoPorts = Ports<'connections' | 'users'>

/** `sso_required`, with the connection that the page offers. */
export class SsoRequired extends GatehouseError {
  /** Undefined if no connection serves the domain. */
  readonly connection: string | undefined

  constructor(domain: string, connection: string | undefined, text: string) {
    super('sso_required', `users of ${domain} sign in by their connection only (ssoOnly)`, { text })
    this.connection = connection
  }
}

export interface SsoUse {
  readonly tenant: Tenant
  /** Id of the connection that the user signs in with or adds, or `passkey`. */
  readonly connection: string
  /** The address that the connection asserts. */
  readonly asserted?: string | undefined
  /** The user as after this sign-in; without an ID if the sign-in creates the user. */
  readonly user: Pick<User, 'emailProven' | 'profile'> & { readonly id?: string }
}

/**
 * Throws `sso_required`. Reads the user's identities, if the tenant has the setting. The outcome
 * `break-glass` is to be reported once the user is signed in (report-break-glass.ts).
 */
export async function assertSsoAllowed(
  ports: SsoPorts,
  { tenant, connection, asserted, user }: SsoUse,
): Promise<Exclude<SsoDecision, { outcome: 'refused' }>> {
  if (tenant.ssoOnly === undefined) return { outcome: 'allowed' }
  const identities = user.id === undefined ? [] : await ports.users.identitiesOf(tenant.id, user.id)
  const decision = decideSso(tenant, {
    connection,
    asserted,
    emails: knownEmails(user, identities, asserted),
    proven: user.emailProven && user.profile.email !== undefined ? [user.profile.email.address] : [],
  })
  if (decision.outcome === 'refused') throw ssoRequired(ports, tenant, decision)
  return decision
}

/** The addresses by which a user is known: their own, and those of their sign-in methods. */
export function knownEmails(
  user: Pick<User, 'profile'>,
  identities: readonly Pick<UserIdentity, 'profile'>[],
  asserted?: string,
): readonly string[] {
  const known = [user.profile, ...identities.map(({ profile }) => profile)].map((profile) => profile.email?.address)
  return [...new Set([...known, asserted].filter((address) => address !== undefined))]
}

/**
 * The `sso_required` of an address, decided before any user is read, so that the answer does not
 * tell whether there is one (PW-01). Undefined if the address is free to use, or may be a
 * break-glass user's.
 */
export function ssoRequiredFor(
  ports: Ports<'connections'>,
  tenant: Tenant,
  connection: string,
  email: string,
): SsoRequired | undefined {
  if (isBreakGlassEmail(tenant, email)) return undefined
  const decision = decideSso(tenant, { connection, asserted: email, emails: [email], proven: [] })
  return decision.outcome === 'refused' ? ssoRequired(ports, tenant, decision) : undefined
}

/**
 * The `sso_required` of an emailed code. Break-glass users get none either: an email would reveal
 * them (PW-01).
 */
export function mailSsoRequired(ports: Ports<'connections'>, tenant: Tenant, email: string): SsoRequired | undefined {
  return ssoRequiredOf(ports, tenant, email)
}

/**
 * The error of a password attempt with an address of the domain: for a wrong password of a
 * break-glass user too, as the answer would name these users (PW-01).
 */
export function passwordSsoRequired(ports: Ports<'connections'>, tenant: Tenant, email: string) {
  const more = 'Passwords work for emergency access only: if you have it, check yours and try again.'
  return ssoRequiredOf(ports, tenant, email, more)
}

/** The same for every user of the domain. */
function ssoRequiredOf(ports: Ports<'connections'>, tenant: Tenant, email: string, more?: string) {
  if (!isSsoOnlyEmail(tenant, email)) return undefined
  const decision = decideSso(tenant, { connection: '', emails: [email], proven: [] })
  return decision.outcome === 'refused' ? ssoRequired(ports, tenant, decision, more) : undefined
}

function ssoRequired(
  { connections }: Ports<'connections'>,
  tenant: Tenant,
  { domain, connections: [id] }: Extract<SsoDecision, { outcome: 'refused' }>,
  more?: string,
): SsoRequired {
  const label = id === undefined ? undefined : methodName(connections.get(tenant.id, id))
  const text =
    label === undefined
      ? `Users of ${domain} sign in by the connection of their organization, and none is set up. Contact your administrator.`
      : `Users of ${domain} sign in with ${label}.`
  return new SsoRequired(domain, id, more === undefined ? text : `${text} ${more}`)
}
