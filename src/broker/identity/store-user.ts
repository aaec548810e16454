/** Turns the decision of `resolveUser` into rows: the one place where users come to be, are linked and kept up to date. */
import { GatehouseError } from '../../errors.ts'
import { domainOf } from '../../profile/profile.ts'
import type { Evidence, Identity } from '../../provider.ts'
import type { LinkingRule, Tenant } from '../../tenant.ts'
import type { OpenConnection } from '../connections.ts'
import type { Parts } from '../parts.ts'
import type { SessionOrigin, User, UserIdentity } from '../ports.ts'
import { isLive, type Session } from '../session/session.ts'
import type { AttemptTrace } from '../trace.ts'
import { isLinkingUnrestricted, strictestLinkingRule } from './linking-rule.ts'
import { notifyOwner } from './notify-owner.ts'
import {
  type Decision,
  type IdentityLookup,
  joinUser,
  type LinkingPolicy,
  linkingPolicy,
  type ProofRequest,
  resolveUser,
} from './resolve-user.ts'

/** What an upstream said of whoever came, mapped as the tenant wishes, and all that a session of theirs needs to be opened later. */
export interface LoginCandidate {
  readonly identity: Identity
  readonly evidence: Evidence
  readonly completedAt: Date
  /** When the upstream's answer arrived, before it was checked. Default: `completedAt`. */
  readonly receivedAt?: Date | undefined
  /** When the upstream was asked, at the earliest. Default: unknown, which ends no revocation. */
  readonly startedAt?: Date | undefined
  readonly origin?: SessionOrigin | undefined
  /** SHA-256 of the stored hash of the password they typed, where they typed one. */
  readonly passwordHash?: string | undefined
}

/** A newcomer who may be linked to one of the holders once they sign in as that one; by id, those who have the email. */
export interface LinkProof extends LoginCandidate, Pick<ProofRequest, 'why' | 'mayDecline'> {
  readonly existingUserIds: readonly string[]
}

/** What is known of a newcomer besides what their upstream said. */
export interface LinkConstraints {
  /** Ids of the users this may be: throws `link_mismatch`, having stored nothing, for any other. */
  readonly allowedUserIds?: readonly string[] | undefined
  /** Ids of those with the same email, unproven, whom the person said not to be; `anybody` where nobody is asked. Default: nobody. */
  readonly excludedUserIds?: readonly string[] | 'anybody'
}

/** `link_refused` with a way out. */
export class LinkProofRequired extends GatehouseError {
  readonly linkProof: LinkProof

  constructor(message: string, proof: LinkProof) {
    super('link_refused', message)
    this.linkProof = proof
  }
}

/**
 * The user behind an identity, created or linked as the policy says. Throws `user_blocked`, `user_unknown`, `link_refused` (as
 * `LinkProofRequired` where the person can be asked), `link_mismatch`.
 */
export function resolveAndStoreUser(
  parts: Parts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  trace: AttemptTrace,
  { allowedUserIds, excludedUserIds }: LinkConstraints = {},
): Promise<User> {
  const decide = async (found: IdentityLookup, policy: LinkingPolicy) => {
    const existingUsers = found.byIdentity === null ? [...found.byEmail, ...(found.byVerifiedEmail ?? [])] : []
    const rules = await rulesOf(parts, connection.tenant, connection.settings.id, existingUsers)
    const decision = resolveUser(candidate.identity, { ...found, rules }, policy)
    trace.addReasons(decision.reasons)
    if (allowedUserIds === undefined || decision.action === 'refuse') return decision
    if ((decision.action === 'enter' || decision.action === 'link') && allowedUserIds.includes(decision.user.id))
      return decision
    trace.addReasons([...decision.reasons, 'this is not a user the waiting identity may be linked to'])
    throw new GatehouseError('link_mismatch', 'signed in as another user than one who has the email')
  }
  return decideAndStore(parts, connection, candidate, decide, excludedUserIds)
}

/** Reads nothing where the tenant restricts no linking. */
async function rulesOf(
  { users }: Pick<Parts, 'users'>,
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
export async function assertLinkable(parts: Parts, { tenant, settings }: OpenConnection, email: string): Promise<void> {
  const existingUsers = isLinkingUnrestricted(tenant) ? [] : await parts.users.findByProvenEmail(tenant.id, email)
  const rules = await rulesOf(parts, tenant, settings.id, existingUsers)
  if ([...rules.values()].includes('none'))
    throw new GatehouseError('linking_refused', 'the linking rule of the connections allows the user no password')
}

/** Links an identity to the session's user, who proved to have both. Throws `identity_taken`, `session_invalid`, `user_*`. */
export function joinIdentity(
  parts: Parts,
  connection: OpenConnection,
  by: Session,
  candidate: LoginCandidate,
  trace: AttemptTrace,
): Promise<User> {
  const before = trace.reasons
  const decide = async (found: IdentityLookup, policy: LinkingPolicy) => {
    const user = await parts.users.find(connection.tenant.id, by.userId)
    // read after the user: ending the session later raises the user's epoch, and nothing is linked
    const session = await parts.sessions.find(by.id)
    if (user === null || session === null || !isLive(session, parts.now()))
      throw new GatehouseError('session_invalid', 'the session that adds the identity has ended')
    const rules = await rulesOf(parts, connection.tenant, connection.settings.id, [user])
    const decision = joinUser(user, candidate.identity, { ...found, rules }, policy)
    trace.addReasons([...before, ...decision.reasons])
    return decision
  }
  return decideAndStore(parts, connection, candidate, decide, 'anybody')
}

async function decideAndStore(
  parts: Parts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  decide: (found: IdentityLookup, policy: LinkingPolicy) => Decision | Promise<Decision>,
  excludedUserIds: LinkConstraints['excludedUserIds'] = [],
): Promise<User> {
  const { tenant, settings, upstream } = connection
  const { identity } = candidate
  const proof = await domainProofFor(parts, connection, identity)
  const policy = { ...linkingPolicy(tenant, settings, upstream.passwords !== undefined, proof), now: parts.now() }
  for (let attempt = 0; attempt < 3; attempt++) {
    const decision = await decide(await findAndReinstate(parts, connection, candidate, excludedUserIds), policy)
    const why = decision.reasons.join('; ')
    if (decision.action === 'refuse') throw new GatehouseError(decision.code, why)
    if (decision.action === 'prove')
      throw new LinkProofRequired(why, {
        ...candidate,
        existingUserIds: decision.existingUsers.map(({ id }) => id),
        ...{ why: decision.why, mayDecline: decision.mayDecline },
      })
    const user = await store(parts, connection, decision, identityOf(identity, settings.id, parts.now()))
    if (user !== null) return user
  }
  throw new GatehouseError('busy', 'the same person keeps signing in at the same moment', { retryAfterSeconds: 1 })
}

/** Also ends a revocation when the upstream that made it has authenticated the user since. */
async function findAndReinstate(
  parts: Parts,
  { tenant }: OpenConnection,
  { identity, startedAt }: LoginCandidate,
  excludedUserIds: LinkConstraints['excludedUserIds'] = [],
): Promise<IdentityLookup> {
  const found = await find(parts, tenant, identity, excludedUserIds)
  const user = found.byIdentity
  if (user?.status !== 'revoked' || startedAt === undefined) return found
  if (!(await parts.users.reinstate(user, identity, startedAt))) return found
  await parts.audit.add({
    ...{ at: parts.now(), tenant: tenant.id, action: 'user.reinstated', actor: user.id, target: user.id },
    details: { issuer: identity.issuer },
  })
  return find(parts, tenant, identity, excludedUserIds)
}

/** Only of a domain the connection claims: no other proof would change anything. */
async function domainProofFor(parts: Parts, { tenant, settings }: OpenConnection, identity: Identity) {
  const { email } = identity.profile
  const domain = email === undefined ? undefined : domainOf(email.address)
  if (domain === undefined || !settings.domains.includes(domain)) return undefined
  return parts.domainProof(tenant.id, domain)
}

async function find(
  parts: Parts,
  { id: tenant, connections }: Tenant,
  identity: Identity,
  excludedUserIds: readonly string[] | 'anybody',
): Promise<IdentityLookup> {
  const email = identity.profile.email?.address
  const byIdentity = await parts.users.findByIdentity(tenant, identity.issuer, identity.subject)
  // whoever comes again with the email they have proven: nobody else is asked about
  const comesAgain = byIdentity?.emailProven === true && byIdentity.profile.email?.address === email
  const byEmail = email === undefined || comesAgain ? [] : await parts.users.findByProvenEmail(tenant, email)
  if (byIdentity !== null) return { byIdentity, byEmail }
  if (byEmail.length > 0) return { byIdentity, byEmail, unlinkedBy: await parts.users.unlinkedBy(tenant, identity) }
  if (excludedUserIds === 'anybody' || email === undefined || !mayBeVerified(identity)) return { byIdentity, byEmail }
  const existingUsers = await parts.users.findByVerifiedEmail(tenant, email, maxExistingUsers)
  return {
    byIdentity,
    byEmail,
    byVerifiedEmail: await usersAbleToSignIn(parts, existingUsers, connections),
    excludedUserIds,
  }
}

/** Of more people with one unproven email than these the others are not asked about. */
const maxExistingUsers = 5

/** Where nothing was told of it, the domain may stand for it. */
function mayBeVerified({ profile, emailVerificationUnknown }: Identity): boolean {
  return profile.email?.verified === true || emailVerificationUnknown === true
}

/** Whoever has no way in any more can prove nothing. */
async function usersAbleToSignIn(
  { users }: Pick<Parts, 'users'>,
  existingUsers: readonly User[],
  connections: Tenant['connections'],
): Promise<readonly User[]> {
  const live = new Set(connections.map(({ id }) => id))
  const identities = await Promise.all(existingUsers.map(({ tenant, id }) => users.identitiesOf(tenant, id)))
  return existingUsers.filter((_, place) =>
    identities[place]?.some(({ connection, suspendedAt }) => suspendedAt === undefined && live.has(connection)),
  )
}

function identityOf(identity: Identity, connection: string, now: Date): UserIdentity {
  return { issuer: identity.issuer, subject: identity.subject, connection, profile: identity.profile, lastLoginAt: now }
}

/** Null when someone else was faster: look and decide again. */
async function store(
  parts: Parts,
  connection: OpenConnection,
  decision: Exclude<Decision, { action: 'refuse' | 'prove' }>,
  identity: UserIdentity,
): Promise<User | null> {
  const { profile, emailProven } = decision
  const tenant = connection.tenant.id
  const { connection: connectionId } = identity

  if (decision.action === 'enter') {
    const user = { ...decision.user, profile, emailProven }
    return (await parts.users.update(user, identity)) ? user : null
  }
  if (decision.action === 'link') {
    const user = { ...decision.user, profile, emailProven }
    const added = { ...identity, ...(decision.byUser && { addedAt: parts.now() }) }
    if (!(await parts.users.link(user, added))) return null
    await notifyOwner(parts, {
      action: 'identity.linked',
      opened: connection,
      connection: connectionId,
      users: [user, decision.user],
    })
    return user
  }
  const id = parts.random(16).toString('base64url')
  const user: User = { id, tenant, status: 'active', profile, emailProven, createdAt: parts.now() }
  if (!(await parts.users.create(user, identity))) return null
  await parts.audit.add({
    ...{ at: parts.now(), tenant, action: 'user.created', actor: id, target: id },
    details: { connection: connectionId },
  })
  return user
}
