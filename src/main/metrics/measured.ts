/** Counters of this process as plain numbers, which `/metrics` reads. */

import { type MeasuredChecks, noChecks } from '../../primitives/measured-checks.ts'
import { passkeyConnection, type Tenant } from '../../tenant.ts'
import { type MeasuredSignIns, measureSignIns } from './measured-sign-ins.ts'
import { type MeasuredCalls, measureCalls } from './measured-storage.ts'
import { type MeasuredRechecks, measureRechecks } from './recheck-families.ts'
import type { MeasuredRecords } from './record-families.ts'

export interface Measured {
  readonly calls: MeasuredCalls
  /** `queued` is set once the writers are open. */
  readonly records: MeasuredRecords
  readonly signIns: MeasuredSignIns
  /** Checks by endpoint. */
  readonly checks: { readonly session: MeasuredChecks; readonly verify: MeasuredChecks }
  /** Attempts that a rate limit refused, by its name. */
  readonly limited: ReadonlyMap<string, number>
  readonly countRefusal: (limit: string) => void
  readonly rechecks: MeasuredRechecks
}

export function measureProcess(tenants: ReadonlyMap<string, Tenant>): Measured {
  const kindOf = (tenant: string, connection: string) =>
    connection === passkeyConnection && tenants.has(tenant)
      ? passkeyConnection
      : tenants.get(tenant)?.connections.find(({ id }) => id === connection)?.kind
  const limited = new Map<string, number>()
  return {
    calls: measureCalls(),
    records: { traces: noRecords(), auditEvents: noRecords() },
    signIns: measureSignIns(kindOf),
    checks: { session: noChecks(), verify: noChecks() },
    limited,
    countRefusal: (limit) => void limited.set(limit, (limited.get(limit) ?? 0) + 1),
    rechecks: measureRechecks(),
  }
}

const noRecords = () => ({ queued: () => 0, dropped: 0 })
