import type { DeploymentFacts, StoreFacts } from '../../broker/deployment/facts.ts'
import type { Family, NumberFamily, Sample } from './family.ts'
import type { MeasuredCalls } from './measured-storage.ts'

export type ReadFacts = () => Promise<DeploymentFacts>

const gauge = (
  { name, help, labels = [] }: Pick<NumberFamily, 'name' | 'help' | 'labels'>,
  read: NumberFamily['read'],
): Family => ({ name, type: 'gauge', help, labels, read })

export function storeFamilies(facts: ReadFacts, calls: MeasuredCalls): readonly Family[] {
  const ofStores = async (value: (store: StoreFacts) => number | undefined): Promise<readonly Sample[]> =>
    (await facts()).stores.flatMap((store) => {
      const known = value(store)
      return known === undefined ? [] : [{ labels: { store: store.kind }, value: known }]
    })
  const ofStore = (name: string, help: string, value: (store: StoreFacts) => number | undefined) =>
    gauge({ name, help, labels: ['store'] }, () => ofStores(value))
  return [
    ofStore('gatehouse_store_up', 'Whether the store answers: 1 or 0.', ({ latencyMs }) =>
      Number(latencyMs !== undefined),
    ),
    ofStore('gatehouse_store_ping_seconds', 'Duration of the calls that readiness makes.', ({ latencyMs }) =>
      latencyMs === undefined ? undefined : latencyMs / 1000,
    ),
    {
      name: 'gatehouse_store_call_duration_seconds',
      type: 'histogram',
      help: 'Durations of calls to the stores, by the part of the store. store: durable (PostgreSQL or SQLite) or volatile (Redis or SQLite).',
      labels: ['store', 'part'],
      read: () => calls.all().map(({ durations, ...labels }) => ({ labels, durations })),
    },
    gauge(
      {
        name: 'gatehouse_store_pool_connections',
        help: 'Connections of this process to PostgreSQL. state: in_use or idle.',
        labels: ['store', 'state'],
      },
      async () =>
        (await facts()).stores.flatMap(({ kind, figures }): Sample[] =>
          figures?.pool === undefined
            ? []
            : [
                { labels: { store: kind, state: 'in_use' }, value: figures.pool.inUse },
                { labels: { store: kind, state: 'idle' }, value: figures.pool.idle },
              ],
        ),
    ),
    ofStore(
      'gatehouse_store_pool_pending',
      'Statements that wait for a connection.',
      ({ figures }) => figures?.pool?.pending,
    ),
    ofStore(
      'gatehouse_store_pool_max_connections',
      'Limit of connections of this process.',
      ({ figures }) => figures?.pool?.max,
    ),
    ofStore('gatehouse_store_size_bytes', 'Size of the database.', ({ figures }) => figures?.databaseBytes),
    ofStore('gatehouse_store_wal_bytes', 'Size of the write-ahead log of SQLite.', ({ figures }) => figures?.walBytes),
    ofStore('gatehouse_store_memory_bytes', 'Memory that Redis uses.', ({ figures }) => figures?.memoryBytes),
    ofStore(
      'gatehouse_store_max_memory_bytes',
      'Memory beyond which Redis refuses writes.',
      ({ figures }) => figures?.maxMemoryBytes,
    ),
  ]
}

export function signingKeyFamilies(facts: ReadFacts): readonly Family[] {
  return [
    gauge(
      {
        name: 'gatehouse_signing_key_age_seconds',
        help: 'Age of the keys that sign tokens. status: next, active or retired.',
        labels: ['key', 'algorithm', 'status'],
      },
      async () => {
        const { at, signingKeys = [] } = await facts()
        return signingKeys.map(({ id, algorithm, status, createdAt }) => {
          return { labels: { key: id, algorithm, status }, value: (at.getTime() - createdAt.getTime()) / 1000 }
        })
      },
    ),
  ]
}
