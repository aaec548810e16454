/** The identity provider of a connection: written down in the config, or described by its own metadata. */
import type { SelfDescription, Site } from '../../src/provider.ts'
import { keysOf, type Problem } from './belief.ts'
import type { SamlConfig } from './config.ts'
import { describedAt } from './described.ts'
import { type IdentityProvider, readMetadata } from './idp-metadata.ts'

export interface IdentityProviderSource {
  get(): Promise<IdentityProvider>
  /** Asks again, whatever is kept. */
  renew(): Promise<IdentityProvider>
  readonly kept: IdentityProvider | undefined
  /**
   * For an answer that none of the known keys signed: the provider may have changed its key since. Whoever sends answers holds that
   * reason in their hands, so it counts at most once a minute; the same provider comes back when nothing is new.
   */
  newerThan(known: IdentityProvider): Promise<IdentityProvider>
  /** As `Connection.trust`; only where it describes itself. */
  trust?(digest: string | undefined): Promise<SelfDescription>
  /** What is wrong although people get in. */
  readonly problem: Problem | undefined
}

export function openIdentityProvider(config: SamlConfig, site: Site): IdentityProviderSource {
  const { metadataUrl } = config
  return metadataUrl === undefined ? written(config, site) : describedAt(metadataUrl, config, site)
}

function written(config: SamlConfig, { now }: Site): IdentityProviderSource {
  const read = (): IdentityProvider => {
    if (config.metadata !== undefined) return readMetadata(config.metadata, 'in the config', config.entityId, now())
    const { entityId = '', singleSignOnUrl = '', binding = 'redirect', certificates } = config
    return {
      entityId,
      singleSignOn: { [binding]: singleSignOnUrl },
      keys: keysOf(certificates),
      wantsSignedRequests: false,
    }
  }
  let kept: IdentityProvider | undefined
  const get = async () => {
    kept ??= read()
    return kept
  }
  return {
    get,
    renew: get,
    newerThan: async (known) => known,
    get kept() {
      return kept
    },
    problem: undefined,
  }
}

/** Its name where that stands in the config, whatever it says of itself. */
export function writtenIssuers({ entityId, metadata }: SamlConfig, { now }: Site): readonly string[] | undefined {
  if (entityId !== undefined) return [entityId]
  if (metadata === undefined) return undefined
  try {
    return [readMetadata(metadata, 'in the config', undefined, now()).entityId]
  } catch {
    return [] // nobody gets in by it
  }
}
