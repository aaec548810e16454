/** Everything but the web server: ports, background work, keys. The CLI uses it too. */

import { appLogos } from '../broker/apps/fetch-logo.ts'
import { appKeys } from '../broker/apps/jwks.ts'
import { appRegistry } from '../broker/apps/registry.ts'
import { failedChecks, fixerOf } from '../broker/health.ts'
import type { KeyPolicy } from '../broker/keys/key-lifecycle.ts'
import { type OpenSigningKeys, openSigningKeys } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { DurableStore, LogoutQueue } from '../broker/ports/durable.ts'
import { cachedApiTokens } from '../broker/tokens/cached-tokens.ts'
import type { Deployment } from '../config/deployment/deployment.ts'
import { loadKeyRingSecrets } from '../config/deployment/keys.ts'
import type { LoadedConfig } from '../config/load.ts'
import { KeyRing } from '../crypto/keyring.ts'
import { randomBytes } from '../crypto/random.ts'
import { errorForLog } from '../http/problem.ts'
import { startBackchannel } from '../jobs/backchannel-logout.ts'
import { createDomainChecker, type DomainChecker } from '../jobs/domain-checks.ts'
import { createHealthChecker, type HealthChecker, type Place } from '../jobs/health-checks.ts'
import { createMailer } from '../jobs/mail/compose.ts'
import { mailSender, type SendMail } from '../jobs/mail/sender.ts'
import { startMailWorker } from '../jobs/mail-worker.ts'
import { guardedFetch } from '../outbound/guarded-fetch.ts'
import { proxies } from '../outbound/proxy.ts'
import { systemResolver, type TxtResolver } from '../outbound/txt-records.ts'
import type { Health } from '../provider/provider.ts'
import { openAuditWriter } from '../store/audit-writer.ts'
import { openSignInCounter } from '../store/sign-in-counts.ts'
import { openTraceWriter } from '../store/trace-sink.ts'
import type { Tenant } from '../tenant.ts'
import { auditPort } from './audit.ts'
import { openConnections } from './connections.ts'
import type { Log } from './log.ts'
import { openStorage, type Storage, systemClock } from './storage.ts'

/** Queues of an earlier process can wait until the start is over. */
const firstPollMs = 1000

export interface Core {
  readonly parts: CorePorts
  readonly keyRing: KeyRing
  readonly storage: Storage
  readonly tenants: ReadonlyMap<string, Tenant>
  /** Checks the domains of tenants once started. */
  readonly domains: DomainChecker
  /** Probes the connections once started. */
  readonly health: HealthChecker
  /** Their store is `parts.signingKeys`. */
  readonly keys: OpenSigningKeys
  readonly keyPolicy: KeyPolicy
  close(): Promise<void>
}

export async function openCore(
  config: Pick<LoadedConfig, 'deployment' | 'providers' | 'tenants'>,
  log: Log,
  now: () => Date = systemClock,
  resolver: TxtResolver = systemResolver(),
): Promise<Core> {
  const { deployment, providers } = config
  const { publicUrl } = deployment
  const keyRing = new KeyRing(await loadKeyRingSecrets(deployment))
  const storage = await openStorage(deployment, keyRing, log, now)
  const { durable, volatile } = storage
  const tenants = new Map(config.tenants.map((tenant) => [tenant.id, tenant]))
  const outbound = openOutbound(deployment)
  const { fetch } = outbound
  const onProblem = (sentence: string, cause: unknown) => log.warn({ error: errorForLog(cause) }, sentence)

  const keyPolicy = keyPolicyOf(deployment, config.tenants)
  const keys = openSigningKeys({ store: durable.signingKeys, keyRing, policy: keyPolicy, now })
  const registry = appRegistry({ declared: deployment.apps, stored: durable.apps, users: durable.users, now })
  const connections = openConnections({ tenants, providers, publicUrl, storage, fetch, now })

  const { outbox } = durable
  const mailWorker = startMailWorker({ outbox, send: senderOf(deployment), now, onProblem, firstPollMs })
  const backchannel = startBackchannel({
    queue: durable.logouts,
    apps: registry,
    keys,
    issuer: publicUrl.origin,
    fetch,
    now,
    random: randomBytes,
    onProblem,
    firstPollMs,
  })
  const { traceWriter, auditWriter } = openRecords(durable, log)
  const domains = createDomainChecker({
    tenants: config.tenants,
    keyRing,
    checks: durable.domainChecks,
    resolver,
    now,
    onChange: ({ tenant, domain, outcome }) => log.info({ tenant, domain, outcome }, 'the proof of a domain changed'),
    onProblem: (error) => onProblem('domain checks failed', error),
  })
  const health = createHealthChecker({ tenants: config.tenants, connections, now, onChange: logHealth(log) })

  const { users, passwords, apiTokens, apps, developerSecrets, consents, signingKeys, roleAssignments } = durable
  const { transactions, sessions, codes, artifacts, sessionApps, counters } = volatile
  const signInCounts = openSignInCounter({ store: durable.appSignIns, now, onProblem })
  const parts: CorePorts = {
    publicUrl,
    connections,
    keyRing,
    now,
    random: randomBytes,
    apis: deployment.apis,
    users,
    passwords,
    apiTokens: cachedApiTokens(apiTokens, { now: () => performance.now(), defer: setImmediate }),
    apps,
    developerSecrets,
    consents,
    signingKeys,
    roleAssignments,
    transactions,
    sessions,
    codes,
    artifacts,
    sessionApps,
    counters,
    audit: auditPort(auditWriter, randomBytes),
    appRegistry: registry,
    appKeys: appKeys({ fetch, now, onProblem }),
    appLogos: appLogos(fetch),
    signingAlgorithms: keyPolicy.algorithms,
    logouts: wakeOnAdd(durable.logouts, backchannel.wake),
    mailer: createMailer({ outbox, now, wake: mailWorker.wake, isSent: isMailSent(deployment) }),
    domainProof: domains.proofOf,
    connectionHealth: health.healthOf,
    trace: traceWriter.sink,
    signInCounts,
  }
  const close = async () => {
    domains.stop()
    health.stop()
    await Promise.all([mailWorker.stop(), backchannel.stop()])
    await Promise.all([traceWriter.close(), signInCounts.close(), auditWriter.close()])
    await outbound.close()
    await Promise.all([durable.close(), volatile.close()])
  }
  return { parts, keyRing, storage, tenants, domains, health, keys, keyPolicy, close }
}

function openOutbound({ outbound }: Deployment) {
  const { proxy, noProxy, allowPrivate, timeoutSeconds, ca, proxyResolves } = outbound
  const settings = { proxy: typeof proxy === 'string' ? proxy : proxy.reveal(), noProxy }
  const proxyFor = proxies(settings, process.env)
  return guardedFetch({ allowPrivate, timeoutMs: timeoutSeconds * 1000, ca, proxyFor, proxyResolves })
}

/** Traces and sign-in events are written behind the response; a failing store delays all. */
function openRecords({ traces, audit }: DurableStore, log: Log) {
  const onQueued = (what: string) => (error: unknown) =>
    log.warn({ error: errorForLog(error) }, `${what} are queued until their store answers`)
  const traceWriter = openTraceWriter(traces, {
    onQueued: onQueued('traces'),
    onDropped: (count) => log.warn({ count }, 'traces dropped'),
  })
  const auditWriter = openAuditWriter(audit, {
    onQueued: onQueued('audit events'),
    onDropped: (event) => log.error({ audit: event }, 'audit event dropped; this line is its only record'),
  })
  return { traceWriter, auditWriter }
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

/** Delivers queued logouts at once. A part of a lazy store has no keys to spread. */
function wakeOnAdd(queue: LogoutQueue, wake: () => void): LogoutQueue {
  return {
    add: (notifications, now) => queue.add(notifications, now).then(wake),
    claim: (...given) => queue.claim(...given),
    sent: (id) => queue.sent(id),
    retry: (id, at) => queue.retry(id, at),
    release: (ids, at) => queue.release(ids, at),
  }
}

/** A retired key is published while its tokens are used: ID tokens are logout hints. */
function keyPolicyOf({ signingKeys, apis }: Deployment, tenants: readonly Tenant[]): KeyPolicy {
  const tokens = apis.map(({ accessTokenSeconds }) => accessTokenSeconds)
  const sessions = tenants.map(({ sessions }) => sessions.lifetimeSeconds)
  return { ...signingKeys, keepRetiredSeconds: Math.max(3600, ...tokens, ...sessions) }
}

const isMailSent = ({ mail }: Deployment) => mail.smtp !== undefined || mail.directory !== undefined

function senderOf(deployment: Deployment): SendMail {
  if (isMailSent(deployment)) return mailSender(deployment.mail)
  return async () => {
    throw new Error('no mail server is configured: set mail.smtp in gatehouse.yaml')
  }
}
