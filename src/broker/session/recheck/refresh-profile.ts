/** A confirmed re-check with a description of the user: groups take effect in running sessions. */
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

/** An unchanged identity is stored this often, since groups count for a limited time. */
function storeEveryMs({ access, sessions }: Tenant): number {
  const limits = [access?.groupsMaxAgeSeconds, sessions.groupsFromOthersSeconds].filter((each) => each !== undefined)
  return 500 * Math.min(maxStoreSeconds, ...limits)
}

const maxStoreSeconds = 86_400

export interface RefreshedProfile {
  /** To be kept with the grant; undefined if nothing was stored. */
  readonly stored: UpstreamGrantContent['identity']
  readonly isChanged: boolean
}

/** Throws `user_*`, `method_suspended`, `link_mismatch` if the identity is no longer the user's. */
export async function refreshProfile(
  ports: StoreUserPorts,
  grant: ClaimedGrant,
  connection: OpenConnection,
  answer: Identity,
  trace: AttemptTrace,
): Promise<RefreshedProfile> {
  const identity = mappedIdentity(answer, connection.settings.profile)
  const now = ports.now()
  const next = { hash: identityHash(identity), storedAt: now }
  const before = grant.content.identity
  const isChanged = before?.hash !== next.hash
  if (!isChanged && before !== undefined && now.getTime() - before.storedAt.getTime() < storeEveryMs(connection.tenant))
    return { stored: undefined, isChanged }
  const { tenant, userId, issuer, subject } = grant
  const identities = await ports.users.identitiesOf(tenant, userId)
  const known = identities.find((each) => each.issuer === issuer && each.subject === subject)
  const candidate = { identity, evidence: {}, completedAt: now, lastLoginAt: known?.lastLoginAt }
  await resolveAndStoreUser(ports, { connection, trace }, candidate, { allowedUserIds: [userId] })
  if (isChanged) await updateSessions(ports, grant, connection)
  return { stored: next, isChanged }
}

/**
 * Gives the user's sessions the profile as it is now. A check that read a session before may write
 * it back: call it again a few seconds later.
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

/** `until` of temporary permissions alone is no change. */
function profileText({ profile, temporaryPermissions }: Session): string {
  const sorted = Object.entries(profile).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([sorted, temporaryPermissions?.groups, temporaryPermissions?.roles])
}
