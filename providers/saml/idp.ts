/**
 * The identity provider of a connection: written down in the config, or described by its metadata. Metadata from an address is
 * fetched when first needed, kept, and renewed in the background. Keys that were never seen before are believed only when a key we
 * trust already signed the document: who can change what an address answers must not be able to sign people in (SA-87).
 */
import { GatehouseError } from '../../src/errors.ts'
import type { Site } from '../../src/provider.ts'
import { remembered } from '../oidc/remembered.ts'
import { isSameKey, trustedKey } from './certificates.ts'
import type { SamlConfig } from './config.ts'
import { type IdentityProvider, readMetadata } from './idp-metadata.ts'
import type { TrustedKey } from './signature.ts'

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
  /** What is wrong although people get in. */
  readonly problem: string | undefined
}

const freshMs = 6 * 3600_000
const keepMs = 30 * 24 * 3600_000
const forcedEveryMs = 60_000

export function openIdentityProvider(config: SamlConfig, site: Site): IdentityProviderSource {
  const { metadataUrl } = config
  return metadataUrl === undefined ? written(config, site) : fetched(config, metadataUrl, site)
}

function written(config: SamlConfig, { now }: Site): IdentityProviderSource {
  const read = (): IdentityProvider => {
    if (config.metadata !== undefined) return readMetadata(config.metadata, 'in the config', config.entityId, now())
    const { entityId = '', singleSignOnUrl = '', binding = 'redirect', certificates } = config
    return {
      entityId,
      singleSignOn: { [binding]: singleSignOnUrl },
      keys: keysIn(certificates),
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

function fetched(config: SamlConfig, url: string, site: Site): IdentityProviderSource {
  const pinned = keysIn(config.certificates)
  let trusted: readonly TrustedKey[] = pinned
  let problem: string | undefined

  async function load(): Promise<IdentityProvider> {
    const found = readMetadata(
      await fetchText(site, url),
      `at ${url}`,
      config.entityId ?? source.kept?.entityId,
      site.now(),
    )
    const strange = found.keys.filter((key) => !trusted.some((known) => isSameKey(known, key)))
    const isBelieved = trusted.length === 0 || strange.length === 0 || found.isSignedBy([...trusted, ...pinned])
    problem = isBelieved
      ? undefined
      : 'its metadata holds a new certificate and is not signed by a known one: add it to certificates when it is right'
    if (!isBelieved) return source.kept ?? { ...found, keys: trusted }
    trusted = found.keys
    return found
  }

  let forcedAt = Number.NEGATIVE_INFINITY

  async function newerThan(known: IdentityProvider): Promise<IdentityProvider> {
    if (source.kept !== undefined && source.kept !== known) return source.kept // another login fetched it meanwhile
    if (site.now().getTime() - forcedAt < forcedEveryMs) return known
    forcedAt = site.now().getTime()
    return source.renew().catch(() => known)
  }

  const source = remembered(load, { now: site.now, freshMs, keepMs })
  return {
    get: source.get,
    renew: source.renew,
    newerThan,
    get kept() {
      return source.kept
    },
    get problem() {
      return problem
    },
  }
}

async function fetchText({ fetch }: Site, url: string): Promise<string> {
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      headers: { accept: 'application/samlmetadata+xml, application/xml, text/xml' },
      redirect: 'manual',
    })
    text = await response.text()
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause
    throw new GatehouseError('upstream_unreachable', `the metadata at ${url} cannot be fetched`, { cause })
  }
  if (response.status === 200) return text
  const code = response.status >= 500 || response.status === 429 ? 'upstream_unreachable' : 'upstream_invalid'
  throw new GatehouseError(code, `the metadata at ${url} was answered with status ${response.status}`)
}

function keysIn(certificates: readonly string[]): readonly TrustedKey[] {
  return certificates.flatMap((pem) => trustedKey(pem) ?? [])
}
