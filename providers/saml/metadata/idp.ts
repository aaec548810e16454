/** The identity provider of a connection, from configuration or published metadata. */
import { GatehouseError } from '../../../src/errors.ts'
import type { ConfigProblem, ConnectionContext } from '../../../src/provider/provider.ts'
import type { SamlConfig } from '../config.ts'
import { lastValidUntil } from '../signature/certificates.ts'
import { type IdentityProvider, type ReadMetadata, readMetadata } from './idp-metadata.ts'
import { type IdentityProviderSource, metadataSource } from './metadata-source.ts'
import { keysOf, pemsOf } from './trusted-metadata.ts'

export function openIdentityProvider(config: SamlConfig, context: ConnectionContext): IdentityProviderSource {
  const { metadataUrl } = config
  return metadataUrl === undefined ? written(config, context) : metadataSource(metadataUrl, config, context)
}

function written(config: SamlConfig, { now }: ConnectionContext): IdentityProviderSource {
  const read = (): IdentityProvider & Partial<ReadMetadata> => {
    const { entityId = '', singleSignOnUrl = '', binding = 'redirect', certificates, metadata } = config
    if (metadata !== undefined) return readMetadata(metadata, 'in the config', config.entityId, now())
    const singleSignOn = { [binding]: singleSignOnUrl }
    return { entityId, singleSignOn, keys: keysOf(certificates), wantsSignedRequests: false }
  }
  let cached: ReturnType<typeof read> | undefined
  const get = async () => {
    cached ??= read()
    return cached
  }
  return {
    get,
    renew: get,
    newerThan: async (known) => known,
    problem: undefined,
    get cached() {
      return cached
    },
    get skipped() {
      return cached?.skipped ?? []
    },
    get validUntil() {
      return cached?.validUntil
    },
  }
}

/** The entity ID if the configuration fixes it. */
export function writtenIssuers(
  { entityId, metadata }: SamlConfig,
  { now }: ConnectionContext,
): readonly string[] | undefined {
  if (entityId !== undefined) return [entityId]
  if (metadata === undefined) return undefined
  try {
    return [readMetadata(metadata, 'in the config', undefined, now()).entityId]
  } catch {
    return [] // no login can succeed
  }
}

/** Unusable metadata in the configuration, and certificates that have expired or soon will. */
export function inspect(config: SamlConfig, now: Date): readonly ConfigProblem[] {
  const { certificate, certificates, metadata } = config
  return [
    ...expiryProblems('certificate', certificate === undefined ? [] : [certificate], now),
    ...expiryProblems('certificates', pemsOf(keysOf(certificates)), now),
    ...(metadata === undefined ? [] : metadataProblems({ ...config, metadata }, now)),
  ]
}

function metadataProblems(
  { metadata, entityId }: SamlConfig & { readonly metadata: string },
  now: Date,
): readonly ConfigProblem[] {
  try {
    const { keys, skipped, validUntil: end } = readMetadata(metadata, 'in the config', entityId, now)
    const key = 'metadata'
    return [
      ...skipped.slice(0, 5).map((what) => ({ key, message: `it has ${what}, which is skipped`, isWarning }) as const),
      ...(end === undefined || isFarOff(end, now)
        ? []
        : [{ key, message: `it is valid until ${dayOf(end)} only (validUntil): get a new copy`, isWarning } as const]),
      ...expiryProblems(key, pemsOf(keys), now),
    ]
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error
    return [{ key: error.check === undefined ? 'metadata' : 'entityId', message: error.message }]
  }
}

const isWarning = true
const warnMs = 30 * 24 * 3600_000

const isFarOff = (moment: Date, now: Date) => moment.getTime() - now.getTime() >= warnMs
const dayOf = (moment: Date) => moment.toISOString().slice(0, 10)

function expiryProblems(key: string, pems: readonly string[], now: Date): readonly ConfigProblem[] {
  const last = lastValidUntil(pems)
  if (last === undefined || isFarOff(last, now)) return []
  const verb = last < now ? 'ended' : 'ends'
  const isOurs = key === 'certificate'
  const newOne = 'make a new one with the same key, and give it to the identity provider'
  const fix = isOurs ? newOne : 'ask the identity provider for its next one'
  const subject = pems.length > 1 ? 'the last of the certificates' : 'the certificate'
  return [{ key, message: `${subject} ${verb} on ${dayOf(last)}: ${fix}`, isWarning }]
}
