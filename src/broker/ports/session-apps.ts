import type { Session } from '../session/session.ts'

/** The `sid` an app knows the session by, and its grant. */
export interface SessionApp {
  readonly sid: string
  readonly grantId: string
}

/** Limits the chain of sessions that lead to a session. */
export const maxPredecessors = 50

export interface SessionApps {
  /** By app id. Still known right after the session ended, so that its apps can be notified. */
  of(sessionId: string): Promise<ReadonlyMap<string, SessionApp>>
  /**
   * Replaces the app's entry for this session, and files the grant for `grantsOf`. If the session
   * has ended, only the grant is kept.
   */
  put(session: Session, appId: string, got: SessionApp): Promise<void>
  /**
   * The user of `from` signed in again as `to`: `to` gets its apps, and `successorOf` finds `to`
   * from `from` and its last `maxPredecessors` predecessors until `to` expires. Does nothing if
   * `from` has no apps, `to` has ended, or the users differ.
   */
  carryOver(from: Session, to: Session): Promise<void>
  /** Id of the latest session that followed this one: one read. It may have ended. */
  successorOf(sessionId: string): Promise<string | null>
  forget(sessionId: string): Promise<void>
  /** Ids of the live grants that an app, or all apps without `appId`, hold of a user. */
  grantsOf(tenant: string, userId: string, appId?: string): Promise<readonly string[]>
  /** Those from sessions of this connection, or from their successors. */
  grantsOfConnection(tenant: string, userId: string, connection: string): Promise<readonly string[]>
}
