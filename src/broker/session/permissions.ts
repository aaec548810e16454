/**
 * Groups and roles are permissions: only their connection can confirm them. They count in its
 * sessions, and in others for as long as the tenant allows. All endpoints use this.
 */

import { HiddenProperty } from '../../primitives/hidden-property.ts'
import type { Profile, UserProfile } from '../../profile/profile.ts'
import type { Tenant } from '../../tenant.ts'
import { releasedProfile } from '../identity/email-verification.ts'
import type { User } from '../ports/users.ts'
import type { Permissions, Session } from './session.ts'

export interface PermissionView {
  /** Undefined for offline access. */
  readonly connection: string | undefined
  readonly now: Date
  /** How long groups and roles count in sessions of other connections. Default 0: never. */
  readonly othersSeconds?: number | undefined
  /** The tenant's: groups of removed connections do not count. Default: none is removed. */
  readonly connections?: readonly string[] | undefined
}

/** How a session of this connection sees permissions; without one, as of other connections. */
export function permissionView(
  tenant: Pick<Tenant, 'connections' | 'sessions'> | undefined,
  connection: string | undefined,
  now: Date,
): PermissionView {
  const connections = tenant?.connections.map(({ id }) => id)
  return { connection, connections, now, othersSeconds: tenant?.sessions.groupsFromOthersSeconds }
}

/** The profile in a session: `verified` as proven, groups and roles as they count there. */
export function profileIn(user: Pick<User, 'profile' | 'emailProven'>, view: PermissionView): Profile {
  return effectiveProfile(user, view).profile
}

export function effectiveProfile(user: Pick<User, 'profile' | 'emailProven'>, view: PermissionView) {
  const { sources: _, supplied: __, edited: _____, groups: ___, roles: ____, ...rest } = releasedProfile(user)
  const own = ownPermissions(user.profile, view.connection)
  const others = permissionsOfOthers(user.profile, view)
  const profile = { ...rest, ...union([own, ...others]) }
  if (others.length === 0) return { profile }
  const until = new Date(Math.min(...others.map(({ at }) => at + (view.othersSeconds ?? 0))) * 1000)
  return { profile, temporaryPermissions: { ...own, until } }
}

/** Permissions of this connection always count: it signs the user in now. */
function ownPermissions(profile: UserProfile, connection: string | undefined): Permissions {
  if (connection === undefined) return {}
  const { sources = {}, supplied = {} } = profile
  const found = supplied[connection]
  if (found !== undefined) return union([found])
  // stored by an earlier version, not by connection
  return union([
    {
      ...(sources.groups === connection && profile.groups !== undefined && { groups: profile.groups }),
      ...(sources.roles === connection && profile.roles !== undefined && { roles: profile.roles }),
    },
  ])
}

function permissionsOfOthers({ supplied = {} }: UserProfile, view: PermissionView) {
  const { connection, now, othersSeconds = 0, connections } = view
  return Object.entries(supplied).flatMap(([id, permissions]) => {
    const isOther = id !== connection && (connections === undefined || connections.includes(id))
    return isOther && now.getTime() / 1000 < permissions.at + othersSeconds ? [permissions] : []
  })
}

function union(all: readonly Permissions[]): Permissions {
  const of = (key: keyof Permissions) => {
    const values = all.flatMap((each) => (each[key] === undefined ? [] : [each[key]]))
    return values.length === 0 ? undefined : [...new Set(values.flat())]
  }
  const [groups, roles] = [of('groups'), of('roles')]
  return { ...(groups !== undefined && { groups }), ...(roles !== undefined && { roles }) }
}

const returned = new HiddenProperty<Session, Session>()

/** The session without expired temporary permissions. The same object for the same session. */
export function withCurrentPermissions(session: Session, now: Date): Session {
  if (session.temporaryPermissions === undefined || now.getTime() < session.temporaryPermissions.until.getTime())
    return session
  const before = returned.get(session)
  if (before !== undefined) return before
  const { temporaryPermissions, ...rest } = session
  const { until: _, ...own } = temporaryPermissions
  const { groups: __, roles: ___, ...profile } = session.profile
  const current = { ...rest, profile: { ...profile, ...own } }
  returned.set(session, current)
  return current
}
