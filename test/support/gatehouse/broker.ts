/** The core with the embedded store and a stub provider. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as immediate } from 'node:timers/promises'
import { z } from 'zod'
import type { App } from '../../../src/app/app.ts'
import { appLogos } from '../../../src/broker/apps/fetch-logo.ts'
import { appKeys } from '../../../src/broker/apps/jwks.ts'
import { appRegistry } from '../../../src/broker/apps/registry.ts'
import { connectionsOf } from '../../../src/broker/connections.ts'
import { passkeySiteOf } from '../../../src/broker/factors/passkeys/passkey-site.ts'
import { expiriesOf } from '../../../src/broker/health/expiries.ts'
import { type DomainProof, domainProof } from '../../../src/broker/identity/domain-verification.ts'
import { mailedCodesOf } from '../../../src/broker/login/email/mailed-code.ts'
import type { LoginRequest } from '../../../src/broker/login/start-login.ts'
import type { CallbackRequest } from '../../../src/broker/login/transaction.ts'
import { browserHash } from '../../../src/broker/login/transaction.ts'
import type { CorePorts, Mailer } from '../../../src/broker/ports/core-ports.ts'
import type { Trace } from '../../../src/broker/trace.ts'
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { defaultSigningAlgorithms } from '../../../src/crypto/signing-algorithm.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { auditPort } from '../../../src/main/audit.ts'
import type { Profile } from '../../../src/profile/profile.ts'
import {
  type Answer,
  type ConnectionContext,
  defineProvider,
  type Identity,
  type LoginStart,
  type Provider,
} from '../../../src/provider/provider.ts'
import { openAuditWriter } from '../../../src/store/audit-writer.ts'
import { type EmbeddedStores, openEmbedded } from '../../../src/store/sqlite/embedded.ts'
import type { ConnectionSettings, Tenant } from '../../../src/tenant.ts'
import { testFetch } from '../../contract/context.ts'

export const publicUrl = new URL('https://gatehouse.test')

export function connectionSettings(changes: Partial<ConnectionSettings> & { readonly id: string }): ConnectionSettings {
  return { kind: 'okta', label: undefined, domains: [], button: true, createUsers: true, config: {}, ...changes }
}

export function tenantOf(connections: readonly ConnectionSettings[], changes: Partial<Tenant> = {}): Tenant {
  return {
    id: 'acme',
    name: 'Acme',
    connections,
    returnOrigins: ['https://app.acme.test'],
    sessions: { lifetimeSeconds: 86_400, idleSeconds: 3600, tokenInQuery: false },
    supportUrl: undefined,
    ...changes,
  }
}

/** A clock that stands still until it is moved. */
export function clock(start = new Date('2026-01-15T12:00:00Z')) {
  let time = start.getTime()
  const now = () => new Date(time)
  const advance = (seconds: number) => {
    time += seconds * 1000
  }
  return { now, pass: advance }
}

/**
 * A provider whose callback parameters are the identity: `subject`, `email` (verified unless
 * `unverified` is set), `error`. `during` runs additional work.
 */
export function stubProvider(during: Partial<StubHooks> = {}): Provider {
  return defineProvider({
    kind: 'okta',
    brand: { name: 'Gate' },
    config: z.strictObject({}),
    open: (_, context) => ({
      async begin(start) {
        await during.begin?.(start, context)
        const url = new URL('https://upstream.test/authorize')
        url.searchParams.set('state', start.state)
        return { step: 'redirect', url, memo: { verifier: 'canary-memo' } }
      },
      async complete(answer) {
        await during.complete?.(answer, context)
        if (answer.parameters.get('error') !== null)
          throw new GatehouseError('user_denied', 'the upstream says that the person said no')
        answer.record.check({ name: 'memo', ok: answer.memo['verifier'] === 'canary-memo' })
        return { identity: identityFrom(answer.parameters), evidence: { amr: ['mfa'], acr: 'high' } }
      },
      health: async () => ({ status: 'up', checks: [] }),
    }),
  })
}

export interface StubHooks {
  begin(start: LoginStart, context: ConnectionContext): Promise<void>
  complete(answer: Answer, context: ConnectionContext): Promise<void>
}

function identityFrom(parameters: URLSearchParams): Identity {
  const address = parameters.get('email')
  const name = parameters.get('name')
  const profile: Profile = {
    ...(address !== null && { email: { address, verified: parameters.get('unverified') === null } }),
    ...(name !== null && { name }),
  }
  return { issuer: 'https://upstream.test', subject: parameters.get('subject') ?? 'nobody', profile }
}

export interface SentMail {
  readonly kind: keyof Mailer
  readonly to: string
  readonly link: string
}

export interface Broker {
  readonly parts: CorePorts
  readonly stores: EmbeddedStores
  /** Every trace that was written, in order. */
  readonly traces: Trace[]
  readonly mails: SentMail[]
  pass(seconds: number): void
}

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-broker-'))
// test files share this module: the stores of one stay open for the next
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
let opened = 0

export interface BrokerOptions {
  readonly tenants?: readonly Tenant[]
  readonly providers?: readonly Provider[]
  /** Of every domain. Default: nobody has looked. */
  readonly domainProof?: DomainProof
  /** Those declared in gatehouse.yaml. */
  readonly apps?: readonly App[]
}

export async function openBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { tenants = [tenantOf([connectionSettings({ id: 'okta' })])], providers = [stubProvider()] } = options
  const { now, pass: advance } = clock()
  const keyRing = new KeyRing([randomBytes(32)])
  opened += 1
  const stores = await openEmbedded({ file: join(folder, `${opened}.sqlite`), keyRing, now })
  const { durable, volatile } = stores
  const contextOf = (tenant: Tenant, settings: ConnectionSettings): ConnectionContext => ({
    tenant: tenant.id,
    connection: settings.id,
    callbackUrl: new URL(`/t/${tenant.id}/${settings.id}/callback`, publicUrl),
    entityId: new URL(`/t/${tenant.id}/${settings.id}/metadata`, publicUrl),
    once: async (key, seconds) =>
      (await volatile.counters.hit(`once:${tenant.id}/${settings.id}:${key}`, seconds)).count === 1,
    fetch: testFetch.fetch,
    now,
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    metadata: {
      find: async () =>
        (await durable.trustedMetadata.ofTenant(tenant.id)).find(({ connection }) => connection === settings.id) ??
        null,
      replace: (trustedMetadata, before) =>
        durable.trustedMetadata.replace(
          { ...trustedMetadata, tenant: tenant.id, connection: settings.id },
          before,
          now(),
        ),
      otherIssuers: async () => [],
    },
    mailedCodes: mailedCodesOf(volatile.codes, { tenant: tenant.id, connection: settings.id }),
    passwords: {
      find: (email) => durable.passwords.find(tenant.id, email),
      rehash: (subject, before, after) => durable.passwords.rehash(tenant.id, subject, before, after),
      minimumLength: () => 15,
      isBreached: async () => false,
    },
  })
  const traces: Trace[] = []
  const mails: SentMail[] = []
  const recordMail = (kind: keyof Mailer) => async (sent: { readonly to: string; readonly link?: string }) => {
    mails.push({ kind, to: sent.to, link: sent.link ?? '' })
  }
  const parts: CorePorts = {
    publicUrl,
    passkeySite: passkeySiteOf(publicUrl, { relatedOrigins: [] }),
    connections: connectionsOf(new Map(tenants.map((tenant) => [tenant.id, tenant])), providers, contextOf),
    users: durable.users,
    userDeletions: durable.userDeletions,
    passwords: durable.passwords,
    audit: auditPort(openAuditWriter(durable.audit, ignored), randomBytes),
    transactions: volatile.transactions,
    sessions: volatile.sessions,
    codes: volatile.codes,
    apiTokens: durable.apiTokens,
    apps: durable.apps,
    developerSecrets: durable.developerSecrets,
    authenticators: durable.authenticators,
    recoveryCodes: durable.recoveryCodes,
    rememberedDevices: durable.rememberedDevices,
    recoveries: durable.recoveries,
    undoLinks: durable.undoLinks,
    upstreamGrants: durable.upstreamGrants,
    appRegistry: appRegistry({ declared: options.apps ?? [], stored: durable.apps, users: durable.users, now }),
    appKeys: appKeys({ fetch: testFetch.fetch, now, onProblem: () => undefined }),
    appLogos: appLogos(testFetch.fetch),
    apis: [],
    keyRing,
    consents: durable.consents,
    signingAlgorithms: defaultSigningAlgorithms,
    signingKeys: durable.signingKeys,
    roleAssignments: durable.roleAssignments,
    logouts: durable.logouts,
    artifacts: volatile.artifacts,
    sessionApps: volatile.sessionApps,
    counters: volatile.counters,
    healthResults: volatile.healthResults,
    leases: volatile.leases,
    processes: volatile.processes,
    mailer: {
      signUp: recordMail('signUp'),
      alreadySignedUp: recordMail('alreadySignedUp'),
      verifyEmail: recordMail('verifyEmail'),
      reset: recordMail('reset'),
      signInCode: recordMail('signInCode'),
      passwordChanged: recordMail('passwordChanged'),
      apiToken: (sent) => recordMail('apiToken')(sent).then(() => true),
      methodAdded: (sent) => recordMail('methodAdded')(sent).then(() => true),
      methodRemoved: (sent) => recordMail('methodRemoved')(sent).then(() => true),
      appChanged: (sent) => recordMail('appChanged')(sent).then(() => true),
      expiry: (all) => Promise.all(all.map(recordMail('expiry'))).then(() => true),
      credentialLeaked: (sent) => recordMail('credentialLeaked')(sent).then(() => true),
      securityNotice: (sent) => recordMail('securityNotice')(sent).then(() => true),
    },
    domainProof: async () => options.domainProof ?? domainProof(undefined, now()),
    expiries: async () => expiriesOf(tenants, await durable.publishedStates.of()),
    connectionHealth: () => undefined,
    probeNow: () => Promise.reject(new Error('connections are not probed here')),
    recordActivity: () => undefined,
    trace: (trace) => traces.push(trace),
    traces: durable.traces,
    signInStatistics: durable.signInStatistics,
    signInCounts: { count: () => undefined, since: durable.appSignIns.since, ofApps: durable.appSignIns.ofApps },
    now,
    random: randomBytes,
    nextTurn: () => immediate(),
  }
  return { parts, stores, traces, mails, pass: advance }
}

const ignored = { onQueued: () => undefined, onDropped: () => undefined }

/** The last word on each reference, as the store of traces would have it. */
export function traceOf({ traces }: Broker, reference: string): Trace {
  const trace = traces.findLast((each) => each.reference === reference)
  if (trace === undefined) throw new Error(`no trace ${reference}`)
  return trace
}

export const browser = browserHash('browser of these tests')

export function loginRequest(changes: Partial<LoginRequest> = {}): LoginRequest {
  return { tenant: 'acme', connection: 'okta', returnTo: '/account', browser, ...changes }
}

export function callback(parameters: Record<string, string>, changes: Partial<CallbackRequest> = {}): CallbackRequest {
  return {
    tenant: 'acme',
    connection: 'okta',
    parameters: new URLSearchParams(parameters),
    browser,
    device: 'Firefox on Linux',
    source: '192.0.2.1',
    ...changes,
  }
}

/** What a promise ends with, be it a value or a GatehouseError's code. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'no error'
  } catch (error) {
    if (error instanceof GatehouseError) return error.code
    throw error
  }
}
