/** Counts of sign-ins, from their traces: by connection, error code and step. */

import { isRequestRefusal } from '../../broker/sign-ins/request-refusals.ts'
import { awaitsSecondFactor, type Trace, type TraceSink } from '../../broker/trace.ts'
import type { ErrorCode } from '../../errors.ts'
import { BusiestLabels } from '../../primitives/busiest-labels.ts'
import { DurationCounts } from '../../primitives/duration-counts.ts'

export const maxConnectionLabels = 200
/** Maximum number of step names of all kinds together. Providers name about six each. */
const maxSteps = 100

export interface SignInResults {
  started: number
  signedIn: number
  readonly refused: Map<ErrorCode, number>
}

export interface ConnectionLabels {
  readonly tenant: string
  readonly connection: string
}

export interface MeasuredSignIns {
  readonly sink: TraceSink
  /** The busiest connections, and `other` for the rest. */
  byConnection(): readonly (ConnectionLabels & { readonly results: SignInResults })[]
  /** Durations of steps of finished sign-ins. */
  bySteps(): readonly { readonly kind: string; readonly step: string; readonly durations: DurationCounts }[]
}

/** @param kindOf kind of a connection, such as `okta`; undefined if it is unknown */
export function measureSignIns(kindOf: (tenant: string, connection: string) => string | undefined): MeasuredSignIns {
  const make = (): SignInResults => ({ started: 0, signedIn: 0, refused: new Map() })
  const connections = new BusiestLabels({ max: maxConnectionLabels, make })
  const steps = new Map<string, { kind: string; step: string; durations: DurationCounts }>()

  function measureSteps(kind: string, trace: Trace): void {
    for (const { name, tookMs } of trace.steps) {
      const step = steps.has(`${kind}\n${name}`) || steps.size < maxSteps ? name : 'other'
      const key = `${kind}\n${step}`
      const measured = steps.get(key) ?? { kind, step, durations: new DurationCounts() }
      steps.set(key, measured)
      measured.durations.add(tookMs / 1000)
    }
  }

  return {
    sink(trace) {
      if (trace.outcome === 'sessions ended' || trace.purpose === 'logout' || isRequestRefusal(trace)) return
      if (awaitsSecondFactor(trace)) return // it was counted when it began
      const kind = kindOf(trace.tenant, trace.connection)
      const results = connections.countsOf(kind === undefined ? unknown : labelOf(trace))
      if (trace.outcome === 'started') {
        results.started += 1
        return
      }
      if (trace.outcome === 'signed in') results.signedIn += 1
      else count(results.refused, trace.code ?? 'internal')
      if (kind !== undefined) measureSteps(kind, trace)
    },
    byConnection: () => [
      ...connections.shown().map(([label, results]) => ({ ...labelsOf(label), results })),
      { tenant: 'other', connection: 'other', results: connections.others },
    ],
    bySteps: () => [...steps.values()],
  }
}

const unknown = 'unknown/unknown'
/** Ids contain no slash. */
const labelOf = ({ tenant, connection }: ConnectionLabels) => `${tenant}/${connection}`

function labelsOf(label: string): ConnectionLabels {
  const [tenant = '', connection = ''] = label.split('/')
  return { tenant, connection }
}

function count(counts: Map<ErrorCode, number>, code: ErrorCode): void {
  counts.set(code, (counts.get(code) ?? 0) + 1)
}
