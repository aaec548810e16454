/**
 * The state of a connection: whether users can sign in with it, and if not, why and who can fix it.
 */
import type { ConfigProblem } from '../../provider/provider.ts'
import type { KnownHealth } from '../ports/health.ts'
import {
  configurationFindings,
  type FaultyState,
  type Finding,
  probeFindings,
  type RecentSignIns,
  signInFindings,
} from './findings.ts'
import type { NamedConnection } from './fix.ts'

/** Worst first. */
export const stateNames = ['down', 'misconfigured', 'degraded', 'never used', 'healthy'] as const

export type StateName = (typeof stateNames)[number]

export interface StateInput {
  readonly named: NamedConnection
  readonly health: KnownHealth | undefined
  readonly signIns: RecentSignIns
  /** Problems that `Provider.inspect` returned. */
  readonly problems: readonly ConfigProblem[]
}

export interface ConnectionState {
  readonly state: StateName
  /** All that is wrong, worst first. */
  readonly findings: readonly Finding[]
}

export function connectionState({ named, health, signIns, problems }: StateInput): ConnectionState {
  const findings = [
    ...configurationFindings(problems),
    ...probeFindings(health, named),
    ...signInFindings(signIns, health, named),
  ]
  const sorted = findings.toSorted((one, other) => rankOf(one.state) - rankOf(other.state))
  const [worst] = sorted
  if (worst === undefined) return { state: isUsed(signIns) ? 'healthy' : 'never used', findings }
  return { state: worst.state, findings: withoutRepetition(sorted) }
}

export const rankOf = (state: StateName) => stateNames.indexOf(state)

export const isFaulty = (state: StateName): state is FaultyState => rankOf(state) < rankOf('never used')

/** Whether there was a sign-in, successful or refused. */
const isUsed = ({ last, failures }: RecentSignIns) =>
  failures.length > 0 || last?.lastSignInAt !== undefined || last?.lastRefusal !== undefined

/** A probe and sign-ins often find the same; the reference of a sign-in is kept. */
function withoutRepetition(sorted: readonly Finding[]): readonly Finding[] {
  const byTitle = new Map<string, Finding>()
  for (const finding of sorted) {
    const before = byTitle.get(finding.title)
    const { reference } = finding
    if (before === undefined) byTitle.set(finding.title, finding)
    else if (before.reference === undefined && reference !== undefined)
      byTitle.set(finding.title, { ...before, reference })
  }
  return [...byTitle.values()]
}
