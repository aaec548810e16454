/** The identity provider of a connection: written down in the config, or described by its own metadata. */
import { GatehouseError } from '../../src/errors.ts'
import type { ConfigProblem, SelfDescription, Site } from '../../src/provider.ts'
import { keysOf, type Problem } from './belief.ts'
import type { SamlConfig } from './config.ts'
import { describedAt } from './described.ts'
import { type IdentityProvider, type ReadMetadata, readMetadata } from './idp-metadata.ts'

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
  /** Certificates of the metadata that are skipped, and why. */
  readonly skipped: readonly string[]
  /** When metadata in the config ends: a process that starts afterwards does not take it. */
  readonly validUntil?: Date | undefined
}

export function openIdentityProvider(config: SamlConfig, site: Site): IdentityProviderSource {
  const { metadataUrl } = config
  return metadataUrl === undefined ? written(config, site) : describedAt(metadataUrl, config, site)
}

function written(config: SamlConfig, { now }: Site): IdentityProviderSource {
  let metadata: ReadMetadata | undefined
  const read = (): IdentityProvider => {
    if (config.metadata !== undefined) {
      metadata = readMetadata(config.metadata, 'in the config', config.entityId, now())
      return metadata
    }
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
    get skipped() {
      return metadata?.skipped ?? []
    },
    get validUntil() {
      return metadata?.validUntil
    },
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

/** Metadata in the config that cannot be used, or not any more. */
export function inspect({ metadata, entityId }: SamlConfig, now: Date): readonly ConfigProblem[] {
  if (metadata === undefined) return []
  try {
    readMetadata(metadata, 'in the config', entityId, now)
    return []
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error
    return [{ key: error.check === undefined ? 'metadata' : 'entityId', message: error.message }]
  }
}
