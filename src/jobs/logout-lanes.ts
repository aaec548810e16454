/**
 * Shares back-channel deliveries between apps, so that slow or dead servers of one owner delay no logouts of others. Limits apply
 * per app, per owner, per tenant of developers, and to all; apps that failed lately have limits of their own. In memory, for one process.
 */
import type { App } from '../app/app.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'
import { lanesByKey, lanesOf, oneByOne, type Work } from './concurrency.ts'

/** What a delivery counts against: an app that is gone or declared has no owner. */
export interface LogoutShare {
  readonly appId: string
  readonly owner: App['owner']
}

interface Limits {
  readonly all: number
  readonly tenant: number
  readonly owner: number
}

const limits = { well: { all: 64, tenant: 8, owner: 4 }, failing: { all: 16, tenant: 4, owner: 2 } } as const
const maxHeld = 200
/** What exceeds `maxHeld` is claimed again at this pace. */
const paceMs = 5
const failingMs = 600_000
const maxFailing = 10_000

interface Held {
  count: number
  /** When what was given back last is due, in milliseconds. */
  givenBackUntil: number
}

export interface LogoutLanes {
  /** Counts a claimed delivery as held; false when its owner holds too many. */
  hold(share: LogoutShare): boolean
  /** When deliveries that were not held are due again. */
  giveBackAt(share: LogoutShare, count: number): Date
  /** Runs the work of a held delivery in its turn. */
  run(share: LogoutShare, work: Work): Promise<void>
  note(appId: string, outcome: 'failed' | 'well'): void
}

/** @param onRoom called when an owner that held too many holds few again */
export function logoutLanes(now: () => Date, onRoom: () => void): LogoutLanes {
  const perApp = oneByOne()
  const lanes = { well: lanesFor(limits.well), failing: lanesFor(limits.failing) }
  const failedUntil = new BoundedMap<string, number>(maxFailing)
  const held = new Map<string, Held>()
  const isFailing = (appId: string) => now().getTime() < (failedUntil.get(appId) ?? 0)

  function heldBy(share: LogoutShare): Held {
    const key = tenantKey(share)
    const known = held.get(key) ?? { count: 0, givenBackUntil: 0 }
    held.set(key, known)
    return known
  }

  function drop(share: LogoutShare): void {
    const known = heldBy(share)
    known.count -= 1
    if (known.count === maxHeld / 2 && known.givenBackUntil > 0) onRoom()
    if (known.count === 0 && known.givenBackUntil <= now().getTime()) held.delete(tenantKey(share))
  }

  return {
    hold(share) {
      const known = heldBy(share)
      if (known.count >= maxHeld) return false
      known.count += 1
      return true
    },
    giveBackAt(share, count) {
      const known = heldBy(share)
      known.givenBackUntil = Math.max(known.givenBackUntil, now().getTime()) + count * paceMs
      return new Date(known.givenBackUntil)
    },
    run: (share, work) =>
      perApp(share.appId, () => lanes[isFailing(share.appId) ? 'failing' : 'well'](share, work)).finally(() =>
        drop(share),
      ),
    note(appId, outcome) {
      if (outcome === 'failed') failedUntil.set(appId, now().getTime() + failingMs)
      else failedUntil.delete(appId)
    },
  }
}

/** The narrow limit first: what waits for its owner's turn takes no place of others. */
function lanesFor({ all, tenant, owner }: Limits): (share: LogoutShare, work: Work) => Promise<void> {
  const inAll = lanesOf(all)
  const perTenant = lanesByKey(tenant)
  const perOwner = lanesByKey(owner)
  return (share, work) => perOwner(ownerKey(share), () => perTenant(tenantKey(share), () => inAll(work)))
}

/** An app of the operator has its own. */
const ownerKey = ({ appId, owner }: LogoutShare) =>
  owner === undefined ? `app ${appId}` : `owner ${owner.tenant} ${owner.userId}`
const tenantKey = ({ appId, owner }: LogoutShare) => (owner === undefined ? `app ${appId}` : `tenant ${owner.tenant}`)
