/** Re-checks of users at their upstreams: their log, and their counts for `/metrics`. */
import { placeOf } from '../broker/connections.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { ClaimedGrant } from '../broker/ports/upstream-grants.ts'
import type { RecheckOutcome } from '../broker/session/recheck/recheck-user.ts'
import type { UserActivity } from '../broker/session/recheck/user-activity.ts'
import { errorForLog } from '../http/problem.ts'
import { createRechecker, type Rechecker } from '../jobs/recheck.ts'
import type { Tenant } from '../tenant.ts'
import type { Log } from './log.ts'
import type { MeasuredRechecks } from './metrics/recheck-families.ts'

export interface RecheckSources {
  readonly ports: CorePorts
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly activity: UserActivity
  readonly measured: MeasuredRechecks
  readonly log: Log
}

/** How often an upstream that does not answer is logged, for each connection. */
const logEveryMs = 300_000

export function openRechecker({ ports, tenants, activity, measured, log }: RecheckSources): Rechecker {
  const loggedAt = new Map<string, number>()

  function logUnknown(grant: ClaimedGrant, cause: unknown): void {
    const [place, now] = [placeOf(grant), ports.now().getTime()]
    if (now - (loggedAt.get(place) ?? Number.NEGATIVE_INFINITY) < logEveryMs) return
    loggedAt.set(place, now)
    const { tenant, connection } = grant
    const sentence = 'a re-check of a user proved nothing; nothing changed, and it is repeated'
    log.warn({ tenant, connection, error: errorForLog(cause) }, sentence)
  }

  return createRechecker({
    ports,
    tenants,
    activity,
    onOutcome(grant, result) {
      measured.count(grant, result.outcome)
      if (result.outcome === 'unknown') logUnknown(grant, result.cause)
      if (result.outcome === 'refused')
        log.info(refusedLine(grant, result), 'an upstream refused the re-check of a user')
    },
    onProblem: (sentence, cause) => log.warn({ error: errorForLog(cause) }, sentence),
  })
}

function refusedLine(grant: ClaimedGrant, result: Extract<RecheckOutcome, { readonly outcome: 'refused' }>) {
  const { tenant, connection, userId: user } = grant
  const { what, reason, sessions, reference } = result
  return { tenant, connection, user, what, reason, sessions, reference }
}
