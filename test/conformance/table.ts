/** What became of a run: a row for each plan, and every failure with its reason. */
import { expected, expectedOf } from './expected.ts'
import type { ModuleResult } from './run-plan.ts'

export interface StoreResult extends ModuleResult {
  readonly store: string
}

const columns = ['PASSED', 'WARNING', 'FAILED', 'SKIPPED', 'REVIEW'] as const

export function printTable(results: readonly StoreResult[]): void {
  const rows = Map.groupBy(results, ({ store, plan }) => `${store.padEnd(9)} ${plan.padEnd(15)}`)
  console.log(`\n${'store'.padEnd(9)} ${'plan'.padEnd(15)} passed warning failed skipped review unfinished`)
  for (const [name, ofPlan] of rows) {
    const counts = columns.map((column) => ofPlan.filter(({ result }) => result === column).length)
    const unfinished = ofPlan.length - counts.reduce((sum, count) => sum + count, 0)
    const cells = [...counts, unfinished].map((count, at) => `${count || ''}`.padStart([6, 7, 6, 7, 6, 10][at] ?? 0))
    console.log(`${name} ${cells.join(' ')}`)
  }
}

const isFailure = ({ result }: ModuleResult) => !['PASSED', 'WARNING', 'SKIPPED', 'REVIEW'].includes(result)

/** Prints each failure with its reason. Returns whether failures match the expected list. */
export function reportFailures(results: readonly StoreResult[], whole: boolean): boolean {
  let good = true
  for (const failure of results.filter(isFailure)) {
    const known = expectedOf(failure.plan, failure.module)
    if (known === undefined) good = false
    console.log(
      `${failure.result} ${failure.store} ${failure.plan} ${failure.module}: ${known ? `${known.id} ${known.reason}` : 'NOT EXPECTED'}`,
    )
  }
  for (const { id, plans, module } of expected) {
    const ran = results.filter((each) => each.module === module && plans.includes(each.plan))
    const passed = ran.filter((each) => !isFailure(each))
    for (const { store, plan } of passed)
      console.log(`PASSED ${store} ${plan} ${module}: ${id} fails no more; take it out`)
    if (passed.length > 0) good = false
    const missing =
      whole &&
      plans.some((plan) => results.some((each) => each.plan === plan) && !ran.some((each) => each.plan === plan))
    if (missing) {
      console.log(`${id} ${module}: the suite has no such module any more; take it out`)
      good = false
    }
  }
  return good
}
