/** A connection's identity provider, from the configuration or from published metadata. */
import type { MetadataSupport } from '../../../src/provider/provider.ts'
import type { IdentityProvider } from './idp-metadata.ts'
import type { Problem } from './trusted-metadata.ts'

export interface IdentityProviderSource {
  get(): Promise<IdentityProvider>
  /** Fetches again, whatever is cached. */
  renew(): Promise<IdentityProvider>
  readonly cached: IdentityProvider | undefined
  /**
   * For an answer that no known key signed: the provider may have changed its key. Anyone can send
   * such answers, so it fetches at most once a minute; returns `known` if nothing is new.
   */
  newerThan(known: IdentityProvider): Promise<IdentityProvider>
  /** Only for published metadata. */
  readonly review?: Required<Pick<MetadataSupport, 'inspect' | 'trust'>>
  /** Needs an admin, although logins work. */
  readonly problem: Problem | undefined
  /** Certificates of the metadata that are skipped, and why. */
  readonly skipped: readonly string[]
  /** End of the metadata in the configuration: later processes refuse it. */
  readonly validUntil?: Date | undefined
}
