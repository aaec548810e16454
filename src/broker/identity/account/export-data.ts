/** Everything that is stored about a user, without secrets, as JSON. */
import { originFor } from '../../audit/own-origin.ts'
import { auditPages, recordAudit } from '../../audit/record.ts'
import type { AuditEvent } from '../../ports/audit.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { Session } from '../../session/session.ts'
import { listTokens } from '../../tokens/own-tokens.ts'
import { requireCurrentUser } from '../fresh-sign-in.ts'

export type ExportPorts = Ports<
  | 'apiTokens'
  | 'apps'
  | 'audit'
  | 'authenticators'
  | 'connections'
  | 'consents'
  | 'developerSecrets'
  | 'now'
  | 'recoveryCodes'
  | 'rememberedDevices'
  | 'roleAssignments'
  | 'sessions'
  | 'userDeletions'
  | 'users'
>

/** A file of this many audit events says that there are more. */
const maxEvents = 10_000

const iso = (date: Date | null | undefined) => date?.toISOString()

/**
 * Times as ISO 8601 text. No address or program of another person, such as an administrator. Names
 * what is there of a secret, never the secret. Throws `session_invalid`.
 */
export async function exportData(ports: ExportPorts, by: Session) {
  const user = await requireCurrentUser(ports, by)
  const { tenant, id: userId } = user
  const key = { tenant, userId }
  const [identities, sessions, tokens, consents, apps, roles, authenticators, codes, devices, deletion, events] =
    await Promise.all([
      ports.users.identitiesOf(tenant, userId),
      ports.sessions.list(tenant, userId),
      listTokens(ports, key),
      ports.consents.ofUser(tenant, userId),
      ports.apps.ownedBy(tenant, userId),
      ports.roleAssignments.ofUser(tenant, userId),
      ports.authenticators.of(key),
      ports.recoveryCodes.stateOf(key),
      ports.rememberedDevices.of(key, ports.now()),
      ports.userDeletions.find(key),
      eventsOf(ports, key),
    ])
  await recordAudit(ports, { tenant, action: 'user.data_exported', actor: userId, target: userId })
  return {
    exportedAt: ports.now().toISOString(),
    user: {
      ...{ id: userId, tenant, status: user.status, profile: user.profile, emailProven: user.emailProven },
      createdAt: iso(user.createdAt),
    },
    identities: identities.map(({ connection, issuer, subject, profile, lastLoginAt, addedAt, suspendedAt }) => ({
      ...{ connection, issuer, subject, profile },
      ...{ lastLoginAt: iso(lastLoginAt), addedAt: iso(addedAt), suspendedAt: iso(suspendedAt) },
    })),
    sessions: sessions.map(({ id, connection, device, createdAt, lastSeenAt, expiresAt, acr, amr }) => ({
      ...{ id, connection, device, acr, amr },
      ...{ createdAt: iso(createdAt), lastSeenAt: iso(lastSeenAt), expiresAt: iso(expiresAt) },
    })),
    tokens: tokens.map(({ id, name, scopes, ranges, createdAt, expiresAt, lastUse }) => ({
      ...{ id, name, scopes, ranges, createdAt: iso(createdAt), expiresAt: iso(expiresAt) },
      lastUse: lastUse && { at: iso(lastUse.at), address: lastUse.address, agent: lastUse.agent },
    })),
    consents: consents.map(({ appId, scopes, firstGrantedAt, grantedAt }) => ({
      ...{ app: appId, scopes, firstGrantedAt: iso(firstGrantedAt), grantedAt: iso(grantedAt) },
    })),
    apps: apps.map(({ id, name, createdAt }) => ({ id, name, createdAt: iso(createdAt) })),
    roles: roles.map(({ role, assignedBy, assignedAt }) => ({ role, assignedBy, assignedAt: iso(assignedAt) })),
    authenticators: authenticators.map(({ id, kind, name, createdAt, lastUsedAt, ...rest }) => ({
      ...{ id, kind, name, createdAt: iso(createdAt), lastUsedAt: iso(lastUsedAt) },
      suspendedAt: 'suspendedAt' in rest ? iso(rest.suspendedAt) : undefined,
    })),
    recoveryCodes: codes && { left: codes.remaining, createdAt: iso(codes.createdAt) },
    devices: devices.map(({ device, createdAt, lastUsedAt, expiresAt }) => ({
      ...{ device, createdAt: iso(createdAt), lastUsedAt: iso(lastUsedAt), expiresAt: iso(expiresAt) },
    })),
    deletion: deletion === null ? undefined : { requestedAt: iso(deletion.requestedAt), dueAt: iso(deletion.dueAt) },
    events: events.map((event) => {
      const { id, at, action, actor, target, details } = event
      return { id, at: iso(at), action, actor, target, details, ...originFor(userId, event) }
    }),
    eventsComplete: events.length < maxEvents,
  }
}

async function eventsOf(
  { audit }: Ports<'audit'>,
  { tenant, userId }: { readonly tenant: string; readonly userId: string },
) {
  const events: AuditEvent[] = []
  for await (const page of auditPages(audit, { tenant, user: userId }, maxEvents)) events.push(...page)
  return events
}
