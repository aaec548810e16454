/** The rows of the list, with their figures. */
import type { ConnectionKey } from '../../../broker/connections.ts'
import type { ListedConnection } from '../../../broker/health/connection-list.ts'
import type { StateName } from '../../../broker/health/connection-state.ts'
import type { ConnectionExpiry } from '../../../broker/health/expiries.ts'
import { type StepFigures, type SuccessFigures, slowestStep, successFigures } from '../../../broker/health/figures.ts'
import type { CorePorts } from '../../../broker/ports/core-ports.ts'
import type { SignInStatistics } from '../../../broker/ports/sign-ins.ts'
import { GatehouseError } from '../../../errors.ts'

export interface ConnectionRow {
  readonly listed: ListedConnection
  /** Undefined before the first sign-in, and while the store is unavailable. */
  readonly success: SuccessFigures | undefined
  readonly slowest: StepFigures | undefined
  /** The soonest first. */
  readonly expiries: readonly ConnectionExpiry[]
}

export type StateCounts = Readonly<Record<StateName, number>>

/** Two queries. */
export async function rowOf(
  listed: ListedConnection,
  expiries: readonly ConnectionExpiry[],
  statistics: SignInStatistics | undefined,
  now: Date,
): Promise<ConnectionRow> {
  const { tenant, connection } = listed.named
  if (statistics === undefined || listed.last === undefined)
    return { listed, expiries, success: undefined, slowest: undefined }
  const key = { tenant, connection }
  const [success, slowest] = await Promise.all([
    successFigures(statistics, key, now),
    slowestStep(statistics, key, now),
  ])
  return { listed, expiries, success, slowest }
}

export function countsOf(connections: readonly ListedConnection[]): StateCounts {
  const counts: Record<StateName, number> = { down: 0, misconfigured: 0, degraded: 0, 'never used': 0, healthy: 0 }
  for (const { state } of connections) counts[state] += 1
  return counts
}

/** Expiries of one connection, soonest first. */
export function expiriesOf(
  expiries: readonly ConnectionExpiry[],
  { tenant, connection }: ConnectionKey,
): readonly ConnectionExpiry[] {
  return expiries
    .filter((expiry) => expiry.tenant === tenant && expiry.connection === connection)
    .toSorted((one, other) => one.expiresAt.getTime() - other.expiresAt.getTime())
}

/** All expiries; none while the store is unavailable. */
export async function knownExpiries(
  { expiries }: Pick<CorePorts, 'expiries'>,
  tenant: string | undefined,
): Promise<readonly ConnectionExpiry[]> {
  try {
    return await expiries(tenant)
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'store_unavailable') return []
    throw error
  }
}
