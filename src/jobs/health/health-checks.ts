/**
 * Probes the health of each connection in the background. One process of a deployment probes all
 * connections, every process shows the results. No start and no login waits for a probe.
 */
import type { ConnectionKey, Connections } from '../../broker/connections.ts'
import { changedAtOf, healthChanged, isStale, probeIntervalMs } from '../../broker/health.ts'
import { enforceProbeLimit } from '../../broker/limits/rate-limits.ts'
import type { HealthResults, KnownHealth, Leases, ProbeAsker, ProbedHealth } from '../../broker/ports/health.ts'
import type { Counters } from '../../broker/ports/volatile.ts'
import type { TraceSink } from '../../broker/trace.ts'
import type { Health, HealthCheck } from '../../provider/provider.ts'
import type { Tenant } from '../../tenant.ts'
import { leaseOwner } from '../lease-owner.ts'
import { findingsToKeep } from './due-checks.ts'
import { knownResults } from './known-health.ts'
import { healthWithin } from './probe.ts'
import { createProber } from './prober.ts'
import { signInTriggers } from './sign-in-triggers.ts'

export interface HealthCheckerOptions {
  readonly tenants: readonly Tenant[]
  readonly connections: Connections
  readonly results: HealthResults
  readonly leases: Leases
  readonly counters: Counters
  /** ID of this process. */
  readonly id: string
  readonly now: () => Date
  /** Called in the process that noticed the change. */
  readonly onChange: (place: ConnectionKey, health: Health) => void
  /** Called after each probe, which has renewed the documents of the connection. Never throws. */
  readonly onProbed?: (place: ConnectionKey) => void
  /** Findings besides those of the provider. Never throws. */
  readonly moreChecks?: (place: ConnectionKey) => Promise<readonly HealthCheck[]>
  /** Whether this process may probe for all. Default true. */
  readonly probe?: boolean
  /** Limit of one probe. Default: 8 seconds. */
  readonly timeoutMs?: number
  /** Default: `probeIntervalMs`. */
  readonly intervalMs?: number
}

export interface HealthChecker {
  /** The last result of any process; undefined before the first probe. */
  healthOf(tenant: string, connection: string): KnownHealth | undefined
  /** Throws `connection_unknown`, `too_many_attempts`. */
  probeNow(tenant: string, connection: string, by?: ProbeAsker): Promise<ProbedHealth>
  /** Reads the results of other processes once, without `start`. Never throws. */
  refresh(): Promise<void>
  start(): void
  /** A sign-in that failed at the upstream or did not come back has its connection checked soon. */
  readonly signInSink: TraceSink
  /** Another process takes over at once. */
  stop(): Promise<void>
}

const probeTimeoutMs = 8_000

export function createHealthChecker(options: HealthCheckerOptions): HealthChecker {
  const { connections, results, leases, counters, id, now, onChange, timeoutMs = probeTimeoutMs } = options
  const places = options.tenants.flatMap((tenant) =>
    tenant.connections.map((connection): ConnectionKey => ({ tenant: tenant.id, connection: connection.id })),
  )
  const intervalMs = options.intervalMs ?? probeIntervalMs(places.length)
  const stopping = new AbortController()
  const known = knownResults({ results, id, now })

  /** @param round without one, every check runs */
  async function probe(place: ConnectionKey, round?: number): Promise<ProbedHealth> {
    const { tenant, connection } = place
    const began = performance.now()
    const last = known.get(place)
    const isFresh = last !== undefined && !isStale(last, now(), intervalMs)
    const retained = round === undefined ? [] : findingsToKeep(last, round, isFresh)
    const probed = await healthWithin(timeoutMs, () => connections.get(tenant, connection), stopping.signal, retained)
    const more = (await options.moreChecks?.(place)) ?? []
    const health = more.length === 0 ? probed : { ...probed, checks: [...probed.checks, ...more] }
    const tookMs = Math.round((performance.now() - began) * 10) / 10
    const before = known.get(place)
    const timed = { ...health, checkedAt: now() }
    const result = { ...place, ...timed, changedAt: changedAtOf(before, timed), tookMs, probedBy: id }
    if (stopping.signal.aborted) return result
    known.add(result)
    options.onProbed?.(place)
    if (healthChanged(before, health)) onChange(place, health)
    return result
  }

  const prober = createProber({
    places,
    schedule: { intervalMs, connections: places.length },
    now,
    checkedAt: (place) => known.get(place)?.checkedAt,
    probe,
  })
  const triggers = signInTriggers({ check: (place) => void probe(place), minGapMs: intervalMs })
  const lease = leaseOwner({
    leases,
    name: 'health',
    owner: id,
    onGained: () => void known.refresh().then(() => !stopping.signal.aborted && prober.start()),
    onLost: () => prober.stop(),
  })

  return {
    healthOf(tenant, connection) {
      const result = known.get({ tenant, connection })
      return result && { ...result, isStale: isStale(result, now(), intervalMs) }
    },
    async probeNow(tenant, connection, by) {
      connections.get(tenant, connection)
      await enforceProbeLimit(counters, { tenant, connection }, by)
      const result = await probe({ tenant, connection })
      await known.flush()
      return result
    },
    refresh: known.refresh,
    start() {
      known.start()
      void known.refresh()
      if (options.probe !== false) lease.start()
    },
    signInSink: options.probe === false ? () => undefined : triggers.sink,
    async stop() {
      stopping.abort()
      triggers.stop()
      prober.stop()
      await known.stop()
      if (options.probe !== false) await lease.stop()
    },
  }
}
