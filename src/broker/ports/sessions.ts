import type { Memo } from '../../provider/provider.ts'
import type { Session } from '../session/session.ts'

/** Stored beside a session, sealed, if either side can end the other's session. */
export interface SessionOrigin {
  /** The upstream's names for it (`deleteByName`); several sessions may share one. */
  readonly names: readonly string[]
  /** The provider's data for ending the upstream's session. */
  readonly memo: Memo | undefined
}

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
  /** For an hour `put` refuses older epochs. Never lowers it. */
  raiseEpoch(tenant: string, userId: string, epoch: number): Promise<void>
  /** One store read. The caller checks the limits. */
  find(id: string): Promise<Session | null>
  // Sets lastSeenAt (whole seconds), keeps the record until `expiresAt`; ignores ended sessions.
  touch(session: Session, lastSeenAt: Date, expiresAt: Date): Promise<void>
  /** True if this call ended it. */
  delete(session: Session): Promise<boolean>
  /** The user's live sessions, newest first; removes expired ones. */
  list(tenant: string, userId: string): Promise<readonly Session[]>
  /** Ends all but `exceptId`; returns how many. */
  deleteAll(tenant: string, userId: string, exceptId?: string): Promise<number>
  findByName(tenant: string, name: string): Promise<readonly Session[]>
  // Ends and returns the sessions of this name; for an hour refuses its older logins.
  deleteByName(tenant: string, name: string): Promise<readonly Session[]>
  /** Null if none was stored, or the session has ended. */
  origin(id: string): Promise<SessionOrigin | null>
}
