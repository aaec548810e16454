/** Connections with their states, for the admin pages: the worst first. */
import { GatehouseError } from '../../errors.ts'
import { computedOnce } from '../../primitives/computed-once.ts'
import type { ConfigProblem, Provider } from '../../provider/provider.ts'
import type { ConnectionSettings, Tenant } from '../../tenant.ts'
import { type ConnectionKey, placeOf } from '../connections.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { KnownHealth } from '../ports/health.ts'
import type { LastOutcome, SignInStatistics } from '../ports/sign-ins.ts'
import { type ConnectionState, connectionState, stateNames } from './connection-state.ts'
import type { RecentSignIns } from './findings.ts'
import type { NamedConnection } from './fix.ts'

export type ConnectionListPorts = Ports<
  'connectionHealth' | 'connections' | 'nextTurn' | 'now' | 'publicUrl' | 'signInStatistics'
>

export interface ListedConnection extends ConnectionState {
  readonly named: NamedConnection
  readonly health: KnownHealth | undefined
  readonly last: LastOutcome | undefined
}

export interface ConnectionList {
  /** The worst first, then by tenant and connection. */
  readonly connections: readonly ListedConnection[]
  /** False while the store of sign-ins is unavailable: states follow from probes alone. */
  readonly knowsSignIns: boolean
  readonly readAt: Date
}

/** @param tenant default: all; of very many, the list may be up to 30 seconds old */
export function listConnections(ports: ConnectionListPorts, tenant?: string): Promise<ConnectionList> {
  return tenant === undefined && isLarge(ports) ? cachedList(ports) : readList(ports, tenant)
}

/**
 * Reads the list at the start of the process, so that the first page of many connections is fast.
 */
export async function prepareConnectionList(ports: ConnectionListPorts): Promise<void> {
  if (isLarge(ports)) await cachedList(ports)
}

const isLarge = ({ connections }: ConnectionListPorts) => connections.tenants().length > maxReadTenants

/** Reading the last outcomes of thousands of tenants takes longer than a page may. */
const maxReadTenants = 200
const renewAfterMs = 10_000
/** An older one is never returned: callers wait for the next. */
const maxAgeMs = 30_000

interface CachedList {
  list?: ConnectionList
  renewal?: Promise<ConnectionList> | undefined
}

const cachedListOf = computedOnce((_: SignInStatistics): CachedList => ({}))

/** After ten seconds the next call renews it behind its response; all callers share one read. */
async function cachedList(ports: ConnectionListPorts): Promise<ConnectionList> {
  const cached = cachedListOf(ports.signInStatistics)
  const { list } = cached
  const age = list === undefined ? maxAgeMs : ports.now().getTime() - list.readAt.getTime()
  if (list !== undefined && age < renewAfterMs) return list
  cached.renewal ??= renew(ports, cached)
  if (list === undefined || age >= maxAgeMs) return cached.renewal
  // the next call tries again, and throws once the list is too old
  cached.renewal.catch(() => undefined)
  return list
}

async function renew(ports: ConnectionListPorts, cached: CachedList): Promise<ConnectionList> {
  try {
    const list = await readList(ports)
    cached.list = list
    return list
  } finally {
    cached.renewal = undefined
  }
}

async function readList(ports: ConnectionListPorts, tenant?: string): Promise<ConnectionList> {
  const readAt = ports.now()
  const signIns = await recentSignIns(ports, tenant)
  const places = tenant === undefined ? allPlaces(ports) : placesOf(ports, [ports.connections.tenant(tenant)])
  const byState = new Map(stateNames.map((state) => [state, [] as ListedConnection[]]))
  for (const [at, place] of places.entries()) {
    const connection = listed(ports, place, signIns)
    byState.get(connection.state)?.push(connection)
    if (at % placesAtOnce === placesAtOnce - 1) await ports.nextTurn()
  }
  return { connections: [...byState.values()].flat(), knowsSignIns: signIns !== undefined, readAt }
}

/** Requests need not wait for the whole list of thousands. */
const placesAtOnce = 500

/** Facts of a connection that never change. */
interface Place {
  readonly name: string
  readonly settings: ConnectionSettings
  readonly provider: Provider
  readonly named: NamedConnection
}

const knownPlaces = new WeakMap<ConnectionListPorts['connections'], readonly Place[]>()

function allPlaces(ports: ConnectionListPorts): readonly Place[] {
  const before = knownPlaces.get(ports.connections)
  if (before !== undefined) return before
  const places = placesOf(ports, ports.connections.tenants())
  knownPlaces.set(ports.connections, places)
  return places
}

/** The connections of these tenants, sorted by tenant and connection. */
const placesOf = (ports: ConnectionListPorts, tenants: readonly Tenant[]): readonly Place[] =>
  tenants
    .toSorted((one, other) => compare(one.id, other.id))
    .flatMap((tenant) =>
      tenant.connections
        .toSorted((one, other) => compare(one.id, other.id))
        .map((settings) => placeIn(ports, tenant, settings)),
    )

function placeIn({ connections, publicUrl }: ConnectionListPorts, tenant: Tenant, settings: ConnectionSettings): Place {
  const provider = connections.providerOf(settings.kind)
  const named = namedConnection(publicUrl.origin, tenant, settings, provider)
  return { name: placeOf(named), settings, provider, named }
}

/** Throws `connection_unknown`. */
export async function listedConnection(ports: ConnectionListPorts, key: ConnectionKey): Promise<ListedConnection> {
  const { tenant, settings } = ports.connections.get(key.tenant, key.connection)
  return listed(ports, placeIn(ports, tenant, settings), await recentSignIns(ports, key.tenant))
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)

interface SignIns {
  readonly outcomes: ReadonlyMap<string, LastOutcome>
  readonly recent: ReadonlyMap<string, Omit<RecentSignIns, 'last'>>
}

const hourMs = 3_600_000
/**
 * How many connections with the latest failures get counts; of others only the last failure is
 * read.
 */
const maxCounted = 100

/** Three queries for all. */
async function recentSignIns(ports: ConnectionListPorts, tenant?: string): Promise<SignIns | undefined> {
  const { signInStatistics: statistics, now } = ports
  const since = new Date(now().getTime() - hourMs)
  try {
    const last = await statistics.lastOutcomes(tenant)
    const failing = last
      .filter((outcome) => failedAt(outcome) >= since.getTime() || isFailingToday(outcome, now()))
      .toSorted((one, other) => failedAt(other) - failedAt(one))
    const ofHour = failing.filter((outcome) => failedAt(outcome) >= since.getTime()).slice(0, maxCounted)
    const counted = await statistics.recentOutcomes([...new Set(ofHour.map((outcome) => outcome.tenant))], since)
    const recent = new Map(failing.map((outcome) => [placeOf(outcome), onlyLast(outcome)]))
    for (const outcome of counted) recent.set(placeOf(outcome), outcome)
    return { outcomes: new Map(last.map((outcome) => [placeOf(outcome), outcome])), recent }
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'store_unavailable') return undefined
    throw error
  }
}

const failedAt = ({ lastRefusal }: LastOutcome) => lastRefusal?.lastAt.getTime() ?? 0

/** The last sign-in failed: an idle hour does not repair a connection. */
const isFailingToday = (outcome: LastOutcome, now: Date) =>
  failedAt(outcome) > Math.max(outcome.lastSignInAt?.getTime() ?? 0, now.getTime() - 24 * hourMs)

function onlyLast({ tenant, connection, lastRefusal }: LastOutcome): Omit<RecentSignIns, 'last'> {
  if (lastRefusal === undefined) return noFailures
  return { failures: [{ tenant, connection, ...lastRefusal, count: 1, firstAt: lastRefusal.lastAt }], signedIn: 0 }
}

const noFailures = { failures: [], signedIn: 0 }

function listed(ports: ConnectionListPorts, place: Place, signIns: SignIns | undefined): ListedConnection {
  const { name, settings, provider, named } = place
  const last = signIns?.outcomes.get(name)
  const health = ports.connectionHealth(named.tenant, named.connection)
  const recent = { last, ...(signIns?.recent.get(name) ?? noFailures) }
  const problems = problemsOf(settings, provider, ports.now())
  return { named, health, last, ...connectionState({ named, health, signIns: recent, problems }) }
}

function namedConnection(origin: string, tenant: Tenant, settings: ConnectionSettings, provider: Provider) {
  const { id, kind } = settings
  const callbackUrl = `${origin}/t/${tenant.id}/${id}/callback`
  const { name: label, callbackPlace, secretPlace } = provider.brand
  return { tenant: tenant.id, connection: id, kind, label, callbackUrl, callbackPlace, secretPlace }
}

/** Reading certificates costs too much for each view of ten thousand connections. */
const inspected = new WeakMap<
  ConnectionSettings,
  { readonly at: number; readonly problems: readonly ConfigProblem[] }
>()

function problemsOf(settings: ConnectionSettings, provider: Provider, now: Date): readonly ConfigProblem[] {
  const before = inspected.get(settings)
  if (before !== undefined && now.getTime() - before.at < hourMs) return before.problems
  const problems = provider.inspect?.(settings.config, now) ?? []
  inspected.set(settings, { at: now.getTime(), problems })
  return problems
}
