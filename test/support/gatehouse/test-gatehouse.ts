/**
 * A Gatehouse in the test's process, composed as by `gatehouse serve`, with an emulated Okta.
 * Only the clock and the log differ. Its public URL is https; the test browser acts as the TLS
 * proxy.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { vi } from 'vitest'
import { type MailboxEntry, readMailbox } from '../../../demo/read-mailbox.ts'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { createPasswordUser } from '../../../src/broker/login/set-password.ts'
import type { Trace } from '../../../src/broker/trace.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { formatFaults } from '../../../src/config/source/fault.ts'
import type { Core } from '../../../src/main/core.ts'
import { openLog } from '../../../src/main/log.ts'
import { type Running, serve } from '../../../src/main/main.ts'
import type { TxtResolver } from '../../../src/outbound/txt-records.ts'
import type { Provider } from '../../../src/provider/provider.ts'
import type { LiveTimes } from '../../../src/web/admin/live/live-clients.ts'
import { testProviders } from '../providers/test-providers.ts'
import { databaseTemplate } from '../store/database-template.ts'
import { waitOptions } from '../wait-options.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin, secretsOf } from './tenants.ts'

export { waitOptions }

export interface TestGatehouseOptions {
  /** The emulated Okta of both tenants. Default: one of its own, closed on stop. */
  readonly okta?: OktaEmulator
  /** Files of the configuration by name, in place of the usual ones. */
  readonly tenants?: Readonly<Record<string, string>>
  /** More lines of gatehouse.yaml. */
  readonly settings?: string
  readonly storage?: { readonly redis: string; readonly postgres: string }
  /** Whether it probes connections in the background. Default false: emulators count requests. */
  readonly probe?: boolean
  /** The folder of another Gatehouse: the same database, emails and configuration. */
  readonly folder?: string
  /** Timeout of upstreams and apps. Default: long enough for a busy machine. */
  readonly outboundTimeout?: string
  /** Default: a DNS without any record. */
  readonly resolver?: TxtResolver
  readonly liveTimes?: Partial<LiveTimes>
  /** Default: `testProviders`. */
  readonly providers?: readonly Provider[]
  /** Newest first. Default: one key shared by the test run. */
  readonly keys?: readonly string[]
}

export interface TestGatehouse {
  /** Where it listens. */
  readonly port: number
  readonly core: Core
  readonly okta: OktaEmulator
  readonly folder: string
  readonly clock: Clock
  /** Log lines so far, as written. */
  readonly logged: readonly string[]
  /** Newest first. */
  mails(): Promise<readonly MailboxEntry[]>
  /** Waits for the newest of at least `count` emails to this address. */
  mail(to: string, count?: number): Promise<MailboxEntry>
  /** Waits until the trace of a reference is written. */
  trace(reference: string): Promise<Trace>
  addUser(person: { readonly tenant: string; readonly email: string; readonly password: string }): Promise<void>
  /** The file of the embedded store and those beside it. */
  storedBytes(): Promise<Buffer>
  stop(): Promise<void>
}

export interface Clock {
  readonly now: () => Date
  forward(seconds: number): void
}

export const newKey = () => randomBytes(32).toString('base64url')
/** Of Gatehouses on a copy of the database template. */
export const sharedKey = newKey()
const emptyDns: TxtResolver = { resolveTxt: async () => [] }

export async function startTestGatehouse(options: TestGatehouseOptions = {}): Promise<TestGatehouse> {
  const { providers = testProviders } = options
  const okta = options.okta ?? (await oktaFor())
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'gatehouse-house-')))
  const mailbox = join(folder, 'mail')
  await writeConfig(folder, okta, options)
  const loaded = await loadConfig({ directory: folder, environment: secretsOf(okta), providers })
  if (!loaded.ok) throw new Error(formatFaults(loaded.faults))
  if (options.storage === undefined && options.folder === undefined && options.keys === undefined)
    await copyFile(await databaseTemplate(loaded.deployment.signingKeys, sharedKey), join(folder, 'gatehouse.db'))

  const clock = testClock()
  const logged: string[] = []
  const log = openLog('debug', { write: (line) => void logged.push(line) })
  const running = await serve(loaded, {
    log,
    now: clock.now,
    resolver: options.resolver ?? emptyDns,
    liveTimes: options.liveTimes,
  })
  await ready(running)

  return {
    port: Number(new URL(running.address).port),
    core: running.core,
    okta,
    folder,
    clock,
    logged,
    mails: () => readMailbox(mailbox, 500),
    mail: (to, count = 1) =>
      vi.waitFor(async () => {
        const [newest, ...older] = (await readMailbox(mailbox, 500)).filter((mail) => mail.to === to)
        if (newest === undefined || older.length + 1 < count) throw new Error(`no email to ${to}`)
        return newest
      }, waitOptions),
    trace: (reference) =>
      vi.waitFor(async () => {
        const trace = await running.core.storage.durable.traces.find(reference)
        if (trace === null || trace.outcome === 'started') throw new Error(`no finished trace ${reference}`)
        return trace
      }, waitOptions),
    async addUser(person) {
      if (!(await createPasswordUser(running.core.parts, person)))
        throw new Error(`${person.email} has a password already`)
    },
    async storedBytes() {
      const files = ['', '-wal'].map((suffix) =>
        readFile(join(folder, `gatehouse.db${suffix}`)).catch(() => Buffer.alloc(0)),
      )
      return Buffer.concat(await Promise.all(files))
    },
    async stop() {
      await running.stop()
      if (options.okta === undefined) await okta.close()
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function ready(running: Running): Promise<void> {
  await vi.waitFor(async () => {
    const { status } = await fetch(`${running.address}/readyz`)
    if (status !== 200) throw new Error(`Gatehouse is not ready: ${status}`)
  }, waitOptions)
}

async function writeConfig(folder: string, okta: OktaEmulator, options: TestGatehouseOptions): Promise<void> {
  await mkdir(join(folder, 'tenants'), { recursive: true })
  const tenants = options.tenants ?? { 'acme.yaml': acmeYaml(okta), 'beta.yaml': betaYaml(okta) }
  const files = { 'gatehouse.yaml': gatehouseYaml(folder, options), ...tenantFiles(tenants) }
  await Promise.all(
    Object.entries(files).map(async ([name, text]) => {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }),
  )
}

function tenantFiles(tenants: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tenants).map(([name, text]) => [`tenants/${name}`, text]))
}

export function gatehouseYaml(folder: string, options: TestGatehouseOptions & { readonly port?: number } = {}): string {
  const { storage, keys = [sharedKey], settings = '' } = options
  const stores =
    storage === undefined
      ? `  file: ${join(folder, 'gatehouse.db')}`
      : `  redis: ${storage.redis}\n  postgres: ${storage.postgres}`
  return `publicUrl: ${publicOrigin}
listen: { host: 127.0.0.1, port: ${options.port ?? 0} }
storage:
${stores}
keys: [${keys.join(', ')}]
mail: { directory: ${join(folder, 'mail')} }
outbound: { allowPrivate: [localhost, 127.0.0.1], timeout: ${options.outboundTimeout ?? '15s'} }
health: { probe: ${options.probe ?? false} }
${settings}`
}

function testClock(): Clock {
  let aheadMs = 0
  return {
    now: () => new Date(Date.now() + aheadMs),
    forward: (seconds) => {
      aheadMs += seconds * 1000
    },
  }
}
