/** Users whose deletion was requested, and the deletion itself. */
import type { UserKey } from '../session/session.ts'

export interface UserDeletion extends UserKey {
  readonly requestedAt: Date
  /** Time from which a job deletes the user, and nothing cancels it. */
  readonly dueAt: Date
}

export interface UserDeletions {
  find(user: UserKey): Promise<UserDeletion | null>
  /** Replaces an earlier request. */
  put(deletion: UserDeletion): Promise<void>
  /** True if this call canceled one that was not due at `now`. */
  cancel(user: UserKey, now: Date): Promise<boolean>
  /**
   * Cancels a deletion, also one that is due. True if this call canceled one that `deleteUser` has
   * not begun: it stores its own with `dueAt` at `requestedAt`.
   */
  cancelUnlessBegun(user: UserKey): Promise<boolean>
  /** The oldest first. @param after the last one of the page before */
  due(now: Date, limit: number, after?: UserDeletion): Promise<readonly UserDeletion[]>
  /**
   * Deletes the user's row and every durable row about them in one transaction: identities,
   * password, authenticators, recovery codes, devices, API tokens, secrets, consents, roles. Audit
   * events and traces stay until their retention. False if there is no such user.
   */
  erase(user: UserKey): Promise<boolean>
}
