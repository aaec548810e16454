/** Adds a trace to the statistics of sign-ins. */
import { errorTable } from '../../errors.ts'
import type { LastOutcome, LastTrouble } from '../ports/sign-ins.ts'
import type { Trace, TraceStep } from '../trace.ts'
import { lacksEmail, missingEmailCause } from './cause.ts'
import { bucketOf } from './histogram.ts'
import { isRequestRefusal } from './request-refusals.ts'

export interface TraceCounts {
  /** False for refusals before a login, which have no connection. */
  readonly isLogin: boolean
  readonly signedIn: number
  readonly refused: number
  readonly failure: LastTrouble | undefined
  readonly durations: readonly { readonly step: string; readonly bucket: number }[]
  readonly outcome: LastOutcome
}

/** Null for a trace that does not end a login. */
export function countsOf(trace: Trace, at: Date): TraceCounts | null {
  const { tenant, connection, outcome, purpose } = trace
  if (purpose === 'logout' || isRequestRefusal(trace) || (outcome !== 'signed in' && outcome !== 'refused')) return null
  const isSignedIn = outcome === 'signed in'
  const failure = failureOf(trace, at)
  return {
    isLogin: connection !== 'unknown' && !connection.startsWith('app '),
    signedIn: Number(isSignedIn),
    refused: Number(!isSignedIn),
    failure,
    durations: trace.steps
      .filter(isMeasured)
      .map(({ name, tookMs }) => ({ step: name.slice(0, 60), bucket: bucketOf(tookMs) })),
    outcome: {
      tenant,
      connection,
      lastSignInAt: isSignedIn ? at : undefined,
      lastRefusal: failure,
      lastWarning: isSignedIn ? warningOf(trace, at) : undefined,
    },
  }
}

function failureOf({ outcome, code, cause, fixer, reference }: Trace, at: Date): LastTrouble | undefined {
  if (outcome !== 'refused' || code === undefined) return undefined
  const { fixer: usualFixer } = errorTable[code]
  return { code, cause: cause ?? code, fixer: fixer ?? usualFixer, lastAt: at, lastReference: reference }
}

function warningOf(trace: Trace, at: Date): LastOutcome['lastWarning'] {
  return lacksEmail(trace) ? { cause: missingEmailCause, lastAt: at, lastReference: trace.reference } : undefined
}

/** A check outside any step is recorded as a step without duration. */
const isMeasured = ({ name, tookMs, checks }: TraceStep) => tookMs > 0 || checks[0]?.name !== name
