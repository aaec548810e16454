/** Turns the decision of `resolveUser` into rows: the one place where users come to be, are linked and kept up to date. */
import { GatehouseError } from '../errors.ts'
import { domainOf } from '../profile.ts'
import type { Identity } from '../provider.ts'
import type { OpenConnection } from './connections.ts'
import { type Decision, type Found, joinUser, type LinkingPolicy, linkingPolicy, resolveUser } from './identity.ts'
import type { Parts } from './parts.ts'
import type { User, UserIdentity } from './ports.ts'
import type { AttemptTrace } from './trace.ts'

/** An identity that may be linked to a user once the person signs in as that user. */
export interface Proof {
  readonly identity: Identity
  /** Id of the user who has the email. */
  readonly holder: string
}

/** `link_refused` with a way out. */
export class ProofNeeded extends GatehouseError {
  readonly proof: Proof

  constructor(message: string, proof: Proof) {
    super('link_refused', message)
    this.proof = proof
  }
}

/**
 * The user behind an identity, created or linked as the policy says. Throws `user_blocked`, `user_unknown`, `link_refused` (as
 * `ProofNeeded` where the person can be asked).
 * @param only id of the one user this may be: throws `link_mismatch`, having stored nothing, for any other
 */
export function settleUser(
  parts: Parts,
  gate: OpenConnection,
  identity: Identity,
  trace: AttemptTrace,
  only?: string,
): Promise<User> {
  return settle(parts, gate, identity, (found, policy) => {
    const decision = resolveUser(identity, found, policy)
    trace.because(decision.reasons)
    if (only === undefined || decision.action === 'refuse') return decision
    if ((decision.action === 'enter' || decision.action === 'link') && decision.user.id === only) return decision
    trace.because([...decision.reasons, 'this is not the user the waiting identity may be linked to'])
    throw new GatehouseError('link_mismatch', 'signed in as another user than the one who has the email')
  })
}

/** Links an identity to a user who proved to have both. Throws `identity_taken`, `user_blocked`. */
export function joinIdentity(
  parts: Parts,
  gate: OpenConnection,
  userId: string,
  identity: Identity,
  trace: AttemptTrace,
): Promise<User> {
  const before = trace.reasons
  return settle(parts, gate, identity, async (found, policy) => {
    const user = await parts.users.find(gate.tenant.id, userId)
    if (user === null) throw new GatehouseError('session_invalid', 'the user is gone')
    const decision = joinUser(user, identity, found, policy)
    trace.because([...before, ...decision.reasons])
    return decision
  })
}

async function settle(
  parts: Parts,
  gate: OpenConnection,
  identity: Identity,
  decide: (found: Found, policy: LinkingPolicy) => Decision | Promise<Decision>,
): Promise<User> {
  const { tenant, settings, connection } = gate
  const proof = await proofOfDomain(parts, gate, identity)
  const policy = linkingPolicy(tenant, settings, connection.desk !== undefined, proof)
  for (let attempt = 0; attempt < 3; attempt++) {
    const decision = await decide(await find(parts, tenant.id, identity), policy)
    const why = decision.reasons.join('; ')
    if (decision.action === 'refuse') throw new GatehouseError(decision.code, why)
    if (decision.action === 'prove') throw new ProofNeeded(why, { identity, holder: decision.user.id })
    const user = await store(parts, decision, tenant.id, identityOf(identity, settings.id, parts.now()))
    if (user !== null) return user
  }
  throw new GatehouseError('busy', 'the same person keeps signing in at the same moment', { retryAfterSeconds: 1 })
}

/** Only of a domain the connection claims: no other proof would change anything. */
async function proofOfDomain(parts: Parts, { tenant, settings }: OpenConnection, identity: Identity) {
  const { email } = identity.profile
  const domain = email === undefined ? undefined : domainOf(email.address)
  if (domain === undefined || !settings.domains.includes(domain)) return undefined
  return parts.domainProof(tenant.id, domain)
}

async function find(parts: Parts, tenant: string, identity: Identity): Promise<Found> {
  const email = identity.profile.email?.address
  const byIdentity = await parts.users.findByIdentity(tenant, identity.issuer, identity.subject)
  // whoever comes again with the email they have proven: nobody else is asked about
  const comesAgain = byIdentity?.emailProven === true && byIdentity.profile.email?.address === email
  const byEmail = email === undefined || comesAgain ? [] : await parts.users.findByProvenEmail(tenant, email)
  if (byIdentity !== null || byEmail.length === 0) return { byIdentity, byEmail }
  return { byIdentity, byEmail, unlinkedBy: await parts.users.unlinkedBy(tenant, identity) }
}

function identityOf(identity: Identity, connection: string, now: Date): UserIdentity {
  return { issuer: identity.issuer, subject: identity.subject, connection, profile: identity.profile, lastLoginAt: now }
}

/** Null when someone else was faster: look and decide again. */
async function store(
  parts: Parts,
  decision: Exclude<Decision, { action: 'refuse' | 'prove' }>,
  tenant: string,
  identity: UserIdentity,
): Promise<User | null> {
  const { profile, emailProven } = decision
  const audit = (action: string, user: User) =>
    parts.audit.add({
      at: parts.now(),
      tenant,
      action,
      actor: user.id,
      target: user.id,
      details: { connection: identity.connection },
    })

  if (decision.action === 'enter') {
    const user = { ...decision.user, profile, emailProven }
    return (await parts.users.update(user, identity)) ? user : null
  }
  if (decision.action === 'link') {
    const user = { ...decision.user, profile, emailProven }
    if (!(await parts.users.link(user, identity))) return null
    await audit('identity.linked', user)
    return user
  }
  const id = parts.random(16).toString('base64url')
  const user: User = { id, tenant, status: 'active', profile, emailProven, createdAt: parts.now() }
  if (!(await parts.users.create(user, identity))) return null
  await audit('user.created', user)
  return user
}
