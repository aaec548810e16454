import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'

/** `next` is published ahead of use, `retired` until its last token expires. */
export interface SigningKey {
  /** The `kid`. */
  readonly id: string
  readonly algorithm: SigningAlgorithm
  readonly status: 'next' | 'active' | 'retired'
  /** Sealed in the context `signing key <id>`. */
  readonly sealed: Buffer
  readonly createdAt: Date
  readonly activatedAt: Date | undefined
  readonly retiredAt: Date | undefined
}

export interface SigningKeys {
  /** Oldest first. */
  all(): Promise<readonly SigningKey[]>
  /**
   * Stores `after` and removes other keys, if ids and states are those of `before`; false
   * otherwise. Of concurrent callers one wins.
   */
  replace(before: readonly SigningKey[], after: readonly SigningKey[]): Promise<boolean>
}
