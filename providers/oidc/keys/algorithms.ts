/**
 * One signature algorithm per client: Back-Channel Logout 1.0 section 2.6 and Core 3.1.3.7 want logout tokens and ID tokens signed
 * alike. It is configured, the only one in discovery, or the one of the latest ID token that the token endpoint gave.
 */
import type { IssuerMetadata } from '../discovery.ts'

export interface Algorithms {
  /** Of ID tokens from the token endpoint. */
  forIdTokens(known: IssuerMetadata): readonly string[]
  /** Of tokens that anybody may bring: logout tokens, exchanged ID tokens. */
  forLogoutTokens(known: IssuerMetadata): readonly string[]
  /** An ID token from the token endpoint was accepted. */
  record(algorithm: string): void
}

export function openAlgorithms(): Algorithms {
  let latest: string | undefined
  const forIdTokens = (known: IssuerMetadata) => known.id_token_signing_alg_values_supported
  return {
    forIdTokens,
    forLogoutTokens: (known) => {
      const lastAcceptedMethod = forIdTokens(known)
      return latest !== undefined && lastAcceptedMethod.includes(latest) ? [latest] : lastAcceptedMethod
    },
    record(algorithm) {
      latest = algorithm
    },
  }
}
