/** The composition root: every part by name, built in order. Read this first; each name leads to its folder. */
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'
import { appLogos } from './broker/apps/fetch-logo.ts'
import { appKeys } from './broker/apps/jwks.ts'
import { appRegistry } from './broker/apps/registry.ts'
import { Connections } from './broker/connections.ts'
import { failedChecks, fixerOf } from './broker/health.ts'
import { otherIssuers } from './broker/identity/trusted-metadata.ts'
import type { KeyPolicy } from './broker/keys/key-lifecycle.ts'
import { type OpenSigningKeys, openSigningKeys } from './broker/keys/signing-keys.ts'
import type { Parts } from './broker/parts.ts'
import type { DurableStore, LogoutQueue, VolatileStore } from './broker/ports.ts'
import type { Deployment } from './config/deployment/deployment.ts'
import { loadKeyRingSecrets } from './config/deployment/keys.ts'
import type { LoadedConfig } from './config/load.ts'
import { KeyRing } from './crypto/keyring.ts'
import { randomBytes } from './crypto/random.ts'
import { GatehouseError } from './errors.ts'
import { errorForLog } from './http/problem.ts'
import { sessionCheckPartsOf } from './http/session-check-parts.ts'
import { startBackchannel } from './jobs/backchannel-logout.ts'
import { type DomainChecker, startDomainChecker } from './jobs/domain-checks.ts'
import { type HealthChecker, type Place, startHealthChecker } from './jobs/health-checks.ts'
import { createMailer } from './jobs/mail/mailer.ts'
import { mailSender, type SendMail } from './jobs/mail/sender.ts'
import { startMailWorker } from './jobs/mail-worker.ts'
import { openIdProvider } from './oidc/lazy-provider.ts'
import { guardedFetch } from './outbound/guarded-fetch.ts'
import { proxies } from './outbound/proxy.ts'
import { systemResolver, type TxtResolver } from './outbound/txt-records.ts'
import type { ConnectionContext, Health, MetadataStore } from './provider.ts'
import { openAuditQueue } from './store/audit-queue.ts'
import { storeMonitors } from './store/monitor.ts'
import { openTraceWriter } from './store/trace-sink.ts'
import type { ConnectionSettings, Tenant } from './tenant.ts'
import { createGatehouseServer, listen } from './web/server.ts'

const drainMs = 10_000
/** Loading keeps the process busy for some tenths of a second: whoever waits for readiness hears of it before. */
const warmUpDelayMs = 100
const migrationRetryMs = 1000
const maxLogBufferBytes = 1_048_576
const traceCleanupMs = 3_600_000
const keyMaintenanceMs = 30_000
/** A start has more urgent things to do than what an earlier process left in a queue. */
const firstPollMs = 1000

const systemClock = () => new Date()

export type Log = ReturnType<typeof openLog>

/** JSON lines on standard output, or wherever else they are wanted. */
export function openLog(level: string, destination?: DestinationStream) {
  const redact = {
    paths: ['*.password', '*.token', '*.secret', '*.authorization', '*.cookie', '*.id_token', '*.client_secret'],
    censor: '[secret]',
  }
  // lines are gathered for a moment: a write costs as much as ten lines; at the end of the process the rest is written at once
  const standardOutput = () =>
    pino
      .destination({ fd: 1, sync: false, minLength: 8192, periodicFlush: 100, maxLength: maxLogBufferBytes })
      .on('error', () => {}) // a log that cannot be written ends no login: what does not fit is dropped (FT-30)
  return pino({ level, base: null, redact, hooks: { logMethod: dropOutageLines } }, destination ?? standardOutput())
}

/** The watch of a store says that it is away (store/watch.ts): the same from every request and task would flood the log. */
function dropOutageLines(this: Logger, line: Parameters<LogFn>, method: LogFn): void {
  if (isOutage(line[0]) && !this.isLevelEnabled('debug')) return
  method.apply(this, line)
}

function isOutage(line: unknown): boolean {
  let error = fieldOf(line, 'error')
  for (; error !== undefined; error = fieldOf(error, 'cause'))
    if (fieldOf(error, 'code') === 'store_unavailable') return true
  return false
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

const embeddedName = 'the embedded file'

export interface Storage {
  readonly durable: DurableStore
  readonly volatile: VolatileStore
  /** Brings the durable tables up to date; the names of the migrations that ran. */
  readonly migrate: () => Promise<readonly string[]>
  /** Loads code of the stores that the start did not wait for. */
  readonly load: () => Promise<unknown>
}

/** Redis and PostgreSQL where configured, else the embedded file. Only the adapters in use are loaded. */
export async function openStorage(
  deployment: Deployment,
  keyRing: KeyRing,
  log: Log,
  now: () => Date = systemClock,
): Promise<Storage> {
  const { redis, postgres, file } = deployment.storage
  if (redis === undefined || postgres === undefined) {
    const { openEmbedded } = await import('./store/sqlite/embedded.ts')
    const monitors = storeMonitors(log, now)
    const { durable, volatile } = await openEmbedded({ file, keyRing, now, onUnavailable: monitors.lost(embeddedName) })
    return { durable: monitors.of(embeddedName, durable), volatile, migrate: async () => [], load: async () => {} }
  }
  const [{ openRedis }, { openPostgres, migratePostgres }] = await Promise.all([
    import('./store/redis/redis.ts'),
    import('./store/postgres/postgres.ts'),
  ])
  const monitors = storeMonitors(log, now)
  const durable = openPostgres({ url: postgres.reveal(), keyRing, now, onUnavailable: monitors.lost('PostgreSQL') })
  const volatile = openRedis({ url: redis.reveal(), keyRing, now, onUnavailable: monitors.lost('Redis') })
  return {
    durable: monitors.of('PostgreSQL', durable),
    volatile: monitors.of('Redis', volatile),
    migrate: () => migratePostgres({ url: postgres.reveal(), onUnavailable: monitors.lost('PostgreSQL') }),
    load: durable.load,
  }
}

export interface Core {
  readonly parts: Parts
  readonly keyRing: KeyRing
  readonly storage: Storage
  readonly tenants: ReadonlyMap<string, Tenant>
  /** Which domains tenants have proven; looks only once it is started. */
  readonly domains: DomainChecker
  /** How the connections are; looks only once it is started. */
  readonly health: HealthChecker
  /** What tokens are signed with; its store is `parts.signingKeys`. */
  readonly keys: OpenSigningKeys
  readonly keyPolicy: KeyPolicy
  close(): Promise<void>
}

/** Everything but the web server: what the commands of the cli work with too. */
export async function openCore(
  config: Pick<LoadedConfig, 'deployment' | 'providers' | 'tenants'>,
  log: Log,
  now: () => Date = systemClock,
  resolver: TxtResolver = systemResolver(),
): Promise<Core> {
  const { deployment, providers } = config
  const keyRing = new KeyRing(await loadKeyRingSecrets(deployment))
  const storage = await openStorage(deployment, keyRing, log, now)
  const { durable, volatile } = storage
  const tenants = new Map(config.tenants.map((tenant) => [tenant.id, tenant]))
  const outbound = guardedFetch({
    allowPrivate: deployment.outbound.allowPrivate,
    timeoutMs: deployment.outbound.timeoutSeconds * 1000,
    ca: deployment.outbound.ca,
    proxyFor: proxies(proxyOf(deployment.outbound), process.env),
    proxyResolves: deployment.outbound.proxyResolves,
  })
  const metadataStoreOf = (tenant: string, connection: string): MetadataStore => ({
    find: async () =>
      (await durable.trustedMetadata.ofTenant(tenant)).find(
        (trustedMetadata) => trustedMetadata.connection === connection,
      ) ?? null,
    replace: (trustedMetadata, before) =>
      durable.trustedMetadata.replace({ ...trustedMetadata, tenant, connection }, before, now()),
    otherIssuers: () => otherIssuers(connections, durable.trustedMetadata, { tenant, connection }),
  })
  const contextOf = (tenant: Tenant, settings: ConnectionSettings): ConnectionContext => ({
    tenant: tenant.id,
    connection: settings.id,
    callbackUrl: new URL(`/t/${tenant.id}/${settings.id}/callback`, deployment.publicUrl),
    entityId: new URL(`/t/${tenant.id}/${settings.id}/metadata`, deployment.publicUrl),
    fetch: outbound.fetch,
    now,
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    once: async (key, seconds) =>
      (await volatile.counters.hit(`once:${tenant.id}/${settings.id}:${key}`, seconds)).count === 1,
    metadata: metadataStoreOf(tenant.id, settings.id),
    passwords: {
      find: (email) => durable.passwords.find(tenant.id, email),
      rehash: (subject, before, after) => durable.passwords.rehash(tenant.id, subject, before, after),
    },
  })
  const onProblem = (sentence: string, cause: unknown) => log.warn({ error: errorForLog(cause) }, sentence)
  const delivery = { outbox: durable.outbox, send: senderOf(deployment), now, onProblem }
  const mailWorker = startMailWorker({ ...delivery, firstPollMs })
  const keyPolicy = keyPolicyOf(deployment, config.tenants)
  const keys = openSigningKeys({ store: durable.signingKeys, keyRing, policy: keyPolicy, now })
  const registry = appRegistry({ declared: deployment.apps, stored: durable.apps, users: durable.users, now })
  const backchannel = startBackchannel({
    queue: durable.logouts,
    apps: registry,
    keys,
    issuer: deployment.publicUrl.origin,
    fetch: outbound.fetch,
    now,
    random: randomBytes,
    onProblem,
    firstPollMs,
  })
  const traceWriter = openTraceWriter(durable.traces, {
    onQueued: (error) => onProblem('traces wait for their store', error),
    onDropped: (count) => log.warn({ count }, 'traces could not be stored and are nowhere'),
  })
  const auditQueue = openAuditQueue(durable.audit, {
    onQueued: (error) => onProblem('audit events wait for their store', error),
    onDropped: (event) => log.error({ audit: event }, 'an audit event could not be stored and is in this line only'),
  })
  const domains = startDomainChecker({
    ...{ tenants: config.tenants, keyRing, checks: durable.domainChecks, resolver, now },
    onChange: ({ tenant, domain, outcome }) => log.info({ tenant, domain, outcome }, 'the proof of a domain changed'),
    onProblem: (error) => onProblem('the proofs of domains could not be brought up to date', error),
  })
  const connections = new Connections(tenants, providers, contextOf)
  const health = startHealthChecker({ tenants: config.tenants, connections, now, onChange: logHealth(log) })
  const parts: Parts = {
    publicUrl: deployment.publicUrl,
    connections,
    users: durable.users,
    passwords: durable.passwords,
    audit: auditQueue.audit,
    transactions: volatile.transactions,
    sessions: volatile.sessions,
    codes: volatile.codes,
    apps: durable.apps,
    appRegistry: registry,
    appKeys: appKeys({ fetch: outbound.fetch, now, onProblem }),
    appLogos: appLogos(outbound.fetch),
    apis: deployment.apis,
    keyRing,
    consents: durable.consents,
    signingKeys: durable.signingKeys,
    signingAlgorithms: keyPolicy.algorithms,
    logouts: wakeOnAdd(durable.logouts, backchannel.wake),
    artifacts: volatile.artifacts,
    sessionApps: volatile.sessionApps,
    counters: volatile.counters,
    mailer: createMailer({ outbox: durable.outbox, now, wake: mailWorker.wake, isSent: isMailSent(deployment) }),
    domainProof: domains.proofOf,
    connectionHealth: health.healthOf,
    trace: traceWriter.sink,
    now,
    random: randomBytes,
  }
  const close = async () => {
    domains.stop()
    health.stop()
    await Promise.all([mailWorker.stop(), backchannel.stop()])
    await Promise.all([traceWriter.close(), auditQueue.close()])
    await outbound.close()
    await Promise.all([durable.close(), volatile.close()])
  }
  return { parts, keyRing, storage, tenants, domains, health, keys, keyPolicy, close }
}

function logHealth(log: Log) {
  return (place: Place, health: Health): void => {
    const troubles = failedChecks(health).map((check) => ({
      check: check.name,
      detail: check.detail,
      fixer: fixerOf(check),
    }))
    const isWell = health.status === 'up' && troubles.length === 0
    log[isWell ? 'info' : 'warn']({ ...place, status: health.status, troubles }, 'the health of a connection changed')
  }
}

/** What is queued is looked at at once. */
function wakeOnAdd(queue: LogoutQueue, wake: () => void): LogoutQueue {
  return { ...queue, add: (notifications, now) => queue.add(notifications, now).then(wake) }
}

/** A retired key is kept for what it signed: access tokens, and ID tokens, by which an app ends the session of as long as that may live. */
function keyPolicyOf({ signingKeys, apis }: Deployment, tenants: readonly Tenant[]): KeyPolicy {
  const tokens = apis.map(({ accessTokenSeconds }) => accessTokenSeconds)
  const sessions = tenants.map(({ sessions }) => sessions.lifetimeSeconds)
  return { ...signingKeys, keepRetiredSeconds: Math.max(3600, ...tokens, ...sessions) }
}

const proxyOf = ({ proxy, noProxy }: Deployment['outbound']) => ({
  proxy: typeof proxy === 'string' ? proxy : proxy.reveal(),
  noProxy,
})

const isMailSent = ({ mail }: Deployment) => mail.smtp !== undefined || mail.directory !== undefined

function senderOf(deployment: Deployment): SendMail {
  if (isMailSent(deployment)) return mailSender(deployment.mail)
  return async () => {
    throw new Error('no mail server is configured: set mail.smtp in gatehouse.yaml')
  }
}

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

  const openId = openIdProvider(
    {
      parts: core.parts,
      check: sessionCheckPartsOf({ parts: core.parts, tenants: core.tenants, log }),
      cookie: deployment.cookie,
      log,
    },
    core.keys,
  )
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
      cookie: deployment.cookie,
      trustedProxies: deployment.trustedProxies,
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
    await durable.ping().catch(() => undefined) // which readiness waits for
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

interface Migrated {
  done: boolean
}

/** A database that is down at the start is waited for: readiness is red meanwhile, and the process lives. */
function migrateUntilDone(
  storage: Storage,
  log: Log,
  wanted: () => boolean,
  afterwards: () => Promise<void>,
): Migrated {
  const migrated: Migrated = { done: false }
  const run = async (): Promise<void> => {
    try {
      const names = await storage.migrate()
      if (names.length > 0) log.info({ migrations: names }, 'the database was brought up to date')
      migrated.done = true
      void afterwards()
    } catch (error) {
      log.warn({ error: errorForLog(error) }, 'the database could not be brought up to date; trying again')
      if (wanted()) setTimeout(() => void run(), migrationRetryMs).unref()
    }
  }
  void run()
  return migrated
}

async function pingMigrated(durable: DurableStore, migrated: Migrated): Promise<void> {
  if (!migrated.done) throw new GatehouseError('store_unavailable', 'the database is not brought up to date yet')
  await durable.ping()
}

function maintainSigningKeys(keys: OpenSigningKeys, log: Log): void {
  keys
    .maintain()
    .catch((error) => log.warn({ error: errorForLog(error) }, 'the signing keys could not be looked after'))
}

function deleteOldTraces(durable: DurableStore, { traces }: Deployment, log: Log, now: Date): void {
  const before = new Date(now.getTime() - traces.keepSeconds * 1000)
  durable.traces
    .forgetBefore(before)
    .catch((error) => log.warn({ error: errorForLog(error) }, 'old traces could not be deleted'))
}
