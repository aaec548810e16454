/** The composition root: every part by name, built in order. Read this first; each name leads to its folder. */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { type DestinationStream, pino } from 'pino'
import { Connections } from './broker/connections.ts'
import type { Parts } from './broker/parts.ts'
import type { DurableStore, VolatileStore } from './broker/ports.ts'
import type { Deployment } from './config/deployment.ts'
import { loadKeyRingSecrets } from './config/keys.ts'
import type { LoadedConfig } from './config/load.ts'
import { GatehouseError } from './errors.ts'
import { errorForLog } from './http/problem.ts'
import { createGatehouseServer, drain } from './http/server.ts'
import { KeyRing } from './keyring.ts'
import { openLetters } from './mail/letters.ts'
import { startPostman } from './mail/postman.ts'
import { mailSender, type SendMail } from './mail/sender.ts'
import { guardedFetch } from './outbound/guarded-fetch.ts'
import type { Site } from './provider.ts'
import { openTraceWriter } from './store/trace-sink.ts'
import type { ConnectionSettings, Tenant } from './tenant.ts'

const drainMs = 10_000
const migrateAgainMs = 1000
const forgetTracesEveryMs = 3_600_000

const systemClock = () => new Date()

export type Log = ReturnType<typeof openLog>

/** JSON lines on standard output, or wherever else they are wanted. */
export function openLog(level: string, destination?: DestinationStream) {
  const redact = {
    paths: ['*.password', '*.token', '*.secret', '*.authorization', '*.cookie', '*.id_token', '*.client_secret'],
    censor: '[secret]',
  }
  return pino({ level, base: null, redact }, destination ?? pino.destination({ fd: 1, sync: false }))
}

export interface Storage {
  readonly durable: DurableStore
  readonly volatile: VolatileStore
  /** Brings the durable tables up to date; the names of the migrations that ran. */
  readonly migrate: () => Promise<readonly string[]>
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
    return { ...(await openEmbedded({ file, keyRing, now })), migrate: async () => [] }
  }
  const [{ openRedis }, { openPostgres, migratePostgres }] = await Promise.all([
    import('./store/redis/redis.ts'),
    import('./store/postgres/postgres.ts'),
  ])
  const lost = (store: string) => (error: Error) =>
    log.warn({ store, error: errorForLog(error) }, 'the store is not reached')
  return {
    durable: openPostgres({ url: postgres.reveal(), keyRing, now, onError: lost('postgres') }),
    volatile: openRedis({ url: redis.reveal(), keyRing, now, onError: lost('redis') }),
    migrate: () => migratePostgres({ url: postgres.reveal() }),
  }
}

export interface Core {
  readonly parts: Parts
  readonly keyRing: KeyRing
  readonly storage: Storage
  readonly tenants: ReadonlyMap<string, Tenant>
  close(): Promise<void>
}

/** Everything but the web server: what the commands of the cli work with too. */
export async function openCore(
  config: Pick<LoadedConfig, 'deployment' | 'providers' | 'tenants'>,
  log: Log,
  now: () => Date = systemClock,
): Promise<Core> {
  const { deployment, providers } = config
  const keyRing = new KeyRing(await loadKeyRingSecrets(deployment))
  const storage = await openStorage(deployment, keyRing, log, now)
  const { durable, volatile } = storage
  const tenants = new Map(config.tenants.map((tenant) => [tenant.id, tenant]))
  const outbound = guardedFetch({
    allowPrivate: deployment.outbound.allowPrivate,
    timeoutMs: deployment.outbound.timeoutSeconds * 1000,
  })
  const siteOf = (tenant: Tenant, settings: ConnectionSettings): Site => ({
    tenant: tenant.id,
    connection: settings.id,
    callbackUrl: new URL(`/t/${tenant.id}/${settings.id}/callback`, deployment.publicUrl),
    entityId: new URL(`/t/${tenant.id}/${settings.id}/metadata`, deployment.publicUrl),
    fetch: outbound.fetch,
    now,
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    once: async (key, seconds) =>
      (await volatile.counters.hit(`once:${tenant.id}/${settings.id}:${key}`, seconds)).count === 1,
    passwords: {
      find: (email) => durable.passwords.find(tenant.id, email),
      rehash: (subject, before, after) => durable.passwords.rehash(tenant.id, subject, before, after),
    },
  })
  const onProblem = (sentence: string, cause: unknown) => log.warn({ error: errorForLog(cause) }, sentence)
  const postman = startPostman({ outbox: durable.outbox, send: senderOf(deployment), now, onProblem })
  const traceWriter = openTraceWriter(durable.traces, (error) => onProblem('traces could not be written', error))
  const parts: Parts = {
    publicUrl: deployment.publicUrl,
    connections: new Connections(tenants, providers, siteOf),
    users: durable.users,
    passwords: durable.passwords,
    audit: durable.audit,
    transactions: volatile.transactions,
    sessions: volatile.sessions,
    codes: volatile.codes,
    counters: volatile.counters,
    letters: openLetters({ outbox: durable.outbox, now, kick: postman.kick }),
    trace: traceWriter.sink,
    now,
    random: randomBytes,
  }
  const close = async () => {
    await postman.stop()
    await traceWriter.flush()
    await outbound.close()
    await Promise.all([durable.close(), volatile.close()])
  }
  return { parts, keyRing, storage, tenants, close }
}

function senderOf({ mail }: Deployment): SendMail {
  if (mail.smtp !== undefined || mail.directory !== undefined) return mailSender(mail)
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

export interface Surroundings {
  readonly log?: Log
  readonly now?: () => Date
}

export async function serve(config: LoadedConfig, surroundings: Surroundings = {}): Promise<Running> {
  const { deployment } = config
  const { log = openLog(deployment.log.level), now = systemClock } = surroundings
  for (const { file, line, column, path, message } of config.warnings)
    log.warn({ at: `${file}:${line}:${column}`, path }, message)
  const core = await openCore(config, log, now)
  const { durable, volatile } = core.storage
  let accepting = true
  const migrated = migrateUntilDone(core.storage, log, () => accepting)

  const server = createGatehouseServer(
    {
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
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(deployment.listen.port, deployment.listen.host, done)
  })
  const { port, address: host } = server.address() as AddressInfo
  const forgetting = setInterval(() => forgetTraces(durable, deployment, log, now()), forgetTracesEveryMs).unref()
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

  const stop = async () => {
    accepting = false
    clearInterval(forgetting)
    await drain(server, drainMs)
    await core.close()
    log.info('stopped')
  }
  return { address, core, stop }
}

interface Migrated {
  done: boolean
}

/** A database that is down at the start is waited for: readiness is red meanwhile, and the process lives. */
function migrateUntilDone(storage: Storage, log: Log, wanted: () => boolean): Migrated {
  const migrated: Migrated = { done: false }
  const run = async (): Promise<void> => {
    try {
      const names = await storage.migrate()
      if (names.length > 0) log.info({ migrations: names }, 'the database was brought up to date')
      migrated.done = true
    } catch (error) {
      log.warn({ error: errorForLog(error) }, 'the database could not be brought up to date; trying again')
      if (wanted()) setTimeout(() => void run(), migrateAgainMs).unref()
    }
  }
  void run()
  return migrated
}

async function pingMigrated(durable: DurableStore, migrated: Migrated): Promise<void> {
  if (!migrated.done) throw new GatehouseError('store_unavailable', 'the database is not brought up to date yet')
  await durable.ping()
}

function forgetTraces(durable: DurableStore, { traces }: Deployment, log: Log, now: Date): void {
  const before = new Date(now.getTime() - traces.keepSeconds * 1000)
  durable.traces
    .forgetBefore(before)
    .catch((error) => log.warn({ error: errorForLog(error) }, 'old traces could not be deleted'))
}
