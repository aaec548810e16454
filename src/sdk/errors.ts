/** What can go wrong when an app asks Gatehouse. */
import type { Problem } from './responses.ts'

/** Gatehouse said no, and why. `problem.code` is stable: switch on it. */
export class GatehouseRefusal extends Error {
  readonly problem: Problem
  /** Seconds until trying again makes sense, where Gatehouse said so. */
  readonly retryAfterSeconds: number | undefined

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(`Gatehouse refused with ${problem.status} ${problem.code} (${problem.reference})`)
    this.name = 'GatehouseRefusal'
    this.problem = problem
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** No answer came in time, or none that can be understood: nothing is known, so nobody is let through. Its message holds no secret. */
export class GatehouseUnreachable extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = 'GatehouseUnreachable'
  }
}
