/** Results of session and token checks, as plain numbers: a check happens at every request. */
import { errorTable, type GatehouseError } from '../errors.ts'

export interface CheckResults {
  accepted: number
  refused: number
  /** Checks that failed by a fault of ours, such as a store that does not answer. */
  failed: number
}

/** Results of checks by the kind of credential. */
export interface MeasuredChecks {
  readonly session: CheckResults
  readonly apiToken: CheckResults
  /** Checks without a credential, or with several that differ. */
  readonly none: CheckResults
}

const noResults = (): CheckResults => ({ accepted: 0, refused: 0, failed: 0 })

export const noChecks = (): MeasuredChecks => ({ session: noResults(), apiToken: noResults(), none: noResults() })

/** The results to which a check of this token adds. */
export function resultsFor(checks: MeasuredChecks, token: string | undefined): CheckResults {
  if (token === undefined) return checks.none
  return token.startsWith('gth_a_') ? checks.apiToken : checks.session
}

/** A check that ended with an error. */
export function countFailure(results: CheckResults, { code }: GatehouseError): void {
  if (errorTable[code].status >= 500) results.failed += 1
  else results.refused += 1
}
