/** Problems of connections, grouped where very many have the same. Pure. */
import { placeOf } from '../connections.ts'
import type { ConnectionList, ListedConnection } from '../health/connection-list.ts'
import { isFaulty } from '../health/connection-state.ts'
import { expiryProblem } from '../health/expiries.ts'
import { type FaultyState, type Finding, notProbedCause } from '../health/findings.ts'
import type { TenantFacts } from './facts.ts'
import type { Problem, Severity } from './problem.ts'

const severityOf: Readonly<Record<FaultyState, Severity>> = {
  down: 'degraded',
  misconfigured: 'degraded',
  degraded: 'warning',
}
/** More are summed up. */
const maxProblems = 10

const moreProblems = {
  severity: 'warning',
  fix: 'The page Connections lists each with its fix.',
  fixer: 'tenant admin',
  path: '/admin/connections',
} as const

/** @param seesTenants whether titles name the tenant */
export function connectionProblems(list: ConnectionList | undefined, seesTenants: boolean): readonly Problem[] {
  const faulty = (list?.connections ?? []).filter(({ state }) => isFaulty(state))
  const stale = faulty.filter(isOnlyStale)
  if (stale.length <= 1) return ofFaulty(faulty, seesTenants)
  const others = faulty.filter((each) => !isOnlyStale(each))
  return [...stoppedProbes(stale), ...ofFaulty(others, seesTenants)]
}

const isOnlyStale = ({ findings: [worst] }: ListedConnection) => worst?.cause === notProbedCause

/** One problem: the probes of all connections stop together. */
function stoppedProbes(stale: readonly ListedConnection[]): readonly Problem[] {
  const findings = stale.flatMap(({ findings }) => findings.slice(0, 1))
  const [oldest] = findings.toSorted((one, other) => timeOf(one) - timeOf(other))
  if (oldest === undefined) return []
  const { fix, fixer, since } = oldest
  const title = `The health of ${stale.length} connections is not known: they are no longer probed`
  return [{ id: 'probes', severity: 'warning', title, fix, fixer, since, path: '/admin/connections' }]
}

const timeOf = ({ since }: Finding) => since?.getTime() ?? 0

function ofFaulty(failing: readonly ListedConnection[], seesTenants: boolean): readonly Problem[] {
  const shown = failing.slice(0, maxProblems).flatMap((each) => problemOf(each, seesTenants))
  const more = failing.length - maxProblems
  if (more <= 0) return shown
  return [...shown, { ...moreProblems, id: 'connections', title: `${more} more connections are not healthy` }]
}

/** Problems of secrets and certificates that have expired or expire within 60 days. */
export function expiryProblems(
  { expiries, connections }: Pick<TenantFacts, 'expiries' | 'connections'>,
  at: Date,
  seesTenants: boolean,
): readonly Problem[] {
  const found = (expiries ?? []).flatMap((expiry) => {
    const problem = expiryProblem(expiry, at)
    return problem === undefined ? [] : [{ expiry, problem }]
  })
  const labels = new Map(connections?.connections.map(({ named }) => [placeOf(named), named.label]))
  const sorted = found.toSorted((one, other) => one.problem.daysLeft - other.problem.daysLeft)
  const shown = sorted.slice(0, maxProblems).map(({ expiry, problem }) => {
    const { tenant, connection, kind } = expiry
    const label = labels.get(placeOf(expiry)) ?? connection
    const name = seesTenants ? `${label} of ${tenant}` : label
    return {
      id: `expiry ${tenant}/${connection} ${kind} ${expiry.name}`,
      severity: problem.daysLeft < 0 ? ('degraded' as const) : ('warning' as const),
      title: `${name}: ${problem.title}`,
      fix: problem.fix,
      fixer: problem.fixer,
      path: `/admin/connections/${tenant}/${connection}`,
    }
  })
  const more = sorted.length - maxProblems
  if (more <= 0) return shown
  return [...shown, { ...moreProblems, id: 'expiries', title: `${more} more secrets and certificates expire` }]
}

function problemOf({ named, state, findings }: ListedConnection, seesTenants: boolean): readonly Problem[] {
  const [worst] = findings
  if (worst === undefined || !isFaulty(state)) return []
  const { tenant, connection, label } = named
  const name = seesTenants ? `${label} of ${tenant}` : label
  return [
    {
      id: `connection ${tenant}/${connection}`,
      severity: severityOf[state],
      state,
      title: `${name}: ${worst.title}`,
      fix: worst.fix,
      fixer: worst.fixer,
      since: worst.since,
      path: `/admin/connections/${tenant}/${connection}`,
    },
  ]
}
