/** Errors of calls to Gatehouse. */
import type { Problem } from './responses.ts'

/** An error response. `problem.code` is stable: switch on it. */
export class GatehouseRefusal extends Error {
  readonly problem: Problem
  /** From Retry-After. */
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(`Gatehouse refused with ${problem.status} ${problem.code} (${problem.reference})`)
    this.name = 'GatehouseRefusal'
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** No valid response in time: reject the request. The message contains no secret. */
export class GatehouseUnreachable extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = 'GatehouseUnreachable'
  }
}
