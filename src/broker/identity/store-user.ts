/** Turns the decision of `resolveUser` into rows: the one place where users come to be, are linked and kept up to date. */

import { GatehouseError } from '../../errors.ts'
import { domainOf } from '../../profile/profile.ts'
import type { Identity } from '../../provider/provider.ts'
import type { LinkingRule, Tenant } from '../../tenant.ts'
import type { OpenConnection } from '../connections.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { User, UserIdentity } from '../ports/users.ts'
import { isLive, type Session } from '../session/session.ts'
import type { AttemptTrace } from '../trace.ts'
import { findAndReinstate } from './find-user.ts'
import { isLinkingUnrestricted, strictestLinkingRule } from './linking-rule.ts'
import { type LinkConstraints, LinkProofRequired, type LoginCandidate } from './login-candidate.ts'
import type { NotifyOwnerPorts } from './notify-owner.ts'
import { notifyOwner } from './notify-owner.ts'
import {
  type Decision,
  type IdentityLookup,
  joinUser,
  type LinkingPolicy,
  linkingPolicy,
  resolveUser,
} from './resolve-user.ts'

export type StoreUserPorts = NotifyOwnerPorts & Pick<CorePorts, 'domainProof' | 'random' | 'sessions' | 'users'>

/**
 * The user behind an identity, created or linked as the policy says. Throws `user_blocked`, `user_unknown`, `link_refused` (as
 * `LinkProofRequired` where the person can be asked), `link_mismatch`.
 */
export function resolveAndStoreUser(
  ports: StoreUserPorts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  trace: AttemptTrace,
  { allowedUserIds, excludedUserIds }: LinkConstraints = {},
): Promise<User> {
  const decide = async (found: IdentityLookup, policy: LinkingPolicy) => {
    const existingUsers = found.byIdentity === null ? [...found.byEmail, ...(found.byVerifiedEmail ?? [])] : []
    const rules = await rulesOf(ports, connection.tenant, connection.settings.id, existingUsers)
    const decision = resolveUser(candidate.identity, { ...found, rules }, policy)
    trace.addReasons(decision.reasons)
    if (allowedUserIds === undefined || decision.action === 'refuse') return decision
    if ((decision.action === 'enter' || decision.action === 'link') && allowedUserIds.includes(decision.user.id))
      return decision
    trace.addReasons([...decision.reasons, 'this is not a user the waiting identity may be linked to'])
    throw new GatehouseError('link_mismatch', 'signed in as another user than one who has the email')
  }
  return decideAndStore(ports, connection, candidate, decide, excludedUserIds)
}

/** Reads nothing where the tenant restricts no linking. */
async function rulesOf(
  { users }: Pick<CorePorts, 'users'>,
  tenant: Tenant,
  connection: string,
  existingUsers: readonly User[],
): Promise<ReadonlyMap<string, LinkingRule>> {
  if (existingUsers.length === 0 || isLinkingUnrestricted(tenant)) return new Map()
  const rules = existingUsers.map(async ({ id }) => {
    const identities = await users.identitiesOf(tenant.id, id)
    return [
      id,
      strictestLinkingRule(tenant, [connection, ...identities.map((identity) => identity.connection)]),
    ] as const
  })
  return new Map(await Promise.all(rules))
}

/** Throws `linking_refused` where an identity with this proven email could be linked to nobody: before a password is stored for it. */
export async function assertLinkable(
  ports: StoreUserPorts,
  { tenant, settings }: OpenConnection,
  email: string,
): Promise<void> {
  const existingUsers = isLinkingUnrestricted(tenant) ? [] : await ports.users.findByProvenEmail(tenant.id, email)
  const rules = await rulesOf(ports, tenant, settings.id, existingUsers)
  if ([...rules.values()].includes('none'))
    throw new GatehouseError('linking_refused', 'the linking rule of the connections allows the user no password')
}

/** Links an identity to the session's user, who proved to have both. Throws `identity_taken`, `session_invalid`, `user_*`. */
export function joinIdentity(
  ports: StoreUserPorts,
  connection: OpenConnection,
  by: Session,
  candidate: LoginCandidate,
  trace: AttemptTrace,
): Promise<User> {
  const before = trace.reasons
  const decide = async (found: IdentityLookup, policy: LinkingPolicy) => {
    const user = await ports.users.find(connection.tenant.id, by.userId)
    // read after the user: ending the session later raises the user's epoch, and nothing is linked
    const session = await ports.sessions.find(by.id)
    if (user === null || session === null || !isLive(session, ports.now()))
      throw new GatehouseError('session_invalid', 'the session that adds the identity has ended')
    const rules = await rulesOf(ports, connection.tenant, connection.settings.id, [user])
    const decision = joinUser(user, candidate.identity, { ...found, rules }, policy)
    trace.addReasons([...before, ...decision.reasons])
    return decision
  }
  return decideAndStore(ports, connection, candidate, decide, 'anybody')
}

async function decideAndStore(
  ports: StoreUserPorts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  decide: (found: IdentityLookup, policy: LinkingPolicy) => Decision | Promise<Decision>,
  excludedUserIds: LinkConstraints['excludedUserIds'] = [],
): Promise<User> {
  const { tenant, settings, upstream } = connection
  const { identity } = candidate
  const proof = await domainProofFor(ports, connection, identity)
  const policy = { ...linkingPolicy(tenant, settings, upstream.passwords !== undefined, proof), now: ports.now() }
  for (let attempt = 0; attempt < 3; attempt++) {
    const decision = await decide(await findAndReinstate(ports, connection, candidate, excludedUserIds), policy)
    const why = decision.reasons.join('; ')
    if (decision.action === 'refuse') throw new GatehouseError(decision.code, why)
    if (decision.action === 'prove')
      throw new LinkProofRequired(why, {
        ...candidate,
        existingUserIds: decision.existingUsers.map(({ id }) => id),
        ...{ why: decision.why, mayDecline: decision.mayDecline },
      })
    const user = await store(ports, connection, decision, identityOf(identity, settings.id, ports.now()))
    if (user !== null) return user
  }
  throw new GatehouseError('busy', 'the same person keeps signing in at the same moment', { retryAfterSeconds: 1 })
}

/** Only of a domain the connection claims: no other proof would change anything. */
async function domainProofFor(ports: StoreUserPorts, { tenant, settings }: OpenConnection, identity: Identity) {
  const { email } = identity.profile
  const domain = email === undefined ? undefined : domainOf(email.address)
  if (domain === undefined || !settings.domains.includes(domain)) return undefined
  return ports.domainProof(tenant.id, domain)
}

function identityOf(identity: Identity, connection: string, now: Date): UserIdentity {
  return { issuer: identity.issuer, subject: identity.subject, connection, profile: identity.profile, lastLoginAt: now }
}

/** Null when someone else was faster: look and decide again. */
async function store(
  ports: StoreUserPorts,
  connection: OpenConnection,
  decision: Exclude<Decision, { action: 'refuse' | 'prove' }>,
  identity: UserIdentity,
): Promise<User | null> {
  const { profile, emailProven } = decision
  const tenant = connection.tenant.id
  const { connection: connectionId } = identity

  if (decision.action === 'enter') {
    const user = { ...decision.user, profile, emailProven }
    return (await ports.users.update(user, identity)) ? user : null
  }
  if (decision.action === 'link') {
    const user = { ...decision.user, profile, emailProven }
    const added = { ...identity, ...(decision.byUser && { addedAt: ports.now() }) }
    if (!(await ports.users.link(user, added))) return null
    await notifyOwner(ports, {
      action: 'identity.linked',
      opened: connection,
      connection: connectionId,
      users: [user, decision.user],
    })
    return user
  }
  const id = ports.random(16).toString('base64url')
  const user: User = { id, tenant, status: 'active', profile, emailProven, createdAt: ports.now() }
  if (!(await ports.users.create(user, identity))) return null
  await ports.audit.add({
    ...{ at: ports.now(), tenant, action: 'user.created', actor: id, target: id },
    details: { connection: connectionId },
  })
  return user
}
