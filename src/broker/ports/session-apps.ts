import type { Session } from '../session/session.ts'

/** What an app got of a session: the `sid` by which it knows the session, and its grant. */
export interface SessionApp {
  readonly sid: string
  readonly grantId: string
}

/** How many sessions before it lead to a session. */
export const maxPredecessors = 50

/** The apps a session signed in to. */
export interface SessionApps {
  /** App id → what it got. Empty when none or forgotten; still told of a session that was just ended, so that its apps can be. */
  of(sessionId: string): Promise<ReadonlyMap<string, SessionApp>>
  /**
   * Also files the grant under the user and the app, for `grantsOf`. Replaces what the app got of this session before. Of a session that
   * is gone nothing is kept but the grant.
   */
  put(session: Session, appId: string, got: SessionApp): Promise<void>
  /**
   * The person of `from` signed in again, as `to`: its apps are those of `to` too, and whatever was bound to `from` or to the sessions it
   * followed (the last `maxPredecessors`) finds `to` by `successorOf`, until the absolute limit of `to`. Nothing happens when `from` has no
   * apps, when `to` is gone, or when they are not of one user.
   */
  carryOver(from: Session, to: Session): Promise<void>
  /** Id of the session that followed this one, or a later one that followed that: one read. Whether it lives is for the caller to see. */
  successorOf(sessionId: string): Promise<string | null>
  forget(sessionId: string): Promise<void>
  /** Ids of the grants an app holds of a user, of whatever session, while that or anything put with the grant lives; of all apps without `appId`. */
  grantsOf(tenant: string, userId: string, appId?: string): Promise<readonly string[]>
  /** Of those, the ones of sessions of this connection, or of sessions that took over from one of it. */
  grantsOfConnection(tenant: string, userId: string, connection: string): Promise<readonly string[]>
}
