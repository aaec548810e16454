/**
 * The configuration: `gatehouse.yaml` and one file a tenant in `tenants/`, read to the end
 * despite faults, so that all are reported at once. YAML with places
 * (yaml-source.ts) → filled from environment and files (interpolate.ts) → schemas (deployment.ts,
 * tenant-file.ts, connection.ts) → what files must agree on (claims.ts).
 */
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { secretHash } from '../crypto/token.ts'
import type { Provider } from '../provider/provider.ts'
import type { Tenant } from '../tenant.ts'
import { checkDomains, checkTenantNames, noteUnavailableApis, tenantIdOf, warnAboutMissingMail } from './claims.ts'
import { noteTenantClaim } from './deployment/app-checks.ts'
import type { Deployment } from './deployment/deployment.ts'
import { readDeployment } from './deployment/deployment-file.ts'
import { loadPlugins, unloadedKinds } from './deployment/plugins.ts'
import { inspectConnections } from './inspect.ts'
import { type ConfigFault, fileStart, inReadingOrder } from './source/fault.ts'
import { maxDeploymentBytes, readSource, tenantFiles } from './source/files.ts'
import type { Source } from './source/source.ts'
import { tenantBounds } from './source/tenant-bounds.ts'
import { warnAboutCrossSiteCookies, warnAboutOtherSites } from './tenant/notes.ts'
import { warnAboutPrivateUpstreams } from './tenant/private-upstreams.ts'
import { readTenant } from './tenant/tenant-file.ts'

export interface ConfigPlace {
  /** The folder that holds `gatehouse.yaml` and `tenants/`. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The built-in kinds. */
  readonly providers: readonly Provider[]
  /** Time at which certificates and metadata must be valid. Default: now. */
  readonly now?: Date
}

interface Findings {
  /** Connections whose logins fail although the process can start. */
  readonly unusable: readonly ConfigFault[]
  readonly warnings: readonly ConfigFault[]
  readonly notes: readonly ConfigFault[]
}
export interface LoadedConfig extends Findings {
  readonly ok: true
  readonly deployment: Deployment
  /** The built-in kinds and those of plugins. */
  readonly providers: readonly Provider[]
  /** Sorted by id. */
  readonly tenants: readonly Tenant[]
  /** Hash of the files: equal in all processes of a deployment. */
  readonly digest: string
  readonly directory: string
  /** Digest of each file by its name. */
  readonly fileDigests: ReadonlyMap<string, string>
}
export interface FaultyConfig extends Findings {
  readonly ok: false
  readonly faults: readonly ConfigFault[]
}
export type Loaded = LoadedConfig | FaultyConfig

export async function loadConfig(place: ConfigPlace): Promise<Loaded> {
  const { directory, environment, providers: builtIn, now = new Date() } = place
  const used = new Set<string>()
  const gatehouse = readSource(join(directory, 'gatehouse.yaml'), { environment, used }, maxDeploymentBytes)
  const plugins = await loadPlugins(gatehouse, builtIn)
  const found = await tenantFiles(directory)
  const unread = () => found.names.map((name) => readSource(join(directory, 'tenants', name), { environment }))
  const providers = [...plugins.providers, ...unloadedKinds(plugins, () => [gatehouse, ...unread()])]
  const { deployment, parts, shared } = readDeployment(gatehouse, providers)
  const tenantNames = found.names.map((name) => basename(name, '.yaml'))
  const boundsOf = (tenant: string) =>
    tenantBounds({
      tenant,
      tenants: tenantNames,
      listed: parts.tenantVariables?.[tenant] ?? [],
      ofDeployment: used,
      directory,
      storageFile: parts.storage?.file ?? '',
      isLocal: parts.publicUrl?.protocol === 'http:', // which is for localhost alone
    })
  const sources = found.names.map((name, index) =>
    readSource(join(directory, 'tenants', name), { environment, bounds: boundsOf(tenantNames[index] ?? '') }),
  )
  const tenantOf = (source: Source) => readTenant(source, tenantIdOf(source), providers, shared)
  const readFiles = sources.map((source) => ({ source, tenant: tenantOf(source) }))
  // not in the order of the files: acme-eu.yaml comes before acme.yaml
  const read = readFiles.flatMap(({ tenant }) => tenant ?? []).sort((one, other) => (one.id < other.id ? -1 : 1))

  const ids = sources.map(tenantIdOf)
  checkDomains(sources)
  checkTenantNames(gatehouse, ids)
  noteUnavailableApis(gatehouse, sources)
  noteTenantClaim(gatehouse, ids)
  warnAboutMissingMail(gatehouse, parts.mail, sources)
  if (deployment !== undefined) {
    warnAboutOtherSites(sources, deployment.publicUrl, deployment.apps)
    warnAboutCrossSiteCookies(sources, deployment.publicUrl)
    warnAboutPrivateUpstreams([gatehouse, ...sources], deployment.outbound.allowPrivate)
  }

  const isEmpty = found.names.length === 0 && found.faults.length === 0 && existsSync(directory)
  const none = isEmpty ? [noTenant(join(directory, 'tenants'))] : []
  const all = [gatehouse, ...sources]
  const faults = inReadingOrder([...all.flatMap((source) => source.faults), ...found.faults, ...none])
  const notes = inReadingOrder(all.flatMap((source) => source.notes))
  const files = [
    { source: gatehouse, connections: [...shared.values()].filter((each) => each !== null) },
    ...readFiles.map(({ source, tenant }) => ({ source, connections: tenant?.connections ?? [] })),
  ]
  const inspected = inspectConnections(files, providers, now)
  const unusable = inReadingOrder([...plugins.unusable, ...inspected.unusable])
  const warnings = inReadingOrder([...all.flatMap((source) => source.warnings), ...inspected.warnings])
  if (faults.length > 0 || deployment === undefined) return { ok: false, faults, unusable, warnings, notes }
  const { domainProof } = deployment
  const tenants = read.map((tenant) => (domainProof === 'required' ? { ...tenant, domainProof } : tenant))
  const fileDigests = new Map(all.map(({ file, digest }) => [basename(file), digest ?? '']))
  const digest = secretHash([...fileDigests].map((entry) => entry.join(' ')).join('\n')).slice(0, 12)
  const onlyOrAll = withOnlyTenant(deployment, tenants)
  const findings = { unusable, warnings, notes }
  return { ok: true, deployment: onlyOrAll, providers, tenants, digest, directory, fileDigests, ...findings }
}

/** With one tenant, requests that name no tenant mean that one. */
function withOnlyTenant(deployment: Deployment, [only, ...others]: readonly Tenant[]): Deployment {
  if (only === undefined || others.length > 0) return deployment
  const apis = deployment.apis.map((api) => ({ ...api, tenants: api.tenants ?? [only.id] }))
  return { ...deployment, defaultTenant: deployment.defaultTenant ?? only.id, apis }
}

function noTenant(file: string): ConfigFault {
  const message =
    'there is no tenant: write one to tenants/<id>.yaml; gatehouse init in an empty folder writes an example'
  return { file, ...fileStart, path: '', message }
}
