/** Content of the page of a connection, and of its JSON. */
import { type Administrator, targetTenant } from '../../../broker/access/target.ts'
import type { ConnectionKey } from '../../../broker/connections.ts'
import { type ListedConnection, listedConnection } from '../../../broker/health/connection-list.ts'
import type { ConnectionExpiry } from '../../../broker/health/expiries.ts'
import { type StepFigures, type SuccessFigures, stepFigures, successFigures } from '../../../broker/health/figures.ts'
import {
  offlineContext,
  type RegisteredAddress,
  registeredUrls,
  withVendorNames,
} from '../../../broker/health/registered-urls.ts'
import { findSetupLink, hasSetup, type KnownSetupLink } from '../../../broker/health/setup-link.ts'
import type { FailureGroup } from '../../../broker/ports/sign-ins.ts'
import { setupFileOf } from '../../../broker/sign-ins/setup-guides.ts'
import { GatehouseError } from '../../../errors.ts'
import { upstreamName } from '../../../http/connection-labels.ts'
import type { Shell } from '../../shell.ts'
import { changesOf, type UpstreamChange } from './connection-changes.tsx'
import { expiriesOf, knownExpiries } from './connection-rows.ts'
import { type RecheckFigures, recheckFigures } from './rechecks.tsx'

export interface ConnectionDetail {
  readonly listed: ListedConnection
  /** Undefined while the store of sign-ins is unavailable. */
  readonly figures: ConnectionFigures | undefined
  /** URLs under the vendor's names. */
  readonly urls: readonly RegisteredAddress[]
  /**
   * Null without one; undefined if there is nothing to set up, or while the store is unavailable.
   */
  readonly setupLink?: KnownSetupLink | null | undefined
  /** Undefined without `recheck`, or while a store is unavailable. */
  readonly rechecks?: RecheckFigures | undefined
  /** The soonest first. */
  readonly expiries: readonly ConnectionExpiry[]
  /** Newest first; undefined while the audit log is unavailable. */
  readonly changes: readonly UpstreamChange[] | undefined
  /** The process of the last probe, such as `web-1 (process 4242)`; undefined once it is gone. */
  readonly probedBy: string | undefined
  /** The identity provider, as a part of a sentence. */
  readonly upstream: string
  /** Path of the setup guide; undefined for a plugin. */
  readonly guide: string | undefined
}

export interface ConnectionFigures {
  readonly success: SuccessFigures
  readonly steps: readonly StepFigures[]
  /** Failures of the last day, most frequent first. */
  readonly failures: readonly FailureGroup[]
}

/** Throws `not_found`: for another tenant it is recorded. */
export async function reachableConnection(
  { parts }: Pick<Shell, 'parts'>,
  by: Administrator,
  { tenant: wanted, connection }: ConnectionKey,
): Promise<ConnectionKey> {
  const tenant = await targetTenant(parts, by, wanted)
  const { connections } = parts.connections.tenant(tenant)
  if (connections.some(({ id }) => id === connection)) return { tenant, connection }
  throw new GatehouseError('not_found', 'no such connection', { text: 'There is no such connection.' })
}

export async function readConnection(shell: Shell, key: ConnectionKey): Promise<ConnectionDetail> {
  const { parts } = shell
  const { provider, settings } = parts.connections.get(key.tenant, key.connection)
  const [listed, figures, addresses, expiries, changes, rechecks, setupLink] = await Promise.all([
    listedConnection(parts, key),
    figuresOf(shell, key),
    addressesOf(shell, key),
    knownExpiries(parts, key.tenant),
    changesOf(shell, key),
    recheckFigures(shell, key),
    setupLinkOf(shell, key),
  ])
  const urls = withVendorNames(addresses, provider.setup?.(settings.config)?.names)
  const guide = setupFileOf(listed.named.kind)
  const probedBy = await processNameOf(shell, listed.health?.probedBy)
  return {
    ...{ listed, figures, urls, rechecks, guide, changes, probedBy, setupLink },
    upstream: upstreamName(provider.brand),
    expiries: expiriesOf(expiries, key),
  }
}

async function processNameOf({ parts }: Pick<Shell, 'parts'>, id: string | undefined): Promise<string | undefined> {
  try {
    const found = id === undefined ? undefined : (await parts.processes.all()).find((each) => each.id === id)
    return found && `${found.host} (process ${found.pid})`
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'store_unavailable') return undefined
    throw error
  }
}

const dayMs = 86_400_000
const maxGroups = 20

async function figuresOf({ parts }: Shell, key: ConnectionKey): Promise<ConnectionFigures | undefined> {
  const { signInStatistics: statistics } = parts
  const now = parts.now()
  try {
    const [success, steps, failures] = await Promise.all([
      successFigures(statistics, key, now),
      stepFigures(statistics, key, now),
      statistics.failures({ ...key, since: new Date(now.getTime() - dayMs) }, maxGroups),
    ])
    return { success, steps, failures }
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'store_unavailable') return undefined
    throw error
  }
}

/** Asked of a copy without network, so that the page never waits for the upstream. */
export async function addressesOf(
  { parts, publicUrl }: Pick<Shell, 'parts' | 'publicUrl'>,
  { tenant, connection }: ConnectionKey,
): Promise<readonly RegisteredAddress[]> {
  const { settings, provider } = parts.connections.get(tenant, connection)
  const place = new URL(`/t/${tenant}/${connection}/`, publicUrl)
  return registeredUrls(provider.open(settings.config, offlineContext(place, tenant, connection, parts.now)), place)
}

async function setupLinkOf({ parts }: Pick<Shell, 'parts'>, key: ConnectionKey) {
  if (!hasSetup(parts.connections.get(key.tenant, key.connection))) return undefined
  try {
    return await findSetupLink(parts, key)
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'store_unavailable') return undefined
    throw error
  }
}
