import type { Identity } from '../../provider/provider.ts'
import type { Tenant } from '../../tenant.ts'
import { recordAudit } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { type LinkingPolicy, resolveEmailVerified } from './email-verification.ts'
import type { LinkConstraints, LoginCandidate } from './login-candidate.ts'
import type { IdentityLookup } from './resolve-user.ts'

export type FindUserPorts = Ports<'audit' | 'now' | 'users'>

export interface IdentitySearch {
  readonly candidate: LoginCandidate
  readonly excludedUserIds?: LinkConstraints['excludedUserIds']
  readonly actor?: LinkConstraints['actor']
}

/**
 * Finds the user. Ends a revocation if the upstream that made it has authenticated the user since.
 */
export async function findAndReinstate(
  ports: FindUserPorts,
  tenant: Tenant,
  search: IdentitySearch,
  policy: LinkingPolicy,
): Promise<IdentityLookup> {
  const { identity, startedAt } = search.candidate
  const found = await find(ports, tenant, search, policy)
  const user = found.byIdentity
  if (user?.status !== 'revoked' || startedAt === undefined) return found
  if (!(await ports.users.reinstate(user, identity, startedAt))) return found
  await recordAudit(ports, {
    tenant: tenant.id,
    action: 'user.reinstated',
    actor: user.id,
    target: user.id,
    details: { issuer: identity.issuer },
    before: { status: 'revoked' },
    after: { status: 'active' },
  })
  return find(ports, tenant, search, policy)
}

async function find(
  ports: FindUserPorts,
  { id: tenant, connections }: Tenant,
  { candidate: { identity }, excludedUserIds = [] }: IdentitySearch,
  policy: LinkingPolicy,
): Promise<IdentityLookup> {
  const email = identity.profile.email?.address
  const byIdentity = await ports.users.findByIdentity(tenant, identity.issuer, identity.subject)
  const isSettled = email === undefined || (byIdentity !== null && keepsEmail(byIdentity, identity, policy))
  const byEmail = isSettled ? [] : await ports.users.findByProvenEmail(tenant, email)
  if (byIdentity !== null) return { byIdentity, byEmail }
  if (byEmail.length > 0) return { byIdentity, byEmail, unlinkedBy: await ports.users.unlinkedBy(tenant, identity) }
  if (excludedUserIds === 'any' || email === undefined || !mayBeVerified(identity)) return { byIdentity, byEmail }
  const existingUsers = await ports.users.findByVerifiedEmail(tenant, email, maxExistingUsers)
  return {
    byIdentity,
    byEmail,
    byVerifiedEmail: await usersAbleToSignIn(ports, existingUsers, connections),
    excludedUserIds,
  }
}

/** Whether the login changes nothing about the user's email: then no other user of it matters. */
function keepsEmail({ profile, emailProven }: User, identity: Identity, policy: LinkingPolicy): boolean {
  const [known, asserted] = [profile.email, identity.profile.email]
  if (asserted === undefined || known?.address !== asserted.address) return false
  const isSameAssertion = known.verified === asserted.verified && profile.sources?.email === policy.connection
  return emailProven || (isSameAssertion && !resolveEmailVerified(identity, policy).proven)
}

const maxExistingUsers = 5

/** If the upstream does not say whether emails are verified, the domain may prove them. */
function mayBeVerified({ profile, emailVerificationUnknown }: Identity): boolean {
  return profile.email?.verified === true || emailVerificationUnknown === true
}

async function usersAbleToSignIn(
  { users }: Ports<'users'>,
  existingUsers: readonly User[],
  connections: Tenant['connections'],
): Promise<readonly User[]> {
  const live = new Set(connections.map(({ id }) => id))
  const identities = await Promise.all(existingUsers.map(({ tenant, id }) => users.identitiesOf(tenant, id)))
  return existingUsers.filter((_, place) =>
    identities[place]?.some(({ connection, suspendedAt }) => suspendedAt === undefined && live.has(connection)),
  )
}
