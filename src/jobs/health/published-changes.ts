/** Records what upstreams change: new keys, certificates and endpoints, once for each change. */
import { recordAudit } from '../../broker/audit/record.ts'
import { type ConnectionKey, placeOf } from '../../broker/connections.ts'
import {
  type ChangedKind,
  changesBetween,
  isSameState,
  mergedState,
  type PublishedChange,
} from '../../broker/health/expiries.ts'
import type { Ports } from '../../broker/ports/core-ports.ts'
import type { PublishedState, PublishedStates } from '../../broker/ports/published-states.ts'

export interface PublishedChangesOptions {
  readonly ports: Ports<'audit' | 'connections' | 'now'>
  readonly states: PublishedStates
  readonly onProblem: (error: unknown) => void
}

const actions = {
  keys: 'connection.keys_changed',
  certificates: 'connection.certificates_changed',
  endpoints: 'connection.endpoints_changed',
} as const satisfies Readonly<Record<ChangedKind, string>>

/** Audit details are texts of limited length. */
const maxShown = 10

/** Call it after each probe, which has renewed the documents of a connection. Never throws. */
export function publishedChanges({ ports, states, onProblem }: PublishedChangesOptions) {
  /**
   * States that this process last stored or read, so that a probe without changes calls no store.
   */
  const known = new Map<string, PublishedState>()

  async function compare(place: ConnectionKey): Promise<void> {
    const { tenant, connection } = place
    const published = ports.connections.get(tenant, connection).upstream.published?.()
    if (published === undefined) return
    const key = placeOf(place)
    const seen = { ...published, tenant, connection, seenAt: ports.now() }
    const last = known.get(key)
    if (last !== undefined && isSameState(last, mergedState(last, seen))) return
    const before = await states.find(place)
    const next = mergedState(before, seen)
    if (!isSameState(before, next)) {
      // one of concurrent processes writes, and records the change
      if (!(await states.replace(next, before))) return
      for (const change of changesBetween(before, next)) await record(place, change)
    }
    known.set(key, next)
  }

  async function record({ tenant, connection }: ConnectionKey, { kind, before, after }: PublishedChange) {
    const shown = (list: readonly string[]) => list.slice(0, maxShown).join(', ')
    const details = { connection, before: shown(before), after: shown(after) }
    await recordAudit(ports, {
      tenant,
      action: actions[kind],
      actor: 'system',
      target: `connection:${connection}`,
      details,
    })
  }

  return async (place: ConnectionKey): Promise<void> => {
    try {
      await compare(place)
    } catch (error) {
      onProblem(error)
    }
  }
}
