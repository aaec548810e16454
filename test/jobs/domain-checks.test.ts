/** The domain checker over the embedded store; the DNS is an object. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { domainRecord } from '../../src/broker/identity/domain-verification.ts'
import type { DomainCheck, DomainChecks } from '../../src/broker/ports/durable.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { createDomainChecker } from '../../src/jobs/domain-checks.ts'
import { systemResolver, type TxtResolver, txtRecords } from '../../src/outbound/txt-records.ts'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { clock, connectionSettings, tenantOf } from '../support/gatehouse/broker.ts'
import { waitOptions } from '../support/wait-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-domain-watch-'))
const keyRing = new KeyRing([Buffer.alloc(32, 7)])
const acme = tenantOf([
  connectionSettings({ id: 'okta', domains: ['acme.test', 'acme.example'] }),
  connectionSettings({ id: 'saml', domains: ['acme.test'] }),
])
const beta = tenantOf([connectionSettings({ id: 'okta', domains: ['beta.test'] })], { id: 'beta' })
const closing: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const close of closing) await close()
  rmSync(folder, { recursive: true })
})

async function newChecks(): Promise<DomainChecks> {
  const { now } = clock()
  const { durable, volatile } = await openEmbedded({ file: join(folder, `${closing.length}.sqlite`), keyRing, now })
  closing.push(durable.close, volatile.close)
  return durable.domainChecks
}

function world(checks: DomainChecks, time = clock()) {
  const zone = new Map<string, readonly string[] | 'silent' | 'failing'>()
  const asked: string[] = []
  const changes: DomainCheck[] = []
  const problems: unknown[] = []
  const resolver: TxtResolver = {
    resolveTxt: async (name) => {
      asked.push(name)
      const records = zone.get(name) ?? []
      if (records === 'silent') return new Promise(() => undefined)
      if (records === 'failing') throw Object.assign(new Error('no'), { code: 'ESERVFAIL' })
      return records.map((record) => [record.slice(0, 30), record.slice(30)])
    },
  }
  const checker = createDomainChecker({
    tenants: [acme, beta],
    keyRing,
    checks,
    resolver,
    now: time.now,
    onChange: (check) => changes.push(check),
    onProblem: (problem) => problems.push(problem),
  })
  const isProven = async (domain: string, tenant = 'acme') => (await checker.proofOf(tenant, domain)).proven
  return { ...checker, zone, asked, changes, problems, isProven, pass: time.pass, time }
}
const record = (tenant: string, domain: string) => domainRecord(keyRing, tenant, domain)

describe('the domain checker', () => {
  it('queries each domain once and finds the record among others', async () => {
    const { zone, checkAll, asked, isProven, changes } = world(await newChecks())
    zone.set('acme.test', ['v=spf1 -all', record('acme', 'acme.test')])
    expect(await isProven('acme.test')).toBe(false)
    await checkAll()
    expect(asked.toSorted()).toEqual(['acme.example', 'acme.test', 'beta.test'])
    expect([await isProven('acme.test'), await isProven('acme.example')]).toEqual([true, false])
    expect(changes.map(({ domain, outcome }) => [domain, outcome])).toEqual([['acme.test', 'proven']])
  })

  it('ID-02 accepts a record for its own tenant only', async () => {
    const { zone, checkAll, isProven } = world(await newChecks())
    zone.set('acme.test', [record('beta', 'acme.test')])
    zone.set('beta.test', [record('beta', 'beta.test'), record('acme', 'beta.test')])
    await checkAll()
    expect(await isProven('acme.test')).toBe(false)
    expect(await isProven('beta.test', 'beta')).toBe(true)
    expect(await isProven('beta.test', 'acme')).toBe(false)
  })

  it('checks again when due, and notices added and removed records', async () => {
    const { zone, checkAll, asked, isProven, pass: advance, changes } = world(await newChecks())
    await checkAll()
    await checkAll()
    expect(asked).toHaveLength(3)
    zone.set('acme.test', [record('acme', 'acme.test')])
    advance(700)
    await checkAll()
    expect([asked.length, await isProven('acme.test')]).toEqual([6, true])
    zone.delete('acme.test')
    advance(4000)
    await checkAll()
    expect(await isProven('acme.test')).toBe(false)
    expect(changes.map(({ outcome }) => outcome)).toEqual(['proven', 'missing'])
  })

  it('FT-15 keeps the last result for 72 hours while DNS fails, across restarts', async () => {
    const checks = await newChecks()
    const before = world(checks)
    before.zone.set('acme.test', [record('acme', 'acme.test')])
    await before.checkAll()
    before.pass(3600)
    before.zone.set('acme.test', 'failing')
    await before.checkAll()

    const restarted = world(checks, before.time)
    restarted.zone.set('acme.test', 'failing')
    expect(await restarted.isProven('acme.test')).toBe(true)
    restarted.pass(3600)
    await restarted.checkAll()
    expect(await restarted.isProven('acme.test')).toBe(true)
    restarted.pass(70 * 3600)
    expect(await restarted.isProven('acme.test')).toBe(false)
  })

  it('does not repeat a query that another process just made', async () => {
    const checks = await newChecks()
    const one = world(checks)
    one.zone.set('acme.test', [record('acme', 'acme.test')])
    await one.checkAll()
    const other = world(checks, one.time)
    await other.checkAll()
    expect([other.asked, await other.isProven('acme.test')]).toEqual([[], true])
  })

  it('FT-15 a domain whose DNS does not respond delays no other', async () => {
    const { zone, start, stop, isProven } = world(await newChecks())
    zone.set('acme.test', 'silent')
    zone.set('beta.test', [record('beta', 'beta.test')])
    start()
    await vi.waitFor(async () => expect(await isProven('beta.test', 'beta')).toBe(true), waitOptions)
    expect(await isProven('acme.test')).toBe(false)
    stop()
  })

  it('FT-09 reports a failure of the store and reads it again at the next request', async () => {
    const checks = await newChecks()
    const down = vi.fn<DomainChecks['all']>().mockRejectedValueOnce(new Error('down')).mockImplementation(checks.all)
    const { isProven } = world({ ...checks, all: down })
    await expect(isProven('acme.test')).rejects.toThrow('down')
    expect(await isProven('acme.test')).toBe(false)
  })
})

describe('the system resolver', () => {
  it.each(['acme.test', 'okta.example', 'a.invalid', 'localhost'])(
    'is not queried for %s, a reserved name',
    async (name) => {
      expect(await txtRecords(systemResolver(), name)).toEqual([])
    },
  )
})
