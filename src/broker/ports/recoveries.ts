/** Recoveries of users who lost their factors, and links that undo changes of factors. */
import type { UserKey } from '../session/session.ts'

/** A request to remove all factors. It waits, so that the user can cancel it. */
export interface Recovery extends UserKey {
  readonly id: string
  /** SHA-256 of the secret that completes it, which is emailed to one address. */
  readonly completeHash: string
  /** SHA-256 of the secret that cancels it, which is emailed to all addresses. */
  readonly cancelHash: string
  readonly createdAt: Date
  /** It cannot be completed earlier. */
  readonly effectiveAt: Date
  readonly expiresAt: Date
  /** Set once it is over. */
  readonly endedAt?: Date | undefined
  readonly outcome?: RecoveryOutcome | undefined
}

export const recoveryOutcomes = ['canceled', 'completed', 'expired'] as const
export type RecoveryOutcome = (typeof recoveryOutcomes)[number]

export interface Recoveries {
  /** False if the user has one that waits. Of concurrent callers, one succeeds. */
  start(recovery: Recovery): Promise<boolean>
  /** The one that waits; null without. The caller checks `expiresAt`. */
  pendingOf(user: UserKey): Promise<Recovery | null>
  /** By either hash, also one that is over. */
  findByHash(hash: string): Promise<Recovery | null>
  /** True for exactly one caller, of all outcomes. */
  close(recovery: Pick<Recovery, 'tenant' | 'userId' | 'id'>, outcome: RecoveryOutcome, at: Date): Promise<boolean>
  /** Deletes at most `limit` that were created before `date`. Returns how many. */
  forgetBefore(date: Date, limit: number): Promise<number>
}

/** What a link undoes. */
export type UndoableChange =
  | { readonly kind: 'authenticator added' | 'authenticator removed'; readonly id: string; readonly name: string }
  | { readonly kind: 'recovery codes replaced' }
  /** `ids`: the authenticators that it removed. */
  | { readonly kind: 'recovery completed'; readonly ids: readonly string[] }

/** A link in an email that undoes a change of factors. */
export interface UndoLink extends UserKey {
  /** SHA-256 of its secret. */
  readonly hash: string
  readonly change: UndoableChange
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly usedAt?: Date | undefined
}

export interface UndoLinks {
  put(link: UndoLink): Promise<void>
  /** Also a used one; the caller checks `expiresAt`. */
  find(hash: string): Promise<UndoLink | null>
  /** True for exactly one caller. */
  use(hash: string, at: Date): Promise<boolean>
  /** Deletes at most `limit` that ended before `date`. Returns how many. */
  forgetBefore(date: Date, limit: number): Promise<number>
}
