/** Starts the server: opens the core, listens, and stops in order. */

import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LoadedConfig } from '../config/load.ts'
import { errorForLog } from '../http/problem.ts'
import { sessionCheckPartsOf } from '../http/session-check-parts.ts'
import { createEndpoint } from '../oidc/endpoint/handle-request.ts'
import { openIdProvider } from '../oidc/lazy-provider.ts'
import type { TxtResolver } from '../outbound/txt-records.ts'
import { createGatehouseServer, listen } from '../web/server.ts'
import { type Core, openCore } from './core.ts'
import { type Log, openLog } from './log.ts'
import { systemClock } from './storage.ts'
import { deleteOldTraces, maintainSigningKeys, migrateUntilDone, pingMigrated } from './upkeep.ts'

const drainMs = 10_000

/** Loading blocks the process for some tenths of a second, so readiness is reported first. */
const warmUpDelayMs = 100

const traceCleanupMs = 3_600_000

const keyMaintenanceMs = 30_000

export interface Running {
  /** Where it listens, such as `http://127.0.0.1:4000`. */
  readonly address: string
  readonly core: Core
  /** Takes no more requests, finishes those in flight, closes the stores. */
  stop(): Promise<void>
}

export interface ServeOptions {
  /** Called once, when all that is not needed for being ready is loaded too. */
  readonly onLoaded?: () => void
  readonly log?: Log
  readonly now?: () => Date
  /** Default: the DNS of the machine. */
  readonly resolver?: TxtResolver
}

export async function serve(config: LoadedConfig, options: ServeOptions = {}): Promise<Running> {
  const { deployment } = config
  const { log = openLog(deployment.log.level), now = systemClock } = options
  for (const { file, line, column, path, message } of config.warnings)
    log.warn({ at: `${file}:${line}:${column}`, path }, message)
  for (const { file, line, column, path, message } of config.unusable)
    log.error({ at: `${file}:${line}:${column}`, path }, `logins of this connection fail: ${message}`)
  const core = await openCore(config, log, now, options.resolver)
  const { durable, volatile } = core.storage
  let accepting = true
  const migrated = migrateUntilDone(
    core.storage,
    log,
    () => accepting,
    async () => {
      core.domains.start()
      await warmUp()
    },
  )
  core.keys.onChange(({ keys }) =>
    log.info({ keys: keys.map(({ kid }) => kid) }, 'the signing keys, those that sign first'),
  )

  const { cookie, trustedProxies } = deployment
  const check = sessionCheckPartsOf({ parts: core.parts, tenants: core.tenants, log })
  const openId = openIdProvider({ ...core.parts, ...check, cookie, log }, core.keys)
  const {
    server,
    drain,
    load: loadPages,
  } = createGatehouseServer(
    {
      openId,
      signingKeys: core.keys,
      parts: core.parts,
      publicUrl: deployment.publicUrl,
      tenants: core.tenants,
      defaultTenant: deployment.defaultTenant,
      cookie,
      trustedProxies,
      keyRing: core.keyRing,
      browsers: volatile.browsers,
      log,
      stores: [
        { name: 'volatile', ping: () => volatile.ping() },
        { name: 'durable', ping: () => pingMigrated(durable, migrated) },
      ],
      accepting: () => accepting,
    },
    config.providers,
    createEndpoint({ ...core.parts, openId, cookie, log, trustedProxies }),
  )
  await listen(server, deployment.listen)
  const { port, address: host } = server.address() as AddressInfo
  const cleanup = setInterval(() => deleteOldTraces(durable, deployment, log, now()), traceCleanupMs).unref()
  const maintenance = setInterval(() => maintainSigningKeys(core.keys, log), keyMaintenanceMs).unref()
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  log.info(
    {
      address,
      publicUrl: deployment.publicUrl.href,
      tenants: core.tenants.size,
      storage: deployment.storage.redis ? 'redis and postgres' : 'embedded file',
    },
    'listening',
  )

  /** What a login needs and readiness does not: the first login need not wait for it either. */
  async function warmUp(): Promise<void> {
    await durable.ping().catch(() => undefined) // readiness reports it
    await sleep(warmUpDelayMs, undefined, { ref: false })
    if (!accepting) return
    const kinds = new Set(config.tenants.flatMap(({ connections }) => connections.map(({ kind }) => kind)))
    try {
      await loadPages()
      await core.storage.load() // one after the other: requests get their turn between them
      for (const provider of config.providers) if (kinds.has(provider.kind)) await provider.load?.()
    } catch (error) {
      log.error({ error: errorForLog(error) }, 'a part of the program could not be loaded')
    }
    // where there are none, the first app to ask loads the OpenID provider
    if (deployment.apps.length > 0)
      await openId
        .prepare()
        .catch((error) => log.info({ error: errorForLog(error) }, 'the OpenID provider starts later'))
    options.onLoaded?.()
    core.health.start()
  }

  const stop = async () => {
    accepting = false
    clearInterval(cleanup)
    clearInterval(maintenance)
    await drain(drainMs)
    await core.close()
    log.info('stopped')
  }
  return { address, core, stop }
}
