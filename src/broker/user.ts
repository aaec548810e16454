/** Turns the decision of `resolveUser` into rows: the one place where users come to be, are linked and kept up to date. */
import { GatehouseError } from '../errors.ts'
import type { Identity } from '../provider.ts'
import type { OpenConnection } from './connections.ts'
import { type Decision, linkingPolicy, resolveUser } from './identity.ts'
import type { Parts } from './parts.ts'
import type { User, UserIdentity } from './ports.ts'
import type { AttemptTrace } from './trace.ts'

/** The user behind an identity, created or linked as the policy says. Throws `user_blocked`, `user_unknown`, `link_refused`. */
export async function settleUser(
  parts: Parts,
  gate: OpenConnection,
  identity: Identity,
  trace: AttemptTrace,
): Promise<User> {
  const { tenant, settings, connection } = gate
  const policy = linkingPolicy(tenant, settings, connection.desk !== undefined)
  const email = identity.profile.email?.address
  for (let attempt = 0; attempt < 3; attempt++) {
    const [byIdentity, byEmail] = await Promise.all([
      parts.users.findByIdentity(tenant.id, identity.issuer, identity.subject),
      email === undefined ? [] : parts.users.findByProvenEmail(tenant.id, email),
    ])
    const decision = resolveUser(identity, { byIdentity, byEmail }, policy)
    trace.because(decision.reasons)
    if (decision.action === 'refuse') throw new GatehouseError(decision.code, decision.reasons.join('; '))
    const user = await store(parts, decision, tenant.id, identityOf(identity, settings.id, parts.now()))
    if (user !== null) return user
  }
  throw new GatehouseError('busy', 'the same person keeps signing in at the same moment', { retryAfterSeconds: 1 })
}

function identityOf(identity: Identity, connection: string, now: Date): UserIdentity {
  return { issuer: identity.issuer, subject: identity.subject, connection, profile: identity.profile, lastLoginAt: now }
}

/** Null when someone else was faster: look and decide again. */
async function store(
  parts: Parts,
  decision: Exclude<Decision, { action: 'refuse' }>,
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
    await parts.users.update(user, identity)
    return user
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
