/**
 * Has all checks of a connection run soon after a sign-in failed at the upstream, or started and
 * did not come back: then the upstream may have refused our callback URL, which it shows its user
 * only.
 */
import { type ConnectionKey, placeOf } from '../../broker/connections.ts'
import { awaitsSecondFactor, type Trace, type TraceSink } from '../../broker/trace.ts'

export interface SignInTriggerOptions {
  readonly check: (place: ConnectionKey) => void
  /** Visitors can make sign-ins fail: one connection is checked at most this often. */
  readonly minGapMs: number
}

export interface SignInTriggers {
  readonly sink: TraceSink
  stop(): void
}

/** Most users with a session at the upstream are back by then. */
const returnMs = 20_000

interface PlannedCheck {
  readonly timer: NodeJS.Timeout
  /** Any return shows that the callback URL works. */
  readonly endsWithReturn: boolean
}

export function signInTriggers({ check, minGapMs }: SignInTriggerOptions): SignInTriggers {
  /** Planned checks, at most one for each connection. */
  const planned = new Map<string, PlannedCheck>()
  const checkedAt = new Map<string, number>()

  function plan({ tenant, connection }: ConnectionKey, inMs: number, endsWithReturn: boolean): void {
    const place = { tenant, connection }
    const key = placeOf(place)
    const gapMs = (checkedAt.get(key) ?? Number.NEGATIVE_INFINITY) + minGapMs - performance.now()
    const run = () => {
      planned.delete(key)
      checkedAt.set(key, performance.now())
      check(place)
    }
    planned.set(key, { timer: setTimeout(run, Math.max(inMs, gapMs, 0)).unref(), endsWithReturn })
  }

  function endPlanned(key: string): void {
    clearTimeout(planned.get(key)?.timer)
    planned.delete(key)
  }

  return {
    sink(trace) {
      const key = placeOf(trace)
      const before = planned.get(key)
      if (trace.outcome === 'started' && !awaitsSecondFactor(trace)) {
        if (before === undefined) plan(trace, returnMs, true)
        return
      }
      if (before?.endsWithReturn) endPlanned(key)
      if (isOfUpstream(trace) && !planned.has(key)) plan(trace, 0, false)
    },
    stop() {
      for (const key of [...planned.keys()]) endPlanned(key)
    },
  }
}

const isOfUpstream = ({ outcome, code }: Trace) =>
  outcome === 'refused' && code !== undefined && /^upstream_(invalid|refused|unreachable)$/.test(code)
