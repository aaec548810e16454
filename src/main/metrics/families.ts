/** Everything `/metrics` shows, in this order. */
import type { Core } from '../core.ts'
import { deploymentFamilies } from './deployment-families.ts'
import { type Family, recently } from './family.ts'
import { healthFamilies } from './health-families.ts'
import { limitFamilies } from './limit-families.ts'
import { processFamilies } from './process-families.ts'
import { queueFamilies } from './queue-families.ts'
import { recheckFamilies } from './recheck-families.ts'
import { recordFamilies } from './record-families.ts'
import { checkFamilies, signInFamilies } from './sign-in-families.ts'
import { type ReadFacts, signingKeyFamilies, storeFamilies } from './store-families.ts'

export interface MetricSources {
  readonly core: Pick<Core, 'measured' | 'parts' | 'tenants'>
  readonly facts: ReadFacts
  /** How many admin pages receive live updates. */
  readonly liveClients: () => number
}

export function familiesOf({ core, facts, liveClients }: MetricSources, version: string): readonly Family[] {
  const { measured, parts, tenants } = core
  const connections = [...tenants.values()].reduce((sum, tenant) => sum + tenant.connections.length, 0)
  const recentFacts = recently(facts)
  return [
    ...deploymentFamilies({ version, tenants: tenants.size, connections }),
    ...signInFamilies(measured.signIns),
    ...checkFamilies(measured.checks),
    ...limitFamilies(measured),
    ...recheckFamilies(measured.rechecks),
    ...healthFamilies({ ...parts, tenants, signIns: measured.signIns }),
    ...storeFamilies(recentFacts, measured.calls),
    ...queueFamilies({ ...parts, facts: recentFacts, liveClients }),
    ...recordFamilies(measured.records),
    ...signingKeyFamilies(recentFacts),
    ...processFamilies(),
  ]
}
