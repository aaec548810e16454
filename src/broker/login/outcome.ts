import type { Fixer, GatehouseError } from '../../errors.ts'
import type { Challenge } from '../../provider/provider.ts'
import type { PendingSignIn } from '../assurance/pending-sign-in.ts'
import type { ProvableMethod } from '../assurance/requirement.ts'
import type { LinkProof } from '../identity/login-candidate.ts'
import type { UserFacts } from '../ports/users.ts'
import type { Resume } from '../ports/volatile.ts'
import type { Session } from '../session/session.ts'

export type Started = Begun | Refused

export interface Begun {
  readonly outcome: 'begun'
  readonly challenge: Challenge
  readonly state: string
  readonly resume: Resume
}

export type Finished = SignedIn | FactorRequired | Refused

export interface SignedIn {
  readonly outcome: 'signed in'
  readonly session: Session
  /** Shown once: only its hash is stored. */
  readonly token: string
  readonly resume: Resume
  /** Read with the user during the sign-in. A member that was not read is undefined. */
  readonly facts: Omit<UserFacts, 'hasAuthenticator'>
  /** Id of the connection whose pending identity this sign-in connected. */
  readonly linked?: string
}

/** The user is known, and must prove a second factor, or set one up, before a session opens. */
export interface FactorRequired {
  readonly outcome: 'factor required'
  readonly pending: PendingSignIn
  /** Best first. Empty: the user has none and must set one up. */
  readonly methods: readonly ProvableMethod[]
  /** The user may sign in without one this time. */
  readonly mayPostpone: boolean
  readonly resume: Resume
}

/** A signed-in user added the identity of this login: their session stays as it is. */
export interface Linked {
  readonly outcome: 'linked'
  readonly resume: Resume
}

/** A login that ended without a session. */
export interface Refused {
  readonly outcome: 'refused'
  readonly error: GatehouseError
  readonly fixer: Fixer
  readonly reference: string
  readonly resume: Resume | undefined
  /** Set if the user can prove to own the email's existing user. */
  readonly linkProof?: LinkProof
  /**
   * Whether a repeated callback may restart a login that never finished. Call it a moment later.
   */
  readonly mayRestart?: () => Promise<boolean>
}
