/**
 * One signature algorithm per client (Core 3.1.3.7, Back-Channel Logout 1.0 section 2.6): the
 * configured one, the only one in discovery, or that of the last ID token from the token endpoint.
 */
import type { IssuerMetadata } from '../discovery.ts'

export interface Algorithms {
  /** ID tokens from the token endpoint. */
  forIdTokens(known: IssuerMetadata): readonly string[]
  /** Logout tokens and exchanged ID tokens, which anyone can send. */
  forLogoutTokens(known: IssuerMetadata): readonly string[]
  /** Call after an ID token from the token endpoint was accepted. */
  record(algorithm: string): void
}

export function openAlgorithms(): Algorithms {
  let latest: string | undefined
  const forIdTokens = (known: IssuerMetadata) => known.id_token_signing_alg_values_supported
  return {
    forIdTokens,
    forLogoutTokens: (known) => {
      const accepted = forIdTokens(known)
      return latest !== undefined && accepted.includes(latest) ? [latest] : accepted
    },
    record(algorithm) {
      latest = algorithm
    },
  }
}
