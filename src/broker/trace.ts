/** The recorded steps of one login attempt: what was done, what was compared, what was decided. Never a secret, token or code. */
import type { Check, ErrorCode, Fixer } from '../errors.ts'

export interface TraceStep {
  readonly name: string
  /** Milliseconds since the attempt began, and how long it took. */
  readonly atMs: number
  readonly tookMs: number
  readonly checks: readonly Check[]
  /** A sentence about the outcome, when there is one to say. */
  readonly note?: string
}

export interface Trace {
  /** Shown to the person, such as `7KQ2-M9XD`. */
  readonly reference: string
  readonly tenant: string
  readonly connection: string
  readonly startedAt: Date
  readonly outcome: 'begun' | 'signed in' | 'refused'
  readonly code?: ErrorCode
  readonly fixer?: Fixer
  readonly userId?: string
  /** Why this user, in sentences: the reasons of `resolveUser`. */
  readonly reasons: readonly string[]
  readonly steps: readonly TraceStep[]
}
