/**
 * Stores the profile that a re-check returned, so that changed groups and roles take effect in
 * running sessions.
 */
import { mappedIdentity } from '../../../profile/mapping.ts'
import type { Identity } from '../../../provider/provider.ts'
import type { Tenant } from '../../../tenant.ts'
import type { OpenConnection } from '../../connections.ts'
import { resolveAndStoreUser, type StoreUserPorts } from '../../identity/store-user.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { ClaimedGrant, UpstreamGrantContent } from '../../ports/upstream-grants.ts'
import type { AttemptTrace } from '../../trace.ts'
import { effectiveProfile, permissionView } from '../permissions.ts'
import { endsAt, type Session, type UserKey } from '../session.ts'
import { identityHash } from './upstream-sign-in.ts'

/**
 * Groups expire after a time of the tenant. An unchanged identity is stored again after half of it,
 * at most half a day: this renews its groups.
 */
function renewAfterMs({ access, sessions }: Tenant): number {
  const limits = [access?.groupsMaxAgeSeconds, sessions.groupsFromOthersSeconds].filter((each) => each !== undefined)
  return (Math.min(daySeconds, ...limits) * 1000) / 2
}

const daySeconds = 86_400

export interface RefreshedProfile {
  /** Hash and time for the grant; undefined if nothing was stored. */
  readonly stored: UpstreamGrantContent['identity']
  /** The identity differs from the one stored last: the sessions were updated. */
  readonly isChanged: boolean
}

/**
 * @param confirmed the identity that the upstream returned, not yet mapped
 * @throws `user_*`, `method_suspended`, `link_mismatch`, `link_refused`, `linking_refused` if the
 *   identity is no longer the user's; `sso_required`
 */
export async function refreshProfile(
  ports: StoreUserPorts,
  grant: ClaimedGrant,
  connection: OpenConnection,
  confirmed: Identity,
  trace: AttemptTrace,
): Promise<RefreshedProfile> {
  const identity = mappedIdentity(confirmed, connection.settings.profile)
  const now = ports.now()
  const next = { hash: identityHash(identity), storedAt: now }
  const before = grant.content.identity
  const isChanged = before?.hash !== next.hash
  if (!isChanged && before !== undefined && now.getTime() - before.storedAt.getTime() < renewAfterMs(connection.tenant))
    return { stored: undefined, isChanged }
  const { tenant, userId, issuer, subject } = grant
  const identities = await ports.users.identitiesOf(tenant, userId)
  const known = identities.find((each) => each.issuer === issuer && each.subject === subject)
  // a re-check is no login: the last login keeps its time
  const candidate = { identity, evidence: {}, completedAt: now, lastLoginAt: known?.lastLoginAt }
  await resolveAndStoreUser(ports, { connection, trace }, candidate, { allowedUserIds: [userId] })
  if (isChanged) await updateSessions(ports, grant, connection)
  return { stored: next, isChanged }
}

/**
 * Writes the user's stored profile into all their sessions. A concurrent session check may write
 * the earlier profile back: the caller calls this again a few seconds later.
 */
export async function updateSessions(
  ports: Ports<'now' | 'sessions' | 'users'>,
  { tenant: id, userId }: UserKey,
  { tenant }: Pick<OpenConnection, 'tenant'>,
): Promise<void> {
  const user = await ports.users.find(id, userId)
  if (user === null) return
  const now = ports.now()
  for (const session of await ports.sessions.list(id, userId)) {
    const { temporaryPermissions: _, ...rest } = session
    const next: Session = { ...rest, ...effectiveProfile(user, permissionView(tenant, session.connection, now)) }
    if (profileText(next) !== profileText(session)) await ports.sessions.touch(next, next.lastSeenAt, endsAt(next))
  }
}

/** For comparison. Without `until` of temporary permissions, which each re-check moves. */
function profileText({ profile, temporaryPermissions }: Session): string {
  const sorted = Object.entries(profile).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([sorted, temporaryPermissions?.groups, temporaryPermissions?.roles])
}
