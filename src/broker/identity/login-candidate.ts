import { GatehouseError } from '../../errors.ts'
import type { Evidence, Identity } from '../../provider/provider.ts'
import type { SessionOrigin } from '../ports/sessions.ts'
import type { ProofRequest } from './resolve-user.ts'

/** What an upstream said of whoever came, mapped as the tenant wishes, and all that a session of theirs needs to be opened later. */
export interface LoginCandidate {
  readonly identity: Identity
  readonly evidence: Evidence
  readonly completedAt: Date
  /** When the upstream's answer arrived, before it was checked. Default: `completedAt`. */
  readonly receivedAt?: Date | undefined
  /** When the upstream was asked, at the earliest. Default: unknown, which ends no revocation. */
  readonly startedAt?: Date | undefined
  readonly origin?: SessionOrigin | undefined
  /** SHA-256 of the stored hash of the password they typed, where they typed one. */
  readonly passwordHash?: string | undefined
}

/** A newcomer who may be linked to one of the holders once they sign in as that one; by id, those who have the email. */
export interface LinkProof extends LoginCandidate, Pick<ProofRequest, 'why' | 'mayDecline'> {
  readonly existingUserIds: readonly string[]
}

/** What is known of a newcomer besides what their upstream said. */
export interface LinkConstraints {
  /** Ids of the users this may be: throws `link_mismatch`, having stored nothing, for any other. */
  readonly allowedUserIds?: readonly string[] | undefined
  /** Ids of those with the same email, unproven, whom the person said not to be; `anybody` where nobody is asked. Default: nobody. */
  readonly excludedUserIds?: readonly string[] | 'anybody'
}

/** `link_refused` with a way out. */
export class LinkProofRequired extends GatehouseError {
  readonly linkProof: LinkProof

  constructor(message: string, proof: LinkProof) {
    super('link_refused', message)
    this.linkProof = proof
  }
}
