import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { QueueSize } from '../../broker/ports/durable.ts'
import type { Family, NumberFamily, Sample } from './family.ts'
import { maxConnectionLabels } from './measured-sign-ins.ts'
import type { ReadFacts } from './store-families.ts'

export interface QueueSources extends Pick<CorePorts, 'now' | 'expiries'> {
  readonly facts: ReadFacts
  readonly liveClients: () => number
}

export function queueFamilies(sources: QueueSources): readonly Family[] {
  const { facts, liveClients } = sources
  const ofEach = (value: (size: QueueSize, at: Date) => number) => async () => {
    const { at, queues } = await facts()
    const sizes = [['mail', queues.mail] as const, ['logout', queues.logouts] as const]
    return sizes.flatMap(([queue, size]): Sample[] =>
      size === undefined ? [] : [{ labels: { queue }, value: value(size, at) }],
    )
  }
  const overdue = ({ oldestDueAt }: QueueSize, at: Date) =>
    oldestDueAt === undefined ? 0 : Math.max(0, (at.getTime() - oldestDueAt.getTime()) / 1000)
  return [
    {
      name: 'gatehouse_queue_length',
      type: 'gauge',
      help: 'Emails and back-channel logouts to deliver, those that wait for another try included. Of all processes.',
      labels: ['queue'],
      read: ofEach(({ messages }) => messages),
    },
    {
      name: 'gatehouse_queue_oldest_due_seconds',
      type: 'gauge',
      help: 'How long the oldest due entry of a queue is overdue. Of all processes.',
      labels: ['queue'],
      read: ofEach(overdue),
    },
    {
      name: 'gatehouse_live_clients',
      type: 'gauge',
      help: 'Admin pages that receive live updates from this process.',
      read: () => [{ value: liveClients() }],
    },
    { ...expiryFamily, read: () => soonestExpiries(sources) },
  ]
}

const expiryFamily = {
  name: 'gatehouse_expires_in_seconds',
  type: 'gauge',
  help: 'Seconds until a client secret, a certificate or metadata of a connection ends; negative afterwards. The 200 soonest.',
  labels: ['tenant', 'connection', 'kind'],
} as const satisfies Omit<NumberFamily, 'read'>

async function soonestExpiries({ expiries, now }: QueueSources) {
  const soonest = new Map<string, { labels: Record<string, string>; value: number }>()
  const sorted = (await expiries()).toSorted((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime())
  for (const { tenant, connection, kind, expiresAt } of sorted) {
    const key = `${tenant}/${connection}/${kind}`
    const value = (expiresAt.getTime() - now().getTime()) / 1000
    if (!soonest.has(key)) soonest.set(key, { labels: { tenant, connection, kind }, value })
    if (soonest.size === maxConnectionLabels) break
  }
  return [...soonest.values()]
}
