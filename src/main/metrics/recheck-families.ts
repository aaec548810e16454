/** Counts of re-checks, by connection and outcome. */
import { type ConnectionKey, placeOf } from '../../broker/connections.ts'
import type { RecheckOutcome } from '../../broker/session/recheck/recheck-user.ts'
import { BusiestLabels } from '../../primitives/busiest-labels.ts'
import type { Family, Sample } from './family.ts'
import { maxConnectionLabels } from './measured-sign-ins.ts'

const outcomes = ['confirmed', 'refused', 'unknown'] as const
type Counted = (typeof outcomes)[number]
type Counts = Record<Counted, number>

export interface MeasuredRechecks {
  count(connection: ConnectionKey, outcome: RecheckOutcome['outcome']): void
  /** The busiest connections, and `other` for the rest. */
  byConnection(): readonly (readonly [label: string, counts: Readonly<Counts>])[]
}

export function measureRechecks(): MeasuredRechecks {
  const make = (): Counts => ({ confirmed: 0, refused: 0, unknown: 0 })
  const connections = new BusiestLabels({ max: maxConnectionLabels, make })
  return {
    count(connection, outcome) {
      if (outcome !== 'skipped') connections.countsOf(placeOf(connection))[outcome] += 1
    },
    byConnection: () => [...connections.shown(), ['other/other', connections.others]],
  }
}

export function recheckFamilies({ byConnection }: MeasuredRechecks): readonly Family[] {
  return [
    {
      name: 'gatehouse_rechecks_total',
      type: 'counter',
      help: 'Re-checks of users at their upstreams (docs/users/recheck.md). outcome: confirmed, refused, or unknown without a usable answer. The 200 busiest connections, and other.',
      labels: ['tenant', 'connection', 'outcome'],
      read: () =>
        byConnection().flatMap(([label, counts]) => {
          const [tenant = '', connection = ''] = label.split('/')
          return outcomes.map(
            (outcome): Sample => ({ labels: { tenant, connection, outcome }, value: counts[outcome] }),
          )
        }),
    },
  ]
}
