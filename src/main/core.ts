/** Everything but the web server: ports, background work, keys. The CLI uses it too. */
import { setImmediate as immediate } from 'node:timers/promises'
import { appLogos } from '../broker/apps/fetch-logo.ts'
import { appKeys } from '../broker/apps/jwks.ts'
import { appRegistry } from '../broker/apps/registry.ts'
import { passkeySiteOf } from '../broker/factors/passkeys/passkey-site.ts'
import { expiriesOf } from '../broker/health/expiries.ts'
import type { KeyPolicy } from '../broker/keys/key-lifecycle.ts'
import { type OpenSigningKeys, openSigningKeys } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { DurableStore, LogoutQueue } from '../broker/ports/durable.ts'
import { recheckHealth } from '../broker/session/recheck/recheck-health.ts'
import { openUserActivity } from '../broker/session/recheck/user-activity.ts'
import { cachedApiTokens } from '../broker/tokens/cached-tokens.ts'
import { readWithMethodEmails } from '../broker/tokens/method-emails.ts'
import type { TraceSink } from '../broker/trace.ts'
import type { Deployment } from '../config/deployment/deployment.ts'
import { loadKeyRingSecrets } from '../config/deployment/keys.ts'
import type { LoadedConfig } from '../config/load.ts'
import { KeyRing } from '../crypto/keyring.ts'
import { randomBytes } from '../crypto/random.ts'
import { errorForLog } from '../http/problem.ts'
import { startBackchannel } from '../jobs/backchannel-logout.ts'
import { createDomainChecker, type DomainChecker } from '../jobs/domain-checks.ts'
import { createHealthChecker, type HealthChecker } from '../jobs/health/health-checks.ts'
import { publishedChanges } from '../jobs/health/published-changes.ts'
import { createMailer } from '../jobs/mail/mailer.ts'
import { mailSender, type SendMail } from '../jobs/mail/sender.ts'
import { startMailWorker } from '../jobs/mail-worker.ts'
import type { Rechecker } from '../jobs/recheck.ts'
import { guardedFetch } from '../outbound/guarded-fetch.ts'
import { proxies } from '../outbound/proxy.ts'
import { systemResolver, type TxtResolver } from '../outbound/txt-records.ts'
import { openAuditWriter } from '../store/audit-writer.ts'
import { isBreachedIn } from '../store/breached-passwords.ts'
import { openSignInCounter } from '../store/sign-in-counts.ts'
import { openSignInStatistics } from '../store/sign-ins/statistics-counter.ts'
import { openTraceWriter } from '../store/trace-sink.ts'
import type { Tenant } from '../tenant.ts'
import { auditPort } from './audit.ts'
import { openConnections } from './connections.ts'
import { healthLog, signInLog } from './log/core-lines.ts'
import type { Log } from './log.ts'
import { type Measured, measureProcess } from './metrics/measured.ts'
import { measuredStorage } from './metrics/measured-storage.ts'
import type { MeasuredRecords } from './metrics/record-families.ts'
import { openRechecker } from './rechecks.ts'
import { openStorage, type Storage, systemClock } from './storage.ts'

/** Queues of an earlier process can wait until the start is over. */
const firstPollMs = 1000

export interface Core {
  /** ID of this process. */
  readonly id: string
  readonly parts: CorePorts
  readonly keyRing: KeyRing
  readonly storage: Storage
  readonly tenants: ReadonlyMap<string, Tenant>
  /** Checks the domains of tenants once started. */
  readonly domains: DomainChecker
  /** Probes the connections once started. */
  readonly health: HealthChecker
  /** Re-checks users once started. */
  readonly rechecker: Rechecker
  /** Their store is `parts.signingKeys`. */
  readonly keys: OpenSigningKeys
  readonly keyPolicy: KeyPolicy
  /** Counts of this process. */
  readonly measured: Measured
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
  const tenants = new Map(config.tenants.map((tenant) => [tenant.id, tenant]))
  const measured = measureProcess(tenants)
  const opened = await openStorage(deployment, keyRing, log, now)
  const storage = deployment.metrics === undefined ? opened : measuredStorage(opened, measured.calls)
  const { durable, volatile } = storage
  const outbound = openOutbound(deployment)
  const { fetch } = outbound
  const onProblem = (sentence: string, cause: unknown) => log.warn({ error: errorForLog(cause) }, sentence)

  const keyPolicy = keyPolicyOf(deployment, config.tenants)
  const keys = openSigningKeys({ store: durable.signingKeys, keyRing, policy: keyPolicy, now })
  const registry = appRegistry({ declared: deployment.apps, stored: durable.apps, users: durable.users, now })
  const connections = openConnections({
    tenants,
    providers,
    publicUrl,
    storage,
    fetch,
    now,
    isBreached: breachCheckOf(deployment, onProblem),
  })

  const { outbox } = durable
  const polling = { now, onProblem, firstPollMs, isReady: storage.isMigrated }
  const mailWorker = startMailWorker({ outbox, send: senderOf(deployment), ...polling })
  const backchannel = startBackchannel({
    queue: durable.logouts,
    apps: registry,
    keys,
    issuer: publicUrl.origin,
    fetch,
    random: randomBytes,
    ...polling,
  })
  const { traceWriter, signInStatistics, auditWriter } = openRecords(durable, measured.records, log, now)
  const domains = createDomainChecker({
    tenants: config.tenants,
    keyRing,
    checks: durable.domainChecks,
    resolver,
    now,
    onChange: ({ tenant, domain, outcome }) => log.info({ tenant, domain, outcome }, 'the proof of a domain changed'),
    onProblem: (error) => onProblem('domain checks failed', error),
  })

  const { counters, healthResults, leases } = volatile
  const id = randomBytes(9).toString('base64url')
  const health = createHealthChecker({
    tenants: config.tenants,
    connections,
    results: healthResults,
    leases,
    counters,
    id,
    now,
    probe: deployment.health.probe,
    onChange: healthLog(log),
    onProbed: (place) => void recordChanges(place),
    moreChecks: (place) => recheckHealth({ connections, upstreamGrants: durable.upstreamGrants }, place),
  })
  const signInCounts = openSignInCounter({ store: durable.appSignIns, now, onProblem })
  const activity = openUserActivity(tenants)
  const parts: CorePorts = {
    ...durable,
    ...volatile,
    publicUrl,
    passkeySite: passkeySiteOf(publicUrl, deployment.passkeys),
    connections,
    keyRing,
    now,
    random: randomBytes,
    nextTurn: () => immediate(),
    apis: deployment.apis,
    apiTokens: cachedApiTokens(durable.apiTokens, {
      findAll: readWithMethodEmails({ apiTokens: durable.apiTokens, users: durable.users, tenants }),
      now: () => performance.now(),
      defer: setImmediate,
      schedule: (work, ms) => setTimeout(work, ms).unref(),
    }),
    counters: { ...counters, onRefused: measured.countRefusal },
    audit: auditPort(auditWriter, randomBytes),
    appRegistry: registry,
    appKeys: appKeys({ fetch, now, onProblem }),
    appLogos: appLogos(fetch),
    signingAlgorithms: keyPolicy.algorithms,
    logouts: wakeOnAdd(durable.logouts, backchannel.wake),
    mailer: createMailer({ outbox, now, wake: mailWorker.wake, isSent: isMailSent(deployment), onProblem }),
    domainProof: domains.proofOf,
    expiries: async (tenant) => {
      const wanted = config.tenants.filter(({ id }) => tenant === undefined || id === tenant)
      return expiriesOf(wanted, await durable.publishedStates.of(tenant))
    },
    connectionHealth: health.healthOf,
    probeNow: health.probeNow,
    recordActivity: activity.record,
    trace: fanOut(traceWriter.sink, signInStatistics.sink, measured.signIns.sink, health.signInSink, signInLog(log)),
    traces: durable.traces,
    signInCounts,
    signInStatistics: signInStatistics.statistics,
  }
  const recordChanges = publishedChanges({
    ports: parts,
    states: durable.publishedStates,
    onProblem: (error) => onProblem('what an upstream published could not be stored', error),
  })
  const rechecker = openRechecker({ ports: parts, tenants, activity, measured: measured.rechecks, log })
  const close = async () => {
    domains.stop()
    await Promise.all([rechecker.stop(), health.stop(), mailWorker.stop(), backchannel.stop()])
    await Promise.all([traceWriter.close(), signInCounts.close(), signInStatistics.close(), auditWriter.close()])
    await outbound.close()
    await Promise.all([durable.close(), volatile.close()])
  }
  return { id, parts, keyRing, storage, tenants, domains, health, rechecker, keys, keyPolicy, measured, close }
}

/** Passwords are accepted while the file cannot be read: sign-up must not depend on it. */
function breachCheckOf({ passwords: { breachedFile } }: Deployment, onProblem: (text: string, cause: unknown) => void) {
  return async (password: string): Promise<boolean> => {
    if (breachedFile === undefined) return false
    try {
      return await isBreachedIn(breachedFile, password)
    } catch (error) {
      onProblem('passwords.breachedFile could not be read; a new password was not looked up in it', error)
      return false
    }
  }
}

function openOutbound({ outbound }: Deployment) {
  const { proxy, noProxy, allowPrivate, timeoutSeconds, ca, proxyResolves } = outbound
  const settings = { proxy: typeof proxy === 'string' ? proxy : proxy.reveal(), noProxy }
  const proxyFor = proxies(settings, process.env)
  return guardedFetch({ allowPrivate, timeoutMs: timeoutSeconds * 1000, ca, proxyFor, proxyResolves })
}

/** Traces and sign-in events are written behind the response; a failing store delays all. */
function openRecords(durable: DurableStore, records: MeasuredRecords, log: Log, now: () => Date) {
  const { traces, signInStatistics: store, audit } = durable
  const onQueued = (what: string) => (error: unknown) =>
    log.warn({ error: errorForLog(error) }, `${what} are queued until their store answers`)
  const traceWriter = openTraceWriter(traces, {
    onQueued: onQueued('traces'),
    onDropped: (count) => {
      records.traces.dropped += count
      log.warn({ count }, 'traces dropped; if this goes on, give PostgreSQL or the disk more capacity')
    },
  })
  const signInStatistics = openSignInStatistics({
    store,
    now,
    newId: () => randomBytes(12).toString('base64url'),
    onQueued: onQueued('statistics of sign-ins'),
    onDropped: (rows) =>
      log.warn({ rows }, 'statistics of sign-ins dropped; if this goes on, give PostgreSQL or the disk more capacity'),
  })
  const auditWriter = openAuditWriter(audit, {
    onQueued: onQueued('audit events'),
    onDropped: (event) => {
      records.auditEvents.dropped += 1
      log.error({ audit: event }, 'audit event dropped; this line is its only record')
    },
  })
  records.traces.queued = traceWriter.queued
  records.auditEvents.queued = auditWriter.queued
  return { traceWriter, signInStatistics, auditWriter }
}

/** Each sink receives every trace. */
function fanOut(...sinks: readonly TraceSink[]): TraceSink {
  return (trace) => {
    for (const sink of sinks) sink(trace)
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
    size: (now) => queue.size(now),
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
