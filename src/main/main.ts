/** The composition root: opens the core, wires OpenID provider and web server, listens. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { prepareConnectionList } from '../broker/health/connection-list.ts'
import { openKeyFetches } from '../broker/keys/key-fetches.ts'
import type { LoadedConfig } from '../config/load.ts'
import { configurationFiles } from '../config/view/configuration-files.ts'
import { errorForLog } from '../http/problem.ts'
import { startHeartbeat } from '../jobs/heartbeat.ts'
import { createEndpoint } from '../oidc/endpoint/handle-request.ts'
import { openIdProvider } from '../oidc/lazy-provider.ts'
import type { TxtResolver } from '../outbound/txt-records.ts'
import { brandStylesheet } from '../pages/brand-buttons.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'
import type { Provider } from '../provider/provider.ts'
import { fingerprintOf } from '../web/admin/live/fingerprint.ts'
import { type LiveTimes, openLiveClients } from '../web/admin/live/live-clients.ts'
import { createGatehouseServer, listen } from '../web/server/server.ts'
import { sessionCheckPortsOf } from '../web/sign-in/current-session.ts'
import { type Core, openCore } from './core.ts'
import { deploymentFacts } from './deployment-facts.ts'
import { explainFirstOperator } from './first-operator.ts'
import { type Log, openLog } from './log.ts'
import { openMetrics } from './metrics/metrics.ts'
import { startSearchCompletion } from './search-completion.ts'
import { systemClock } from './storage.ts'
import { tenantFacts } from './tenant-facts.ts'
import { migrateUntilDone, pingMigrated, startUpkeep } from './upkeep.ts'
import { readVersion } from './version.ts'

const drainMs = 10_000
const maxAdministrators = 1000

/** Loading blocks the process for some tenths of a second, so readiness is reported first. */
const warmUpDelayMs = 100

export interface Running {
  /** URL at which the server listens, such as `http://127.0.0.1:4000`. */
  readonly address: string
  readonly core: Core
  /** Finishes requests in flight, then closes the stores. */
  stop(): Promise<void>
}

export interface ServeOptions {
  /** Called once, when everything is loaded. */
  readonly onLoaded?: () => void
  readonly log?: Log
  readonly now?: () => Date
  /** Default: the DNS of the machine. */
  readonly resolver?: TxtResolver
  /** Times of admin pages that update by themselves. */
  readonly liveTimes?: Partial<LiveTimes> | undefined
}

export async function serve(config: LoadedConfig, options: ServeOptions = {}): Promise<Running> {
  const { deployment } = config
  const { log = openLog(deployment.log.level), now = systemClock } = options
  logConfigFaults(config, log)
  const core = await openCore(config, log, now, options.resolver)
  const [version, startedAt] = [await readVersion(), now()]
  const facts = deploymentFacts({ version, startedAt, config, core })
  const { durable, volatile } = core.storage
  let isAccepting = true
  let completion: ReturnType<typeof startSearchCompletion> | undefined
  const accepting = () => isAccepting
  migrateUntilDone(core.storage, log, accepting, async () => {
    core.domains.start()
    await warmUp()
    // a failure is that of a store, which the store monitor logs
    await prepareConnectionList(core.parts).catch(() => undefined)
  })
  core.keys.onChange(({ keys }) => log.info({ keys: keys.map(({ kid }) => kid) }, 'signing keys, active ones first'))

  const { publicUrl, defaultTenant, cookie, trustedProxies } = deployment
  const { parts, tenants, keyRing, keys: signingKeys } = core
  const check = sessionCheckPortsOf({ parts, tenants, log })
  const keyFetches = openKeyFetches(parts)
  const openId = openIdProvider({ ...parts, ...check, cookie, log }, signingKeys)
  const stores = [
    { name: 'volatile', ping: () => volatile.ping() },
    { name: 'durable', ping: () => pingMigrated(core.storage) },
  ]
  const ofTenant = tenantFacts(parts)
  const liveClients = openLiveClients({
    fingerprint: fingerprintOf({ parts, deploymentFacts: facts, tenantFacts: ofTenant }),
    times: options.liveTimes,
  })
  const metrics = openMetrics({
    settings: deployment.metrics,
    core,
    facts,
    liveClients: () => liveClients.count(),
    log,
  })
  const { server, drain, load } = createGatehouseServer(
    {
      openId,
      signingKeys,
      keyPolicy: core.keyPolicy,
      keyFetches,
      configuration: configurationFiles(config),
      parts,
      publicUrl,
      tenants,
      defaultTenant,
      cookie,
      trustedProxies,
      keyRing,
      browsers: volatile.browsers,
      brandStyles: brandStylesheet(config.providers),
      log,
      stores,
      deploymentFacts: facts,
      tenantFacts: ofTenant,
      liveClients,
      administrators: new BoundedMap(maxAdministrators),
      checks: core.measured.checks,
      accepting,
    },
    config.providers,
    createEndpoint({ ...parts, openId, keyFetches, cookie, log, trustedProxies }),
    metrics.onPublicPort,
  )
  await listen(server, deployment.listen)
  await metrics.listen()
  const traceSeconds = deployment.traces.keepSeconds
  const stopUpkeep = startUpkeep({
    keys: signingKeys,
    keyFetches,
    storage: core.storage,
    traceSeconds,
    tenants,
    parts,
    log,
    now,
  })
  const address = addressOf(server)
  const storage = deployment.storage.redis ? 'redis and postgres' : 'embedded file'
  log.info({ address, publicUrl: publicUrl.href, tenants: tenants.size, storage }, 'listening')

  /** Loads what a login needs and readiness does not. */
  async function warmUp(): Promise<void> {
    await durable.ping().catch(() => undefined) // readiness reports it
    await sleep(warmUpDelayMs, undefined, { ref: false })
    if (!isAccepting) return
    const kinds = new Set(config.tenants.flatMap(({ connections }) => connections.map(({ kind }) => kind)))
    try {
      await load()
      await core.storage.load()
    } catch (error) {
      log.error({ error: errorForLog(error) }, 'loading a module failed')
    }
    await loadProviders(
      config.providers.filter(({ kind }) => kinds.has(kind)),
      log,
    )
    // without declared apps, the first app request loads the OpenID provider
    if (deployment.apps.length > 0)
      await openId
        .prepare()
        .catch((error) => log.info({ error: errorForLog(error) }, 'the OpenID provider loads at its first request'))
    options.onLoaded?.()
    core.health.start()
    core.rechecker.start()
    completion = startSearchCompletion({ storage: core.storage, leases: volatile.leases, owner: core.id, log })
    await explainFirstOperator(parts, defaultTenant ?? config.tenants[0]?.id, log)
  }

  const heartbeat = startHeartbeat({
    processes: parts.processes,
    process: { id: core.id, host: hostname(), pid: process.pid, version, startedAt, configuration: config.digest },
    stores: core.storage.observed,
    now,
  })

  const stop = async () => {
    isAccepting = false
    stopUpkeep()
    liveClients.close()
    await Promise.all([completion?.stop(), metrics.stop(), heartbeat.stop(), drain(drainMs)])
    await core.close()
    log.info('stopped')
  }
  return { address, core, stop }
}

/** Loads providers one by one, so that requests are served between them. */
async function loadProviders(providers: readonly Provider[], log: Log): Promise<void> {
  for (const provider of providers)
    try {
      await provider.load?.()
    } catch (error) {
      log.error(
        { kind: provider.kind, error: errorForLog(error) },
        'loading a provider failed; its logins fail until Gatehouse is installed again (npm ci) and restarted',
      )
    }
}

function logConfigFaults({ warnings, unusable }: LoadedConfig, log: Log): void {
  const fixer = 'operator'
  for (const { file, line, column, path, message } of warnings)
    log.warn({ at: `${file}:${line}:${column}`, path, fixer }, message)
  for (const { file, line, column, path, message } of unusable)
    log.error({ at: `${file}:${line}:${column}`, path, fixer }, `logins of this connection fail: ${message}`)
}

function addressOf(server: Server): string {
  const { port, address: host } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
