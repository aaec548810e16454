/** Users as JSON for administrators. */
import type { User, UserIdentity } from '../../../../broker/ports/users.ts'
import type { Session } from '../../../../broker/session/session.ts'
import { isoTime } from '../../../../http/iso-time.ts'
import { profileView, sourcesView } from '../../../../http/views.ts'
import type { Tenant } from '../../../../tenant.ts'
import type { SecretFacts, UserRecord } from '../../../admin/users/user-record.ts'
import { roleList } from '../../roles/roles.ts'
import { tokenView } from '../../tokens/tokens.ts'

const optionalTime = (at: Date | undefined) => (at === undefined ? undefined : isoTime(at))

export function adminUserView({ id, tenant, kind, status, profile, emailProven, createdAt }: User) {
  return {
    id,
    tenant,
    kind: kind ?? ('person' as const),
    status,
    name: profile.name,
    email: profile.email?.address,
    emailProven,
    createdAt: isoTime(createdAt),
  }
}

/** @param tenant undefined if it was removed from the configuration */
export function userDetailsView(record: UserRecord, tenant: Tenant | undefined) {
  const { user, connectedApps, ownApps } = record
  return {
    user: adminUserView(user),
    tenantRemoved: tenant === undefined,
    profile: profileView(user.profile),
    sources: sourcesView(user.profile),
    identities: record.identities.map((identity) => identityView(identity, tenant)),
    sessions: record.sessions.map(sessionView),
    tokens: record.tokens.map(tokenView),
    developerSecrets: record.secrets.map(secretView),
    consents: connectedApps.map(({ appId, name, scopes, firstGrantedAt, grantedAt, firstParty }) => ({
      app: { id: appId, name },
      scopes,
      firstGrantedAt: isoTime(firstGrantedAt),
      grantedAt: isoTime(grantedAt),
      ...(firstParty === true && { firstParty }),
    })),
    apps: ownApps.map(({ id, name, disabled }) => ({ id, name, enabled: disabled === undefined })),
    ...roleList(record.roles),
  }
}

function identityView({ connection, issuer, subject, profile, ...identity }: UserIdentity, tenant: Tenant | undefined) {
  return {
    connection,
    connectionRemoved: !tenant?.connections.some(({ id }) => id === connection),
    issuer,
    subject,
    knownAs: profile.email?.address ?? profile.name ?? subject,
    lastLoginAt: isoTime(identity.lastLoginAt),
    addedAt: optionalTime(identity.addedAt),
    suspendedAt: optionalTime(identity.suspendedAt),
  }
}

function sessionView({ id, connection, device, createdAt, lastSeenAt, expiresAt }: Session) {
  const times = { createdAt: isoTime(createdAt), lastSeenAt: isoTime(lastSeenAt), expiresAt: isoTime(expiresAt) }
  return { id, connection, device, ...times }
}

function secretView({ id, createdAt, expiresAt, lastUsedAt }: SecretFacts) {
  return { id, createdAt: isoTime(createdAt), expiresAt: optionalTime(expiresAt), lastUsedAt: optionalTime(lastUsedAt) }
}
