/**
 * Published metadata: fetched at first use, cached, renewed in the background, and trusted as
 * trusted-metadata.ts decides. The trusted version is stored, so all processes agree and restarts
 * keep it.
 */

import { GatehouseError } from '../../../src/errors.ts'
import { charsetOf, decodeText, EncodingFault } from '../../../src/primitives/encoded-text.ts'
import { isClaimed } from '../../../src/provider/metadata.ts'
import type {
  ConnectionContext,
  MetadataSummary,
  MetadataSupport,
  TrustedMetadata,
} from '../../../src/provider/provider.ts'
import { cached } from '../../oidc/endpoint/cached.ts'
import { isOutage } from '../../oidc/endpoint/response.ts'
import type { SamlConfig } from '../config.ts'
import { type IdentityProvider, type ReadMetadata, readMetadata } from './idp-metadata.ts'
import {
  digestOf,
  evaluateMetadata,
  issuerTakenError,
  keysOf,
  knownMetadata,
  linesOf,
  type MetadataEvaluation,
  type Problem,
  trustedMetadataOf,
} from './trusted-metadata.ts'

export interface IdentityProviderSource {
  get(): Promise<IdentityProvider>
  /** Fetches again, whatever is cached. */
  renew(): Promise<IdentityProvider>
  readonly cached: IdentityProvider | undefined
  /**
   * Fetches the metadata after a response that no known key signed: the provider may have changed
   * its key. Anyone can send such responses, so it fetches at most once a minute. Returns `known`
   * if nothing is new.
   */
  newerThan(known: IdentityProvider): Promise<IdentityProvider>
  /** Support for changes of the metadata, only if it is published. */
  readonly review?: Required<Pick<MetadataSupport, 'inspect' | 'trust'>>
  /** Needs an admin, although logins work. */
  readonly problem: Problem | undefined
  /** Certificates of the metadata that are skipped, and why. */
  readonly skipped: readonly string[]
  /** End of the metadata in the configuration: later processes refuse it. */
  readonly validUntil?: Date | undefined
}

const freshMs = 6 * 3600_000
const keepMs = 30 * 24 * 3600_000
const forcedEveryMs = 60_000
const maxAttempts = 5
const competing = 'several processes are changing the trusted metadata of an identity provider; try again'

export function metadataSource(source: string, config: SamlConfig, context: ConnectionContext): IdentityProviderSource {
  const pinned = keysOf(config.certificates)
  const means = { source, entityId: config.entityId }
  let problem: Problem | undefined
  let taken: GatehouseError | undefined
  let skipped: readonly string[] = []

  async function load(): Promise<IdentityProvider> {
    const text = await fetchText(context, source)
    return settled(async (before) => {
      const known = knownMetadata(before, means)
      const found = read(text, config.entityId ?? known?.idp.entityId)
      await assertIssuerUnclaimed(found)
      skipped = found.skipped
      return evaluateMetadata(found, known, pinned)
    })
  }

  async function readNow(): Promise<{ readonly found: ReadMetadata; readonly summary: MetadataSummary }> {
    const found = read(await fetchText(context, source), config.entityId)
    await assertIssuerUnclaimed(found)
    const lines = linesOf(found, knownMetadata(await context.metadata.find(), means), pinned)
    return { found, summary: { lines, digest: digestOf(found), trusted: lines.every(({ known }) => known) } }
  }

  async function trust(digest: string): Promise<MetadataSummary> {
    const { found, summary } = await readNow()
    if (digest !== summary.digest) return summary
    await settled(async () => ({ idp: found }))
    await metadata.renew()
    return { ...summary, trusted: true }
  }

  /** Repeats `decide` if another process stored something else meanwhile. */
  async function settled(
    decide: (before: TrustedMetadata | null) => Promise<MetadataEvaluation>,
  ): Promise<IdentityProvider> {
    for (let turn = 0; turn < maxAttempts; turn++) {
      const before = await context.metadata.find()
      const decided = await decide(before)
      const next = trustedMetadataOf({ idp: decided.idp, pinned }, source)
      const isSame = before?.content === next.content && before.source === next.source
      if (!isSame && !(await context.metadata.replace(next, before))) continue
      // checked again after storing: one of two concurrent connections sees the other now
      if (before === null) await assertIssuerUnclaimed(decided.idp)
      problem = decided.problem
      return decided.idp
    }
    throw new GatehouseError('server_busy', competing)
  }

  const read = (text: string, entityId: string | undefined): ReadMetadata =>
    readMetadata(text, `at ${source}`, entityId, context.now())

  /** An entity ID belongs to one connection, unless the metadata is the same. */
  async function assertIssuerUnclaimed({ entityId }: IdentityProvider): Promise<void> {
    const claims = config.entityId === undefined ? await context.metadata.otherIssuers() : []
    const rival = claims.find((claim) => isClaimed(claim, entityId) && claim.source !== source)
    taken = rival && issuerTakenError(entityId, rival.connection)
    if (taken !== undefined) throw taken
  }

  let forcedAt = Number.NEGATIVE_INFINITY

  async function newerThan(known: IdentityProvider): Promise<IdentityProvider> {
    // another login has fetched it
    if (metadata.cached !== undefined && metadata.cached !== known) return metadata.cached
    if (context.now().getTime() - forcedAt < forcedEveryMs) return known
    forcedAt = context.now().getTime()
    return metadata.renew().catch(() => known)
  }

  const metadata = cached(load, { now: context.now, freshMs, keepMs })
  return {
    async get() {
      const idp = await metadata.get()
      if (taken !== undefined) throw taken
      return idp
    },
    renew: metadata.renew,
    newerThan,
    review: { inspect: async () => (await readNow()).summary, trust },
    get cached() {
      return taken === undefined ? metadata.cached : undefined
    },
    get skipped() {
      return skipped
    },
    get problem() {
      return problem && describeProblem(problem, context)
    },
  }
}

function describeProblem({ name, detail }: Problem, { tenant, connection }: ConnectionContext): Problem {
  const cure = `compare it with the identity provider’s administrator, then gatehouse connection trust ${tenant} ${connection}`
  return { name, detail: `${detail}, signed by no key we know: ${cure}` }
}

async function fetchText({ fetch }: ConnectionContext, url: string): Promise<string> {
  const headers = { accept: 'application/samlmetadata+xml, application/xml, text/xml' }
  try {
    const response = await fetch(url, { headers, redirect: 'manual' })
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (response.status === 200) return textOf(bytes, response.headers.get('content-type') ?? '', url)
    const code = isOutage(response.status) ? 'upstream_unreachable' : 'upstream_invalid'
    throw new GatehouseError(code, `the metadata at ${url} was answered with status ${response.status}`)
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause
    throw new GatehouseError('upstream_unreachable', `the metadata at ${url} cannot be fetched`, { cause })
  }
}

function textOf(bytes: Uint8Array, contentType: string, url: string): string {
  try {
    return decodeText(bytes, charsetOf(contentType))
  } catch (cause) {
    if (!(cause instanceof EncodingFault)) throw cause
    throw new GatehouseError('upstream_invalid', `the metadata at ${url} cannot be used: ${cause.message}`, { cause })
  }
}
