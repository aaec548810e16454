/** Stores the decision of `resolveUser`: the one place that creates, links and updates users. */
import { GatehouseError } from '../../errors.ts'
import { domainOf, maskEmail } from '../../profile/profile.ts'
import type { Identity } from '../../provider/provider.ts'
import type { Tenant } from '../../tenant.ts'
import { assertSsoAllowed, ssoRequiredFor } from '../access/sso/assert-sso.ts'
import { isBreakGlassEmail } from '../access/sso/decide-sso.ts'
import { recordAudit } from '../audit/record.ts'
import { type OpenConnection, provesMailbox } from '../connections.ts'
import type { LoginAttempt } from '../login/attempt.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { SigningInUser, User, UserIdentity } from '../ports/users.ts'
import type { Session } from '../session/session.ts'
import { type LinkingPolicy, linkingPolicy } from './email-verification.ts'
import { findAndReinstate, type IdentitySearch } from './find-user.ts'
import { requireCurrentUser } from './fresh-sign-in.ts'
import { isLinkingUnrestricted, strictestLinkingRule } from './linking-rule.ts'
import { type LinkConstraints, LinkProofRequired, type LoginCandidate } from './login-candidate.ts'
import { type NotifyOwnerPorts, notifyOwner } from './notify-owner.ts'
import { type Decision, type IdentityLookup, joinUser, resolveUser } from './resolve-user.ts'

type Attempt = Pick<LoginAttempt, 'connection' | 'trace'>

export type StoreUserPorts = NotifyOwnerPorts &
  Ports<'domainProof' | 'random' | 'roleAssignments' | 'sessions' | 'users'>

/**
 * The user of an identity, created or linked by policy. Throws `user_blocked`, `user_unknown`,
 * `link_mismatch`, `link_refused` (`LinkProofRequired` if the user can prove the link).
 */
export function resolveAndStoreUser(
  ports: StoreUserPorts,
  { connection, trace }: Attempt,
  candidate: LoginCandidate,
  { allowedUserIds, excludedUserIds, actor }: LinkConstraints = {},
): Promise<SigningInUser> {
  const decide = async (found: IdentityLookup, policy: LinkingPolicy) => {
    const existingUsers = found.byIdentity === null ? [...found.byEmail, ...(found.byVerifiedEmail ?? [])] : []
    const rules = await rulesOf(ports, connection.tenant, connection.settings.id, existingUsers)
    const decision = resolveUser(candidate.identity, { ...found, rules }, policy)
    trace.addReasons(decision.reasons)
    if (found.byIdentity !== null) trace.ofUser(found.byIdentity.id)
    if (allowedUserIds === undefined || decision.action === 'refuse') return decision
    if ((decision.action === 'sign in' || decision.action === 'link') && allowedUserIds.includes(decision.user.id))
      return decision
    trace.addReasons([...decision.reasons, 'the pending link is not for this user'])
    throw new GatehouseError('link_mismatch', 'the user who signed in does not have the email')
  }
  return decideAndStore(ports, connection, { candidate, excludedUserIds, actor }, decide)
}

/** Reads nothing if the tenant does not restrict linking. */
async function rulesOf({ users }: Ports<'users'>, tenant: Tenant, connection: string, existingUsers: readonly User[]) {
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

/** Before storing a password: throws `linking_refused` if its identity cannot be linked. */
export async function assertLinkable(ports: StoreUserPorts, { tenant, settings }: OpenConnection, email: string) {
  const existingUsers = isLinkingUnrestricted(tenant) ? [] : await ports.users.findByProvenEmail(tenant.id, email)
  const rules = await rulesOf(ports, tenant, settings.id, existingUsers)
  if ([...rules.values()].includes('none'))
    throw new GatehouseError(
      'linking_refused',
      'the linking rule of the connections does not allow a password for this user',
    )
}

/**
 * Links an identity to the session's user. Throws `identity_taken`, `session_invalid`, `user_*`.
 */
export function joinIdentity(ports: StoreUserPorts, attempt: Attempt, by: Session, candidate: LoginCandidate) {
  const { connection, trace } = attempt
  const before = trace.reasons
  const decide = async (found: IdentityLookup, policy: LinkingPolicy) => {
    const user = await requireCurrentUser(ports, by)
    const rules = await rulesOf(ports, connection.tenant, connection.settings.id, [user])
    const decision = joinUser(user, candidate.identity, { ...found, rules }, policy)
    trace.addReasons([...before, ...decision.reasons])
    if (decision.action === 'refuse' && decision.code === 'identity_taken') throw identityTaken(found)
    return decision
  }
  return decideAndStore(ports, connection, { candidate, excludedUserIds: 'any' }, decide)
}

/** The user of the identity can read this after signing in anyway. */
function identityTaken({ byIdentity }: IdentityLookup): GatehouseError {
  const known = byIdentity?.profile.email?.address
  const owner = known === undefined ? 'another user' : `the user ${maskEmail(known)}`
  return new GatehouseError('identity_taken', 'another user has this identity', {
    text: `It belongs to ${owner}. If that is you too, sign in with it instead. Nothing was changed.`,
  })
}

async function decideAndStore(
  ports: StoreUserPorts,
  connection: OpenConnection,
  search: IdentitySearch,
  decide: (found: IdentityLookup, policy: LinkingPolicy) => Decision | Promise<Decision>,
): Promise<SigningInUser> {
  const { tenant, settings } = connection
  const { candidate } = search
  const { identity } = candidate
  const asserted = identity.profile.email?.address
  const refused = asserted === undefined ? undefined : ssoRequiredFor(ports, tenant, settings.id, asserted)
  if (refused !== undefined) throw refused
  const policy = await policyFor(ports, connection, identity)
  for (let attempt = 0; attempt < 3; attempt++) {
    const decision = await decide(await findAndReinstate(ports, connection.tenant, search, policy), policy)
    const why = decision.reasons.join('; ')
    if (decision.action === 'refuse') throw new GatehouseError(decision.code, why)
    if (decision.action === 'prove')
      throw new LinkProofRequired(why, {
        ...candidate,
        existingUserIds: decision.existingUsers.map(({ id }) => id),
        why: decision.why,
        mayDecline: decision.mayDecline,
      })
    const { profile, emailProven } = decision
    const owner = { ...(decision.action !== 'create' && { id: decision.user.id }), profile, emailProven }
    await assertSsoAllowed(ports, { tenant, connection: settings.id, asserted, user: owner })
    const stored = identityOf(identity, settings.id, candidate.lastLoginAt ?? ports.now())
    const user = await store(ports, connection, decision, stored, search.actor)
    if (user !== null) return user
  }
  throw new GatehouseError('server_busy', 'concurrent logins of the same user; try again', { retryAfterSeconds: 1 })
}

/** A password proves the mailbox of a break-glass user, whose connection may be down. */
async function policyFor(ports: StoreUserPorts, connection: OpenConnection, identity: Identity) {
  const { tenant, settings, upstream } = connection
  const proof = await domainProofFor(ports, connection, identity)
  const policy = { ...linkingPolicy(tenant, settings, provesMailbox(connection), proof), now: ports.now() }
  const isBreakGlass =
    upstream.passwords !== undefined && isBreakGlassEmail(tenant, identity.profile.email?.address ?? '')
  return isBreakGlass ? { ...policy, isAuthoritativeFor: () => true } : policy
}

/**
 * The DNS proof of the email's domain, if the connection claims it: other proofs have no effect.
 */
async function domainProofFor(ports: StoreUserPorts, { tenant, settings }: OpenConnection, identity: Identity) {
  const { email } = identity.profile
  const domain = email === undefined ? undefined : domainOf(email.address)
  if (domain === undefined || !settings.domains.includes(domain)) return undefined
  return ports.domainProof(tenant.id, domain)
}

function identityOf(identity: Identity, connection: string, now: Date): UserIdentity {
  return { issuer: identity.issuer, subject: identity.subject, connection, profile: identity.profile, lastLoginAt: now }
}

/** Null after a concurrent change: read and decide again. */
async function store(
  ports: StoreUserPorts,
  connection: OpenConnection,
  decision: Exclude<Decision, { action: 'refuse' | 'prove' }>,
  identity: UserIdentity,
  actor?: string,
): Promise<SigningInUser | null> {
  const { profile, emailProven } = decision
  const tenant = connection.tenant.id
  if (decision.action !== 'create') {
    const user = { ...decision.user, profile, emailProven }
    if (decision.action === 'sign in') {
      if (!(await ports.users.update(user, identity, decision.user))) return null
      // a password or an emailed code gets its identity before the first sign-in, others during it
      return provesMailbox(connection) ? user : { ...user, hasSignedIn: true }
    }
    const added = { ...identity, ...(decision.byUser && { addedAt: ports.now() }) }
    if (!(await ports.users.link(user, added))) return null
    const change = { action: 'identity.linked', opened: connection, connection: identity.connection } as const
    await notifyOwner(ports, { ...change, users: [user, decision.user] })
    return user
  }
  const id = ports.random(16).toString('base64url')
  const user: User = { id, tenant, status: 'active', profile, emailProven, createdAt: ports.now() }
  if (!(await ports.users.create(user, identity))) return null
  const details = { connection: identity.connection }
  await recordAudit(ports, { tenant, action: 'user.created', actor: actor ?? id, target: id, details })
  return { ...user, hasAuthenticator: false, isDeletionRequested: false, hasSignedIn: false }
}
