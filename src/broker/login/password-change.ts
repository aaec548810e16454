/** Ends sessions, app access and credentials of an attacker after a new password. */
import type { Identity } from '../../provider/provider.ts'
import { recordAudit } from '../audit/record.ts'
import type { OpenConnection } from '../connections.ts'
import { suspendPasskeys } from '../factors/passkeys/suspend-passkeys.ts'
import { methodName, type NotifyOwnerPorts, tenantBrand } from '../identity/notify-owner.ts'
import { suspendAdded } from '../identity/suspend-identities.ts'
import type { ApiToken } from '../ports/api-tokens.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User, UserIdentity } from '../ports/users.ts'
import { endSecretsCreatedSince, type SecretChangePorts } from '../secrets/developer-secrets.ts'
import { type EndSessionPorts, revokeAllAccess } from '../session/end-session.ts'
import { listTokens, suspendTokens } from '../tokens/own-tokens.ts'

export type PasswordChangePorts = EndSessionPorts &
  NotifyOwnerPorts &
  SecretChangePorts &
  Ports<'apiTokens' | 'authenticators'>

export interface PasswordChange {
  readonly connection: OpenConnection
  readonly identity: Identity
  readonly email: string
  /** When the password was set before; null if there was none. */
  readonly changedAt: Date | null
  /** True if there was no password. */
  readonly isFirst: boolean
  /** Reference of the trace. */
  readonly reference: string
  readonly ends: EndedAccess
}

/** `nothing`: the user changed the password and keeps the other sessions. */
export type EndedAccess = 'all' | 'nothing' | { readonly exceptSession: string }

export interface SuspendedCredentials {
  /** All that are suspended, also by an earlier change. */
  readonly methods: readonly UserIdentity[]
  readonly tokens: readonly ApiToken[]
  /** Whether a client secret of the developer ended: it is shown again, so none can confirm it. */
  readonly secretRevoked: boolean
}

/**
 * Suspends what others may have added: sign-in methods, passkeys and API tokens. A client secret
 * ends.
 */
export async function suspendCredentials(
  ports: PasswordChangePorts,
  change: PasswordChange,
  owner: PasswordOwner | null,
): Promise<SuspendedCredentials> {
  if (owner === null || change.ends === 'nothing') return { methods: [], tokens: [], secretRevoked: false }
  const { user, since } = owner
  const key = { tenant: user.tenant, userId: user.id }
  await suspendTokens(ports, key, since)
  await suspendPasskeys(ports, key, since)
  return {
    methods: await suspendAdded(ports, user, change.identity, since),
    tokens: (await listTokens(ports, key)).filter(({ suspendedAt }) => suspendedAt !== undefined),
    secretRevoked: await endSecretsCreatedSince(ports, key, since),
  }
}

/** Ends sessions and app access of the user of this password. */
export async function endPasswordAccess(
  ports: PasswordChangePorts,
  { ends }: PasswordChange,
  owner: PasswordOwner,
): Promise<void> {
  const user = { tenant: owner.user.tenant, userId: owner.user.id }
  if (ends === 'nothing') await ports.rememberedDevices.removeAll(user)
  else await revokeAllAccess(ports, user, ends === 'all' ? undefined : ends.exceptSession)
}

/**
 * Ends what began while the password was stored, and notifies the user, also after a failure.
 * @param earlier what was suspended before the password was stored
 * @param ownerBefore the owner at that time
 */
export async function finishPasswordChange(
  ports: PasswordChangePorts,
  change: PasswordChange,
  earlier: SuspendedCredentials,
  ownerBefore: PasswordOwner | null,
): Promise<void> {
  const owner = ownerBefore ?? (await passwordOwner(ports, change))
  if (owner === null) return auditPassword(ports, change)
  let suspended = earlier
  try {
    await endPasswordAccess(ports, change, owner)
    const late = await suspendCredentials(ports, change, owner)
    suspended = { ...late, secretRevoked: earlier.secretRevoked || late.secretRevoked }
  } finally {
    await notify(ports, change, owner.user, suspended)
  }
}

export interface PasswordOwner {
  readonly user: User
  /** Since when others may have known the password: always, if it was removed. */
  readonly since: Date
}

export async function passwordOwner(
  ports: PasswordChangePorts,
  { connection, identity, email, changedAt }: PasswordChange,
): Promise<PasswordOwner | null> {
  const tenant = connection.tenant.id
  const owner = await ports.users.findByIdentity(tenant, identity.issuer, identity.subject)
  if (owner !== null) return { user: owner, since: changedAt ?? ports.now() }
  const [user] = await ports.users.findByProvenEmail(tenant, email)
  if (user === undefined || !(await ports.users.hasUnlinked(user, identity.issuer))) return null
  return { user, since: new Date(0) }
}

/** @param userId undefined: the login that follows finds or creates the user, or is refused */
function auditPassword(ports: PasswordChangePorts, change: PasswordChange, userId?: string): Promise<void> {
  const { connection, isFirst, reference } = change
  const action = isFirst ? 'password.set' : 'password.changed'
  const target = userId ?? `connection:${connection.settings.id}`
  const actor = userId ?? 'unknown'
  return recordAudit(ports, { tenant: connection.tenant.id, action, actor, target, details: { reference } })
}

async function notify(
  ports: PasswordChangePorts,
  change: PasswordChange,
  { id, emailProven, profile }: User,
  { methods, tokens, secretRevoked }: SuspendedCredentials,
): Promise<void> {
  await auditPassword(ports, change, id)
  const { tenant } = change.connection
  const nameOf = ({ connection }: UserIdentity) =>
    tenant.connections.some((each) => each.id === connection)
      ? methodName(ports.connections.get(tenant.id, connection))
      : connection
  // to the password's mailbox, and to the user's own if it is another one
  const own = emailProven && profile.email !== undefined ? [profile.email.address] : []
  const link = new URL(`/forgot?tenant=${tenant.id}`, ports.publicUrl).href
  const accountLink = new URL('/account/sign-in-methods', ports.publicUrl).href
  const developerLink = new URL('/account/developer', ports.publicUrl).href
  for (const to of new Set([change.email, ...own]))
    await ports.mailer.passwordChanged({
      to,
      ...tenantBrand(tenant),
      link,
      suspended: methods.map(nameOf),
      accountLink,
      suspendedTokens: tokens.map(({ name }) => name),
      secretRevoked,
      developerLink,
    })
}
