/** Addresses of emails to a user: those that are proven to be the user's. */
import { canonicalEmail, domainOf } from '../../../profile/profile.ts'
import { provesMailbox } from '../../connections.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { User, UserIdentity } from '../../ports/users.ts'
import type { UserKey } from '../../session/session.ts'
import { linkingPolicy, resolveEmailVerified } from '../email-verification.ts'

export type UserAddressPorts = Ports<'connections' | 'domainProof' | 'users'>

/**
 * The proven addresses of a user: of the profile, of identities whose connection may speak for
 * their domain, and of the password's mailbox. Never one that only an upstream claimed. Identities
 * that are suspended may be an attacker's and do not count.
 */
export async function userAddresses(ports: UserAddressPorts, { tenant, userId }: UserKey): Promise<readonly string[]> {
  const [user, identities] = await Promise.all([
    ports.users.find(tenant, userId),
    ports.users.identitiesOf(tenant, userId),
  ])
  if (user === null) return []
  const proven = await Promise.all(identities.map((identity) => provenAddress(ports, user, identity)))
  const found = [...provenAddresses([user]), ...proven.filter((address) => address !== undefined)]
  return [...new Set(found)].filter((address) => canonicalEmail(address) === address)
}

async function provenAddress(
  { connections, domainProof }: UserAddressPorts,
  { tenant: tenantId }: User,
  { connection, profile, issuer, subject, suspendedAt }: UserIdentity,
): Promise<string | undefined> {
  const tenant = connections.tenants().find(({ id }) => id === tenantId)
  const settings = tenant?.connections.find(({ id }) => id === connection)
  if (tenant === undefined || settings === undefined || suspendedAt !== undefined) return undefined
  if (profile.email === undefined) return undefined
  const { address, verified } = profile.email
  // the owner of the mailbox opened an emailed link, or typed an emailed code
  if (provesMailbox(connections.get(tenantId, connection))) return verified ? address : undefined
  const domain = domainOf(address)
  const proof = settings.domains.includes(domain) ? await domainProof(tenantId, domain) : undefined
  const policy = linkingPolicy(tenant, settings, false, proof)
  return resolveEmailVerified({ issuer, subject, profile }, policy).proven ? address : undefined
}

/** The proven emails of the users' profiles. */
export function provenAddresses(users: readonly User[]): readonly string[] {
  const proven = users.flatMap(({ emailProven, profile: { email } }) => (emailProven && email ? [email.address] : []))
  return [...new Set(proven)]
}
