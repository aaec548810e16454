/**
 * Limits concurrent back-channel deliveries per app, per owner, per tenant of developers, and in
 * total, so that a slow server delays no other owner. Apps that failed lately have smaller limits.
 * In memory, per process.
 */
import pLimit, { type LimitFunction } from 'p-limit'
import type { App } from '../app/app.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'

type Work = () => Promise<void>

/** App and owner whose limits a delivery counts against. A deleted or declared app has no owner. */
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
/** Interval at which deliveries over `maxClaimed` become due again. */
const retryIntervalMs = 5
const failingMs = 600_000
const maxFailing = 10_000

interface OwnerLoad {
  count: number
  /** When the last released delivery is due, in milliseconds. */
  retryUntil: number
}

export interface LogoutScheduler {
  /** Counts a claimed delivery; false when its owner has too many. */
  claim(share: LogoutShare): boolean
  /** When deliveries over the limit are due again. */
  retryAt(share: LogoutShare, count: number): Date
  /** Runs the work of a claimed delivery in its turn. */
  run(share: LogoutShare, work: Work): Promise<void>
  recordOutcome(appId: string, outcome: 'failed' | 'well'): void
}

/** @param onCapacity called when an owner that was over the limit may claim again */
export function logoutScheduler(now: () => Date, onCapacity: () => void): LogoutScheduler {
  const perApp = limitByKey(1)
  const limiters = { well: limitShare(limits.well), failing: limitShare(limits.failing) }
  const failedUntil = new BoundedMap<string, number>(maxFailing)
  const loads = new Map<string, OwnerLoad>()
  const isFailing = (appId: string) => now().getTime() < (failedUntil.get(appId) ?? 0)

  function loadOf(share: LogoutShare): OwnerLoad {
    const key = tenantKey(share)
    const load = loads.get(key) ?? { count: 0, retryUntil: 0 }
    loads.set(key, load)
    return load
  }

  function release(share: LogoutShare): void {
    const load = loadOf(share)
    load.count -= 1
    if (load.count === maxClaimed / 2 && load.retryUntil > 0) onCapacity()
    if (load.count === 0 && load.retryUntil <= now().getTime()) loads.delete(tenantKey(share))
  }

  return {
    claim(share) {
      const load = loadOf(share)
      if (load.count >= maxClaimed) return false
      load.count += 1
      return true
    },
    retryAt(share, count) {
      const load = loadOf(share)
      load.retryUntil = Math.max(load.retryUntil, now().getTime()) + count * retryIntervalMs
      return new Date(load.retryUntil)
    },
    async run(share, work) {
      try {
        await perApp(share.appId, () => limiters[isFailing(share.appId) ? 'failing' : 'well'](share, work))
      } finally {
        release(share)
      }
    },
    recordOutcome(appId, outcome) {
      if (outcome === 'failed') failedUntil.set(appId, now().getTime() + failingMs)
      else failedUntil.delete(appId)
    },
  }
}

/** The smallest limit first: a delivery waiting for its owner's limit takes no slot of others. */
function limitShare({ all, tenant, owner }: Limits): (share: LogoutShare, work: Work) => Promise<void> {
  const inAll = pLimit(all)
  const perTenant = limitByKey(tenant)
  const perOwner = limitByKey(owner)
  return (share, work) => perOwner(ownerKey(share), () => perTenant(tenantKey(share), () => inAll(work)))
}

/** An app without an owner counts by itself. */
const ownerKey = ({ appId, owner }: LogoutShare) =>
  owner === undefined ? `app ${appId}` : `owner ${owner.tenant} ${owner.userId}`
const tenantKey = ({ appId, owner }: LogoutShare) => (owner === undefined ? `app ${appId}` : `tenant ${owner.tenant}`)

/** A limiter for each key that has work. */
function limitByKey(max: number): (key: string, work: Work) => Promise<void> {
  const limiters = new Map<string, LimitFunction>()
  return async (key, work) => {
    const limit = limiters.get(key) ?? pLimit(max)
    limiters.set(key, limit)
    await limit(work).finally(() => {
      if (limit.activeCount + limit.pendingCount === 0) limiters.delete(key)
    })
  }
}
