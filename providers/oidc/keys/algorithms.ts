/**
 * One signature algorithm per client: Back-Channel Logout 1.0 section 2.6 and Core 3.1.3.7 want logout tokens and ID tokens signed
 * alike. It is configured, the only one in discovery, or the one of the latest ID token that the token endpoint gave.
 */
import type { IssuerMetadata } from '../discovery.ts'

export interface Algorithms {
  /** Of ID tokens from the token endpoint. */
  ofIdTokens(known: IssuerMetadata): readonly string[]
  /** Of tokens that anybody may bring: logout tokens, exchanged ID tokens. */
  ofMessages(known: IssuerMetadata): readonly string[]
  /** An ID token from the token endpoint was accepted. */
  seen(algorithm: string): void
}

export function openAlgorithms(): Algorithms {
  let latest: string | undefined
  const ofIdTokens = (known: IssuerMetadata) => known.id_token_signing_alg_values_supported
  return {
    ofIdTokens,
    ofMessages: (known) => {
      const accepted = ofIdTokens(known)
      return latest !== undefined && accepted.includes(latest) ? [latest] : accepted
    },
    seen(algorithm) {
      latest = algorithm
    },
  }
}
