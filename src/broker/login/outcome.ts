import type { GatehouseError } from '../../errors.ts'
import type { Challenge } from '../../provider/provider.ts'
import type { LinkProof } from '../identity/login-candidate.ts'
import type { Resume } from '../ports/volatile.ts'
import type { Session } from '../session/session.ts'

export type Started = Begun | Refused

export interface Begun {
  readonly outcome: 'begun'
  readonly challenge: Challenge
  readonly state: string
  readonly resume: Resume
}

export type Finished = SignedIn | Refused

export interface SignedIn {
  readonly outcome: 'signed in'
  readonly session: Session
  /** Shown once: only its hash is stored. */
  readonly token: string
  readonly resume: Resume
}

/** A login that ended without a session. */
export interface Refused {
  readonly outcome: 'refused'
  readonly error: GatehouseError
  readonly reference: string
  readonly resume: Resume | undefined
  /** Set if the user can prove to own the email's existing user. */
  readonly linkProof?: LinkProof
  /** For a repeated callback of a login that never finished. Call it a moment later. */
  readonly mayRestart?: () => Promise<boolean>
}
