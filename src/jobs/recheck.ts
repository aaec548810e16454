/**
 * Re-checks users at their upstreams. Every process takes due users from the store, each leased to
 * one of them. A connection has a limit of its own, so a slow upstream delays no other.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionKey, placeOf } from '../broker/connections.ts'
import type { ClaimedGrant } from '../broker/ports/upstream-grants.ts'
import { confirmsUsers } from '../broker/session/recheck/confirmation.ts'
import { type RecheckOutcome, type RecheckPorts, recheckUser } from '../broker/session/recheck/recheck-user.ts'
import { updateSessions } from '../broker/session/recheck/refresh-profile.ts'
import type { UserActivity } from '../broker/session/recheck/user-activity.ts'
import type { Tenant } from '../tenant.ts'
import { type ConnectionLimit, connectionLimit } from './recheck-limit.ts'

export interface RecheckerOptions {
  readonly ports: RecheckPorts
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly activity: UserActivity
  readonly onOutcome: (grant: ClaimedGrant, outcome: RecheckOutcome, tookMs: number) => void
  /** A store failed; leases run out, and others or this process claim again. */
  readonly onProblem: (sentence: string, cause: unknown) => void
}

export interface Rechecker {
  start(): void
  /** Stores the activity, then re-checks what is due until no more can be taken. Never throws. */
  run(): Promise<void>
  /** Claims no more, and finishes running re-checks. */
  stop(): Promise<void>
}

/** A quarter of the shortest interval, if that is shorter. */
const maxPollMs = 5000
const batch = 64
/** Claimed and not finished, of all connections. */
const maxHeld = 1024
const leaseMs = 240_000
/**
 * After this time from the claim no request begins; one may take `outbound.timeout`, at most 60 s.
 */
const startWithinMs = 120_000
/** A check that read a session before the change may write it back until then. */
const updateAgainMs = 5000
const retryMs = [200, 1000, 3000]
/** A slow upstream does not hold up the end of the process: the lease runs out. */
const stopMs = 8000

export function createRechecker(options: RecheckerOptions): Rechecker {
  const { ports, activity, onOutcome, onProblem } = options
  const { upstreamGrants, now } = ports
  const intervals = [...options.tenants.values()].flatMap(({ connections }) =>
    connections.flatMap(({ recheckSeconds }) => recheckSeconds ?? []),
  )
  const isUsed = intervals.length > 0
  const pollMs = Math.min(maxPollMs, Math.min(...intervals) * 250)
  const limits = new Map<string, ConnectionLimit & { readonly place: ConnectionKey }>()
  const held = new Set<Promise<void>>()
  const again = new Set<NodeJS.Timeout>()
  const stopping = new AbortController()
  let isMoreDue = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  async function storeActivity(): Promise<void> {
    for (const [tenant, users] of activity.take())
      await upstreamGrants.recordActivity(tenant, [...users.userIds], users.at).catch((error) => {
        activity.putBack(tenant, users)
        onProblem('which users are in use could not be stored', error)
      })
  }

  function limitOf(place: ConnectionKey) {
    const key = placeOf(place)
    const limit = limits.get(key) ?? { ...connectionLimit(() => now().getTime()), place }
    limits.set(key, limit)
    return limit
  }

  async function claimDue(): Promise<void> {
    while (!stopping.signal.aborted && held.size < maxHeld) {
      const claimedAt = now()
      const full = [...limits.values()].filter((limit) => !limit.hasCapacity()).map(({ place }) => place)
      const leaseUntil = new Date(claimedAt.getTime() + leaseMs)
      const grants = await upstreamGrants.claim(claimedAt, leaseUntil, batch, full)
      for (const grant of grants) hold(grant, claimedAt.getTime() + startWithinMs)
      isMoreDue = grants.length === batch || full.length > 0
      if (grants.length < batch) return
    }
  }

  function hold(grant: ClaimedGrant, startBefore: number): void {
    const work = limitOf(grant)
      .run(() => recheck(grant, startBefore))
      .catch((error) => onProblem('a re-check could not be stored; it is repeated', error))
      .finally(() => {
        held.delete(work)
        if (isMoreDue && limitOf(grant).hasCapacity()) void run()
      })
    held.add(work)
  }

  /** Resolves to whether the upstream answered; undefined if it was not asked. */
  async function recheck(grant: ClaimedGrant, startBefore: number): Promise<boolean | undefined> {
    const leftMs = startBefore - now().getTime()
    if (stopping.signal.aborted || leftMs <= 0 || limitOf(grant).isPaused()) {
      const resume = limitOf(grant).resumesAt()
      await upstreamGrants.release(grant, new Date(Math.max(now().getTime(), resume)))
      return undefined
    }
    const beganAt = performance.now()
    const signal = AbortSignal.timeout(leftMs)
    const outcome = await recheckUser(ports, grant, { signal, retry: withRetries })
    onOutcome(grant, outcome, performance.now() - beganAt)
    if (outcome.outcome === 'confirmed' && outcome.isChanged) updateLater(grant)
    return outcome.outcome === 'skipped' ? undefined : outcome.outcome !== 'unknown'
  }

  function updateLater(grant: ClaimedGrant): void {
    const connection = ports.connections.get(grant.tenant, grant.connection)
    const timeout = setTimeout(() => {
      again.delete(timeout)
      updateSessions(ports, grant, connection).catch((error) => onProblem('sessions could not be updated', error))
    }, updateAgainMs).unref()
    again.add(timeout)
  }

  async function runOnce(): Promise<void> {
    await storeActivity()
    await claimDue()
  }

  function run(): Promise<void> {
    if (!isUsed) return Promise.resolve()
    running ??= runOnce()
      .catch((error) => onProblem('users to re-check could not be read', error))
      .finally(() => {
        running = undefined
      })
    return running
  }

  async function adoptLastLogins(): Promise<void> {
    for (const tenant of options.tenants.values())
      for (const settings of tenant.connections)
        if (confirmsUsers(tenant, settings)) await ports.users.confirmByLastLogin(tenant.id, settings.id)
  }

  return {
    start() {
      adoptLastLogins().catch((error) => onProblem('the last sign-ins of users could not be read', error))
      if (!isUsed) return
      timer = setInterval(() => void run(), pollMs).unref()
      void run()
    },
    async run() {
      do {
        await run()
        await Promise.all(held)
      } while (held.size > 0)
    },
    async stop() {
      stopping.abort()
      clearInterval(timer)
      for (const timeout of again) clearTimeout(timeout)
      await running
      await storeActivity()
      await Promise.race([Promise.all(held), sleep(stopMs, undefined, { ref: false })])
    },
  }
}

/**
 * Retries a store write, so that a refresh token that the upstream has just replaced is not lost.
 */
async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (const delay of retryMs)
    try {
      return await work()
    } catch {
      await sleep(delay)
    }
  return work()
}
