import { GatehouseError } from '../../errors.ts'
import { LinkProofRequired } from '../identity/login-candidate.ts'
import { mayTraceRefusal } from '../limits/refusal-traces.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import type { Resume } from '../ports/transactions.ts'
import { AttemptTrace, referenceOf } from '../trace.ts'
import type { Refused } from './outcome.ts'

export type TracePorts = Pick<CorePorts, 'now' | 'random' | 'trace'>

/**
 * Runs the steps of one login; whatever stops them closes the trace with the reason.
 * @param isTraced false for a refusal that the log alone has: anybody can cause some by the thousand (limits/refusal-traces.ts)
 */
export async function runTraced<T extends { readonly outcome: string }>(
  trace: AttemptTrace,
  resume: Resume,
  steps: () => Promise<T>,
  isTraced: (error: GatehouseError) => boolean = () => true,
): Promise<T | Refused> {
  try {
    return await steps()
  } catch (cause) {
    const error =
      cause instanceof GatehouseError
        ? cause
        : new GatehouseError('internal', 'a login stopped by a fault of ours', { cause })
    if (isTraced(error)) trace.refused(error)
    const refused = { outcome: 'refused', error, reference: trace.reference, resume } as const
    return error instanceof LinkProofRequired ? { ...refused, linkProof: error.linkProof } : refused
  }
}

/** What a limit refuses has no end: it becomes a trace only so often. */
export function isTraceAllowed(ports: TracePorts, source: string): (error: GatehouseError) => boolean {
  return (error) => error.code !== 'too_many_attempts' || mayTraceRefusal(ports, source, error)
}

export function openTrace(
  ports: TracePorts,
  place: { readonly tenant: string; readonly connection: string },
): AttemptTrace {
  const { tenant, connection } = place
  const head = { reference: referenceOf(ports.random(8)), tenant, connection, startedAt: ports.now() }
  return new AttemptTrace(head, ports.now, ports.trace)
}

export function reopenTrace(
  ports: TracePorts,
  transaction: { readonly resume: Resume; readonly startedAt: Date; readonly steps: AttemptTrace['steps'] },
): AttemptTrace {
  const { reference, tenant, connection } = transaction.resume
  return new AttemptTrace(
    { reference, tenant, connection, startedAt: transaction.startedAt },
    ports.now,
    ports.trace,
    transaction.steps,
  )
}
