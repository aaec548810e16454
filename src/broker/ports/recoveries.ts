/** Ports for recoveries of users who lost their factors, and for links that undo factor changes. */
import type { UserKey } from '../session/session.ts'

/** A request to remove all factors. The user can cancel it until it is completed. */
export interface Recovery extends UserKey {
  readonly id: string
  /** SHA-256 of the completing secret, emailed only to the address that confirmed the request. */
  readonly completeHash: string
  /** SHA-256 of the canceling secret, emailed to all addresses of the user. */
  readonly cancelHash: string
  readonly createdAt: Date
  /** Earliest time of completion. */
  readonly effectiveAt: Date
  readonly expiresAt: Date
  /** Time of the outcome. Undefined while the recovery is pending. */
  readonly endedAt?: Date | undefined
  readonly outcome?: RecoveryOutcome | undefined
}

export type RecoveryKey = Pick<Recovery, 'tenant' | 'userId' | 'id'>

export const recoveryOutcomes = ['canceled', 'completed', 'expired'] as const
export type RecoveryOutcome = (typeof recoveryOutcomes)[number]

export interface Recoveries {
  /** False if the user has a pending recovery. Of concurrent callers, one succeeds. */
  start(recovery: Recovery): Promise<boolean>
  /**
   * The pending recovery of the user, or null. It may have expired: the caller checks `expiresAt`.
   */
  pendingOf(user: UserKey): Promise<Recovery | null>
  /** Finds a recovery by either hash, pending or ended. */
  findByHash(hash: string): Promise<Recovery | null>
  /** Ends a pending recovery. True for exactly one of all callers, whatever their outcomes. */
  close(recovery: RecoveryKey, outcome: Exclude<RecoveryOutcome, 'completed'>, at: Date): Promise<boolean>
  /**
   * Ends a pending recovery and removes the user's authenticators, recovery codes and remembered
   * devices, all or nothing. Returns the ids of the authenticators; null if it has ended.
   */
  complete(recovery: RecoveryKey, at: Date): Promise<readonly string[] | null>
  /** Deletes at most `limit` recoveries created before `date`. Returns how many. */
  forgetBefore(date: Date, limit: number): Promise<number>
}

export type UndoableChange =
  | { readonly kind: 'authenticator added' | 'authenticator removed'; readonly id: string; readonly name: string }
  | { readonly kind: 'recovery codes replaced' }
  /** `ids`: the authenticators that the recovery removed. */
  | { readonly kind: 'recovery completed'; readonly ids: readonly string[] }

/** A link in an email that undoes a change of factors. */
export interface UndoLink extends UserKey {
  /** SHA-256 of the link's secret. */
  readonly hash: string
  readonly change: UndoableChange
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly usedAt?: Date | undefined
}

export interface UndoLinks {
  put(link: UndoLink): Promise<void>
  /** Finds used and expired links too: the caller checks `usedAt` and `expiresAt`. */
  find(hash: string): Promise<UndoLink | null>
  /** Sets `usedAt`. True for exactly one caller. */
  use(hash: string, at: Date): Promise<boolean>
  /** Deletes at most `limit` links that expired before `date`. Returns how many. */
  forgetBefore(date: Date, limit: number): Promise<number>
}
