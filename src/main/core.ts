import { appLogos } from '../broker/apps/fetch-logo.ts'
import { appKeys } from '../broker/apps/jwks.ts'
import { appRegistry } from '../broker/apps/registry.ts'
import { Connections } from '../broker/connections.ts'
import { failedChecks, fixerOf } from '../broker/health.ts'
import { otherIssuers } from '../broker/identity/trusted-metadata.ts'
import type { KeyPolicy } from '../broker/keys/key-lifecycle.ts'
import { type OpenSigningKeys, openSigningKeys } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { LogoutQueue } from '../broker/ports/logout-queue.ts'
import type { Deployment } from '../config/deployment/deployment.ts'
import { loadKeyRingSecrets } from '../config/deployment/keys.ts'
import type { LoadedConfig } from '../config/load.ts'
import { KeyRing } from '../crypto/keyring.ts'
import { randomBytes } from '../crypto/random.ts'
import { errorForLog } from '../http/problem.ts'
import { startBackchannel } from '../jobs/backchannel-logout.ts'
import { createDomainChecker, type DomainChecker } from '../jobs/domain-checks.ts'
import { createHealthChecker, type HealthChecker, type Place } from '../jobs/health-checks.ts'
import { createMailer } from '../jobs/mail/mailer.ts'
import { mailSender, type SendMail } from '../jobs/mail/sender.ts'
import { startMailWorker } from '../jobs/mail-worker.ts'
import { guardedFetch } from '../outbound/guarded-fetch.ts'
import { proxies } from '../outbound/proxy.ts'
import { systemResolver, type TxtResolver } from '../outbound/txt-records.ts'
import type { ConnectionContext, Health, MetadataStore } from '../provider/provider.ts'
import { openAuditQueue } from '../store/audit-queue.ts'
import { openTraceWriter } from '../store/trace-sink.ts'
import type { ConnectionSettings, Tenant } from '../tenant.ts'
import type { Log } from './log.ts'
import { openStorage, type Storage, systemClock } from './storage.ts'

/** A start has more urgent things to do than what an earlier process left in a queue. */
const firstPollMs = 1000

export interface Core {
  readonly parts: CorePorts
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
  const domains = createDomainChecker({
    ...{ tenants: config.tenants, keyRing, checks: durable.domainChecks, resolver, now },
    onChange: ({ tenant, domain, outcome }) => log.info({ tenant, domain, outcome }, 'the proof of a domain changed'),
    onProblem: (error) => onProblem('the proofs of domains could not be brought up to date', error),
  })
  const connections = new Connections(tenants, providers, contextOf)
  const health = createHealthChecker({ tenants: config.tenants, connections, now, onChange: logHealth(log) })
  const parts: CorePorts = {
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

/** A retired key is published while its tokens are used: ID tokens are logout hints. */
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
