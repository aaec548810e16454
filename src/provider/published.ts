/**
 * Keys, certificates, endpoints and expiries of an upstream, as last published or configured; no
 * I/O.
 */

export type ExpiryKind = 'certificate' | 'our certificate' | 'metadata'

/** Something of a connection that ends at a time. */
export interface Expiry {
  readonly kind: ExpiryKind
  /** Unique among those of a kind, such as a fingerprint. */
  readonly name: string
  readonly expiresAt: Date
}

/** Undefined: not fetched yet, or the upstream has none. */
export interface Published {
  readonly expiries: readonly Expiry[]
  /** IDs of the keys that sign ID tokens, sorted. */
  readonly keys?: readonly string[] | undefined
  /** SHA-256 fingerprints of certificates, sorted. */
  readonly certificates?: readonly string[] | undefined
  /** The issuer's endpoints, as `name url`, sorted. */
  readonly endpoints?: readonly string[] | undefined
}
