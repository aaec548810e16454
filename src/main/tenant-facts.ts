/** Gathers what the overview shows of a tenant, or of all: connections and sign-ins. */
import type { TenantFacts } from '../broker/deployment/facts.ts'
import { readSignInFacts } from '../broker/deployment/sign-in-facts.ts'
import { type ConnectionList, type ConnectionListPorts, listConnections } from '../broker/health/connection-list.ts'
import type { ConnectionExpiry } from '../broker/health/expiries.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { SignInStatistics } from '../broker/ports/sign-ins.ts'
import { GatehouseError } from '../errors.ts'
import { readWithin } from './read-within.ts'

/** States and expiries of all connections cost too much for each view of each administrator. */
const refreshAfterMs = 5000
/** With thousands of connections they are read less often: about a fiftieth of one core. */
const costFactor = 50
/** Older ones are not shown. */
const maxAgeMs = 60_000
const behindMs = 50
const quickMs = 50

interface Found {
  readonly at: number
  readonly connections: Promise<ConnectionList>
  readonly expiries: Promise<readonly ConnectionExpiry[]>
  /** When it is read again: at once if it is quick, else behind the response. */
  refreshAt: number
  tookMs: number
}

type Sources = ConnectionListPorts & Pick<CorePorts, 'expiries'>

/** Never throws. */
export function tenantFacts(ports: Sources) {
  const cache = new Map<string | undefined, Found>()

  function find(tenant: string | undefined): Found {
    const time = performance.now()
    for (const [key, before] of cache) if (time - before.at >= maxAgeMs) cache.delete(key)
    const before = cache.get(tenant)
    if (before === undefined) return read(tenant)
    if (time >= before.refreshAt && before.tookMs < quickMs) {
      cache.delete(tenant)
      return read(tenant)
    }
    if (time >= before.refreshAt) {
      before.refreshAt = Number.POSITIVE_INFINITY
      setTimeout(() => read(tenant), behindMs).unref()
    }
    return before
  }

  function read(tenant: string | undefined): Found {
    const at = performance.now()
    const connections = listConnections(ports, tenant)
    const found = { at, connections, expiries: ports.expiries(tenant), refreshAt: at + refreshAfterMs, tookMs: 0 }
    const ready = Promise.allSettled([found.connections, found.expiries])
    ready.then(() => {
      found.tookMs = performance.now() - at
      found.refreshAt = at + Math.max(refreshAfterMs, costFactor * found.tookMs)
      cache.set(tenant, found)
    })
    if (!cache.has(tenant)) cache.set(tenant, found)
    return found
  }

  return async (tenant: string | undefined): Promise<TenantFacts> => {
    const found = find(tenant)
    const [connections, expiries, signIns] = await Promise.all([
      readWithin(() => found.connections),
      readWithin(() => found.expiries),
      readWithin(() => readSignInFacts(ports.signInStatistics, tenant, ports.now())),
    ])
    return { connections: connections ?? (await readWithin(() => fromProbes(ports, tenant))), expiries, signIns }
  }
}

/** The list without counts of sign-ins, whose store is late. */
const fromProbes = (ports: ConnectionListPorts, tenant: string | undefined) =>
  listConnections({ ...ports, signInStatistics: unavailable }, tenant)

const late = async () => {
  throw new GatehouseError('store_unavailable', 'the counts of sign-ins are late')
}
const unavailable: SignInStatistics = {
  ...{ counts: late, failures: late, steps: late },
  ...{ recentOutcomes: late, lastOutcomes: late },
}
