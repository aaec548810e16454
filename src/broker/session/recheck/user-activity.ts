/**
 * Collects the users who are in use, so that only these are re-checked. Checks call `record`, which
 * reads and writes no store; the job stores the collected users.
 */
import { BoundedMap } from '../../../primitives/bounded-map.ts'
import type { Tenant } from '../../../tenant.ts'
import type { UserKey } from '../session.ts'
import { recordActivityEveryMs } from './schedule.ts'

const maxUsers = 100_000

export interface UserActivity {
  record(user: UserKey, now: Date): void
  /** Active users by tenant since the last call. */
  take(): ReadonlyMap<string, ActiveUsers>
  /** Takes back users who could not be stored: they are due again. */
  putBack(tenant: string, users: ActiveUsers): void
}

export interface ActiveUsers {
  readonly userIds: ReadonlySet<string>
  /** The latest use. */
  readonly at: Date
}

export function openUserActivity(tenants: ReadonlyMap<string, Tenant>): UserActivity {
  const everyMs = new Map([...tenants].flatMap(([id, tenant]) => intervalOf(id, tenant)))
  const recordedAt = new BoundedMap<string, number>(maxUsers)
  let collected = new Map<string, { readonly userIds: Set<string>; at: Date }>()

  function collect(tenant: string, { userIds, at }: ActiveUsers): void {
    const users = collected.get(tenant) ?? { userIds: new Set(), at }
    collected.set(tenant, users)
    if (at.getTime() > users.at.getTime()) users.at = at
    for (const userId of userIds) users.userIds.add(userId)
  }

  return {
    record({ tenant, userId }, now) {
      const gapMs = everyMs.get(tenant)
      if (gapMs === undefined) return
      const key = `${tenant}/${userId}`
      if (now.getTime() - (recordedAt.get(key) ?? Number.NEGATIVE_INFINITY) < gapMs) return
      recordedAt.set(key, now.getTime())
      collect(tenant, { userIds: new Set([userId]), at: now })
    },
    take() {
      const taken = collected
      collected = new Map()
      return taken
    },
    putBack: collect,
  }
}

/** ID and interval of the tenant, from the shortest `recheck` of its connections; empty without. */
function intervalOf(id: string, { connections }: Tenant): readonly (readonly [string, number])[] {
  const seconds = connections.flatMap(({ recheckSeconds }) => recheckSeconds ?? [])
  return seconds.length === 0 ? [] : [[id, recordActivityEveryMs(Math.min(...seconds))]]
}
