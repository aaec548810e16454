/** Log lines about sign-ins and about the health of connections. */
import type { ConnectionKey } from '../../broker/connections.ts'
import { failedChecks, fixerOf, slowestCheck } from '../../broker/health.ts'
import type { Trace, TraceSink } from '../../broker/trace.ts'
import type { Health } from '../../provider/provider.ts'
import type { Log } from '../log.ts'

/** Logs one line for each finished sign-in. */
export function signInLog(log: Log): TraceSink {
  return (trace) => {
    const line = signInLine(trace)
    if (line !== undefined) log.info(line, 'sign-in')
  }
}

/**
 * Undefined for a trace of something else. Has the id of the user, not the email: it is personal.
 */
export function signInLine(trace: Trace): Readonly<Record<string, string>> | undefined {
  const { tenant, connection, outcome, code, fixer, userId, app, reference, purpose } = trace
  if (purpose === 'logout' || (outcome !== 'signed in' && outcome !== 'refused')) return undefined
  // a refused request that began no sign-in has a line of its own
  if (connection === 'unknown') return undefined
  return {
    tenant,
    connection,
    outcome,
    ...(code !== undefined && { code }),
    ...(fixer !== undefined && { fixer }),
    ...(userId !== undefined && { user: userId }),
    ...(app !== undefined && { app }),
    reference,
  }
}

export function healthLog(log: Log) {
  return (place: ConnectionKey, health: Health): void => {
    const troubles = failedChecks(health).map((check) => ({
      check: check.name,
      detail: check.detail,
      fixer: fixerOf(check),
    }))
    const slow = slowestCheck(health)
    const isWell = health.status === 'up' && troubles.length === 0 && slow === undefined
    log[isWell ? 'info' : 'warn'](
      { ...place, status: health.status, troubles, slow },
      'the health of a connection changed',
    )
  }
}
