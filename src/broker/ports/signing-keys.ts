import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'

/** A key we sign ID tokens and JWT access tokens with. `next` is published ahead of use; `retired` is published until the last token signed with it is over. */
export interface SigningKey {
  /** The `kid`. */
  readonly id: string
  readonly algorithm: SigningAlgorithm
  readonly status: 'next' | 'active' | 'retired'
  /** The private JWK, sealed in the context `signing key <id>`. */
  readonly sealed: Buffer
  readonly createdAt: Date
  readonly activatedAt: Date | undefined
  readonly retiredAt: Date | undefined
}

export interface SigningKeys {
  /** Oldest first. */
  all(): Promise<readonly SigningKey[]>
  /**
   * Stores all of `after` and removes what is not in it, only while the ids and states are still those of `before`; false otherwise.
   * However many processes begin or rotate together, one wins and the others read what it stored.
   */
  replace(before: readonly SigningKey[], after: readonly SigningKey[]): Promise<boolean>
}
