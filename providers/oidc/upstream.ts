/** Shared state of one connection. Documents are fetched at first use. */

import type { ConnectionContext } from '../../src/provider/provider.ts'
import type { OidcConfig } from './config.ts'
import { type IssuerMetadata, openDiscovery } from './discovery.ts'
import { type Cached, cached } from './endpoint/cached.ts'
import { type ObservedClock, observeClock } from './endpoint/clock.ts'
import { jsonDocument } from './endpoint/response.ts'
import { readKeySet } from './keys/key-set.ts'
import { type Keys, openKeys, sharedSecretKeys } from './keys/keys.ts'
import type { TokenRules } from './token/token-rules.ts'

export interface Upstream {
  readonly config: OidcConfig
  readonly context: ConnectionContext
  readonly metadata: Cached<IssuerMetadata>
  readonly keys: Keys
  readonly algorithms: Algorithms
  readonly rules: TokenRules
  readonly clock: Pick<ObservedClock, 'aheadMs'>
}

const metadataFreshMs = 3600_000
const metadataKeepMs = 24 * 3600_000

export function openUpstream(config: OidcConfig, context: ConnectionContext, rules: TokenRules): Upstream {
  const { now } = context
  const clock = observeClock(context)
  const { fetch } = clock
  const metadata = cached(openDiscovery(fetch, config, rules.announcedIssuer), {
    now,
    freshMs: metadataFreshMs,
    keepMs: metadataKeepMs,
  })
  const fetchKeys = jsonDocument(fetch, 'the key set', readKeySet)
  const { clientSecret, idTokenSignedResponseAlg } = config
  const keys =
    idTokenSignedResponseAlg === 'HS256' && clientSecret !== undefined
      ? sharedSecretKeys(clientSecret, now)
      : openKeys(async () => fetchKeys((await metadata.get()).jwks_uri ?? ''), now)
  return { config, context: { ...context, fetch }, metadata, keys, algorithms: openAlgorithms(), rules, clock }
}

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
