import type { Memo } from '../../provider/provider.ts'
import type { Session } from '../session/session.ts'

/** What is kept beside a session where its upstream may end it, or be ended with it: in a record of its own, sealed. */
export interface SessionOrigin {
  /** What the upstream may call it (`endNamed`); each name covers any number of sessions. */
  readonly names: readonly string[]
  /** The provider's note for ending the upstream's session. */
  readonly memo: Memo | undefined
}

/** The origin of a session that is opened now. */
export interface NewSessionOrigin extends SessionOrigin {
  /** When the upstream's answer came: `put` refuses the session if one of its names was ended after that. Default: now. */
  readonly since?: Date
}

export interface Sessions {
  /**
   * False, and nothing stored, when the user's sessions were ended meanwhile: `epoch` is older than `raiseEpoch` stored, a name was ended
   * since `origin.since`, or endAll or endNamed came in between. One atomic operation, or in a cluster the order of steps.
   * @param epoch of the user when the login read it (`User.epoch`). Default 0, the oldest
   */
  put(session: Session, origin?: NewSessionOrigin, epoch?: number): Promise<boolean>
  /** For an hour `put` refuses sessions of an older epoch than this. Never lowers it. */
  raiseEpoch(tenant: string, userId: string, epoch: number): Promise<void>
  /** One store read. Null when unknown or gone; the caller judges the limits. */
  find(id: string): Promise<Session | null>
  /** Sets seenAt (to the second) and lets the record live until `expiresAt`; does nothing to an ended session. */
  touch(session: Session, seenAt: Date, expiresAt: Date): Promise<void>
  /** True when this call ended it. Ending removes it from the user's list too. */
  delete(session: Session): Promise<boolean>
  /** The user's live sessions, newest first; clears away what has expired. */
  list(tenant: string, userId: string): Promise<readonly Session[]>
  /** Ends all but `exceptId`; returns how many. */
  deleteAll(tenant: string, userId: string, exceptId?: string): Promise<number>
  /** The tenant's sessions of this name. */
  findByName(tenant: string, name: string): Promise<readonly Session[]>
  /** Ends the tenant's sessions of this name; those that this very call ended. For an hour it refuses older logins of the name. */
  deleteByName(tenant: string, name: string): Promise<readonly Session[]>
  /** What was put beside a session that has not been ended; null when nothing was. */
  origin(id: string): Promise<SessionOrigin | null>
}
