/**
 * Shares back-channel deliveries between apps, so that slow or dead servers of one owner delay no logouts of others. Limits apply
 * per app, per owner, per tenant of developers, and to all; apps that failed lately have limits of their own. In memory, for one process.
 */
import type { App } from '../app/app.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'
import { limitConcurrency, limitConcurrencyByKey, serializeByKey, type Work } from './concurrency.ts'

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
const maxClaimed = 200
/** What exceeds `maxClaimed` is claimed again at this pace. */
const retryIntervalMs = 5
const failingMs = 600_000
const maxFailing = 10_000

interface OwnerLoad {
  count: number
  /** When what was given back last is due, in milliseconds. */
  retryUntil: number
}

export interface LogoutScheduler {
  /** Counts a claimed delivery as held; false when its owner holds too many. */
  claim(share: LogoutShare): boolean
  /** When deliveries that were not held are due again. */
  retryAt(share: LogoutShare, count: number): Date
  /** Runs the work of a held delivery in its turn. */
  run(share: LogoutShare, work: Work): Promise<void>
  recordOutcome(appId: string, outcome: 'failed' | 'well'): void
}

/** @param onCapacity called when an owner that held too many holds few again */
export function logoutScheduler(now: () => Date, onCapacity: () => void): LogoutScheduler {
  const perApp = serializeByKey()
  const limiters = { well: limitShare(limits.well), failing: limitShare(limits.failing) }
  const failedUntil = new BoundedMap<string, number>(maxFailing)
  const held = new Map<string, OwnerLoad>()
  const isFailing = (appId: string) => now().getTime() < (failedUntil.get(appId) ?? 0)

  function loadOf(share: LogoutShare): OwnerLoad {
    const key = tenantKey(share)
    const known = held.get(key) ?? { count: 0, retryUntil: 0 }
    held.set(key, known)
    return known
  }

  function drop(share: LogoutShare): void {
    const known = loadOf(share)
    known.count -= 1
    if (known.count === maxClaimed / 2 && known.retryUntil > 0) onCapacity()
    if (known.count === 0 && known.retryUntil <= now().getTime()) held.delete(tenantKey(share))
  }

  return {
    claim(share) {
      const known = loadOf(share)
      if (known.count >= maxClaimed) return false
      known.count += 1
      return true
    },
    retryAt(share, count) {
      const known = loadOf(share)
      known.retryUntil = Math.max(known.retryUntil, now().getTime()) + count * retryIntervalMs
      return new Date(known.retryUntil)
    },
    run: (share, work) =>
      perApp(share.appId, () => limiters[isFailing(share.appId) ? 'failing' : 'well'](share, work)).finally(() =>
        drop(share),
      ),
    recordOutcome(appId, outcome) {
      if (outcome === 'failed') failedUntil.set(appId, now().getTime() + failingMs)
      else failedUntil.delete(appId)
    },
  }
}

/** The narrow limit first: what waits for its owner's turn takes no place of others. */
function limitShare({ all, tenant, owner }: Limits): (share: LogoutShare, work: Work) => Promise<void> {
  const inAll = limitConcurrency(all)
  const perTenant = limitConcurrencyByKey(tenant)
  const perOwner = limitConcurrencyByKey(owner)
  return (share, work) => perOwner(ownerKey(share), () => perTenant(tenantKey(share), () => inAll(work)))
}

/** An app of the operator has its own. */
const ownerKey = ({ appId, owner }: LogoutShare) =>
  owner === undefined ? `app ${appId}` : `owner ${owner.tenant} ${owner.userId}`
const tenantKey = ({ appId, owner }: LogoutShare) => (owner === undefined ? `app ${appId}` : `tenant ${owner.tenant}`)
