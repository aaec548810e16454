import type { GatehouseError } from '../../errors.ts'
import type { Challenge } from '../../provider/provider.ts'
import type { LinkProof } from '../identity/login-candidate.ts'
import type { Resume } from '../ports/transactions.ts'
import type { Session } from '../session/session.ts'

export type Started = Begun | Refused

export interface Begun {
  readonly outcome: 'begun'
  readonly challenge: Challenge
  /** What the answer to the challenge will be known by. */
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

/** A login that ended without a session: why, and where the person was going. */
export interface Refused {
  readonly outcome: 'refused'
  readonly error: GatehouseError
  readonly reference: string
  readonly resume: Resume | undefined
  /** How the person can still get in: by proving to be who has the email. */
  readonly linkProof?: LinkProof
  /** Of an answer that came before: its login was never finished, and may begin again in this browser. To be asked a moment later. */
  readonly mayRestart?: () => Promise<boolean>
}
