import { probeIntervalMs } from '../../broker/health.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { Tenant } from '../../tenant.ts'
import { type Family, type Sample, single } from './family.ts'
import { type ConnectionLabels, type MeasuredSignIns, maxConnectionLabels } from './measured-sign-ins.ts'

export interface HealthSources extends Pick<CorePorts, 'connectionHealth' | 'now'> {
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly signIns: Pick<MeasuredSignIns, 'byConnection'>
}

const states = ['up', 'degraded', 'down', 'unknown'] as const
type State = (typeof states)[number]

export function healthFamilies(sources: HealthSources): readonly Family[] {
  return [
    {
      name: 'gatehouse_connections',
      type: 'gauge',
      help: 'Connections by the state that the last probe found: up, degraded, down, or unknown: not probed, or not for three intervals.',
      labels: ['state'],
      read: () => {
        const all = connectionsOf(sources)
        return states.map((state) => ({ labels: { state }, value: all.filter((each) => each.state === state).length }))
      },
    },
    {
      name: 'gatehouse_connection_up',
      type: 'gauge',
      help: 'Whether a sign-in would work, by a recent probe: 1 or 0. At most 200 connections: those that fail, then the busiest.',
      labels: ['tenant', 'connection', 'kind'],
      read: () => shownOf(sources).map(({ state, ...labels }) => ({ labels, value: Number(state !== 'down') })),
    },
    {
      name: 'gatehouse_connection_probe_age_seconds',
      type: 'gauge',
      help: 'Age of the oldest result of a probe.',
      read: () => oldestProbe(sources),
    },
    {
      name: 'gatehouse_probe_interval_seconds',
      type: 'gauge',
      help: 'How often each connection is probed.',
      read: () => {
        const { length } = connectionsOf(sources)
        return length === 0 ? [] : single(probeIntervalMs(length) / 1000)
      },
    },
  ]
}

interface ConnectionState extends ConnectionLabels {
  readonly kind: string
  readonly state: State
}

function connectionsOf({ tenants, connectionHealth }: HealthSources): readonly ConnectionState[] {
  return [...tenants.values()].flatMap((tenant) =>
    tenant.connections.map(({ id, kind }) => {
      const health = connectionHealth(tenant.id, id)
      const state = health === undefined || health.isStale ? 'unknown' : health.status
      return { tenant: tenant.id, connection: id, kind, state }
    }),
  )
}

const severity: Readonly<Record<State, number>> = { down: 0, degraded: 1, up: 2, unknown: 2 }

function shownOf(sources: HealthSources): readonly ConnectionState[] {
  const signIns = new Map(
    sources.signIns
      .byConnection()
      .map(({ tenant, connection, results }) => [`${tenant}/${connection}`, results.started]),
  )
  const activity = ({ tenant, connection }: ConnectionLabels) => signIns.get(`${tenant}/${connection}`) ?? 0
  return connectionsOf(sources)
    .filter(({ state }) => state !== 'unknown')
    .toSorted((one, other) => severity[one.state] - severity[other.state] || activity(other) - activity(one))
    .slice(0, maxConnectionLabels)
}

function oldestProbe({ tenants, connectionHealth, now }: HealthSources): readonly Sample[] {
  const times = [...tenants.values()].flatMap((tenant) =>
    tenant.connections.flatMap(({ id }) => connectionHealth(tenant.id, id)?.checkedAt.getTime() ?? []),
  )
  if (times.length === 0) return []
  const oldest = times.reduce((least, time) => Math.min(least, time))
  return single((now().getTime() - oldest) / 1000)
}
