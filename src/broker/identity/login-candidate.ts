import { GatehouseError } from '../../errors.ts'
import type { Evidence, Identity } from '../../provider/provider.ts'
import type { SessionOrigin } from '../ports/volatile.ts'
import type { ProofRequest } from './resolve-user.ts'

/** An upstream's mapped answer, with all that is needed to open a session later. */
export interface LoginCandidate {
  readonly identity: Identity
  readonly evidence: Evidence
  readonly completedAt: Date
  /** When the upstream's answer arrived. Default: `completedAt`. */
  readonly receivedAt?: Date | undefined
  /** The earliest time the upstream was asked. Default: unknown, which ends no revocation. */
  readonly startedAt?: Date | undefined
  readonly origin?: SessionOrigin | undefined
  /** Time of the last login, for a re-check, which is none. Default: now. */
  readonly lastLoginAt?: Date | undefined
  /** SHA-256 of the stored password hash, for a password login. */
  readonly passwordHash?: string | undefined
}

/** A candidate that may be linked to one of these users, who have its email. */
export interface LinkProof extends LoginCandidate, Pick<ProofRequest, 'why' | 'mayDecline'> {
  readonly existingUserIds: readonly string[]
}

/** Limits on which user a candidate may resolve to. */
export interface LinkConstraints {
  /** Ids of the only users allowed: throws `link_mismatch`, having stored nothing, for others. */
  readonly allowedUserIds?: readonly string[] | undefined
  // Ids of users with the same unproven email that the user declined; `any`: do not ask.
  readonly excludedUserIds?: readonly string[] | 'any'
  /** Actor of a created user in the audit log. Default: the user. */
  readonly actor?: string | undefined
}

export class LinkProofRequired extends GatehouseError {
  readonly linkProof: LinkProof

  constructor(message: string, proof: LinkProof) {
    super('link_refused', message)
    this.linkProof = proof
  }
}
