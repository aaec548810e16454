import type { Memo } from '../../provider/provider.ts'
import type { Session } from '../session/session.ts'

/** Stored beside a session, sealed, if either side can end the other's session. */
export interface SessionOrigin {
  /** What the upstream may call it (`endNamed`); each name covers any number of sessions. */
  readonly names: readonly string[]
  /** The provider's note for ending the upstream's session. */
  readonly memo: Memo | undefined
}

/** The origin of a session that is opened now. */
export interface NewSessionOrigin extends SessionOrigin {
  // When the answer arrived; names ended later refuse the session. Default: now.
  readonly since?: Date
}

export interface Sessions {
  /**
   * False, with nothing stored, if the user's sessions were ended meanwhile: `epoch` is older than
   * the stored one, or a name was ended since `origin.since`. Atomic; in a cluster, by the order of
   * steps.
   * @param epoch `User.epoch` when the login read the user. Default 0, the oldest
   */
  put(session: Session, origin?: NewSessionOrigin, epoch?: number): Promise<boolean>
  /** For an hour `put` refuses sessions of an older epoch than this. Never lowers it. */
  raiseEpoch(tenant: string, userId: string, epoch: number): Promise<void>
  /** One store read. Null when unknown or gone; the caller judges the limits. */
  find(id: string): Promise<Session | null>
  // Sets lastSeenAt (whole seconds), keeps the record until `expiresAt`; ignores ended sessions.
  touch(session: Session, lastSeenAt: Date, expiresAt: Date): Promise<void>
  /** True when this call ended it. Ending removes it from the user's list too. */
  delete(session: Session): Promise<boolean>
  /** The user's live sessions, newest first; clears away what has expired. */
  list(tenant: string, userId: string): Promise<readonly Session[]>
  /** Ends all but `exceptId`; returns how many. */
  deleteAll(tenant: string, userId: string, exceptId?: string): Promise<number>
  /** The tenant's sessions of this name. */
  findByName(tenant: string, name: string): Promise<readonly Session[]>
  // Ends and returns the sessions of this name; for an hour refuses its older logins.
  deleteByName(tenant: string, name: string): Promise<readonly Session[]>
  /** What was put beside a session that has not been ended; null when nothing was. */
  origin(id: string): Promise<SessionOrigin | null>
}
