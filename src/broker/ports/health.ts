/** Ports for the state that the processes of a deployment share. */
import type { Health } from '../../provider/provider.ts'

export interface TimedHealth extends Health {
  readonly checkedAt: Date
}

/** The last probe of a connection, of any process. */
export interface ProbedHealth extends TimedHealth {
  readonly tenant: string
  readonly connection: string
  /** Since when status, failed checks, their causes and slowness are what they are. */
  readonly changedAt: Date
  readonly tookMs: number
  /** Id of the process that probed. */
  readonly probedBy: string
}

/** Health of a connection as a process knows it. */
export interface KnownHealth extends ProbedHealth {
  /** No process has probed it for three intervals: it may have changed. */
  readonly isStale: boolean
}

export interface HealthResults {
  /** Replaces the former results of these connections. Forgotten after a day. */
  put(results: readonly ProbedHealth[]): Promise<void>
  all(): Promise<readonly ProbedHealth[]>
  /**
   * Results that were put since an earlier call returned `cursor`; all without one.
   * @param except ID of a process, whose own results are left out
   */
  since(cursor?: number, except?: string): Promise<HealthChanges>
}

export interface HealthChanges {
  readonly results: readonly ProbedHealth[]
  /** Cursor for the next call. */
  readonly cursor: number
}

/** Work that one process does for all. */
export interface Leases {
  /**
   * True if `owner` has it for the next `seconds`: it was free or ran out, or `owner` extends it.
   * Atomic.
   */
  hold(name: string, owner: string, seconds: number): Promise<boolean>
  release(name: string, owner: string): Promise<void>
}

export interface RunningProcess {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly version: string
  readonly startedAt: Date
  /** Hash of the loaded configuration: processes with another one are out of step. */
  readonly configuration: string
  readonly seenAt: Date
  /** Absent before the first measurement. */
  readonly clockDifferences?: readonly ClockDifference[]
}

/** How far the clock of a process is ahead of another. */
export interface ClockDifference {
  /** Such as `PostgreSQL`. */
  readonly against: string
  /** Negative: the process is behind. */
  readonly aheadMs: number
}

export interface Processes {
  /** Seen now; forgotten after `seconds`. */
  put(process: RunningProcess, seconds: number): Promise<void>
  remove(id: string): Promise<void>
  /** Processes that are not forgotten, longest running first. */
  all(): Promise<readonly RunningProcess[]>
}

/** Holders of a setup link count apart, so that they keep no administrator from probing. */
export type ProbeAsker = 'administrator' | 'setup link'
