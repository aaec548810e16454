/** Two health checkers on one embedded store, with connections whose health the test sets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { connectionsOf } from '../../../src/broker/connections.ts'
import { changedAtOf, failedChecks, healthChanged } from '../../../src/broker/health.ts'
import { createHealthChecker, type HealthChecker } from '../../../src/jobs/health/health-checks.ts'
import { defineProvider, type Health, type HealthCheck } from '../../../src/provider/provider.ts'
import { openEmbedded } from '../../../src/store/sqlite/embedded.ts'
import { testContext } from '../../contract/context.ts'
import { codeOf, connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleHealth } from '../../support/store/deployment-samples.ts'
import { keyRing } from '../../support/store/samples.ts'

const up: Health = { status: 'up', checks: [{ name: 'keys', ok: true, detail: '2 published' }] }
const ill = (status: 'degraded' | 'down', name = 'keys'): Health => ({
  status,
  checks: [{ name, ok: false, detail: 'gone' }],
})
const hanging = () => new Promise<Health>(() => undefined)

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

interface WorldOptions {
  readonly intervalMs?: number
  readonly timeoutMs?: number
}

async function world(ids: readonly string[], { intervalMs = 400, timeoutMs = 50 }: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-health-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const health = new Map<string, () => Promise<Health>>()
  const tenants = [tenantOf(ids.map((id) => connectionSettings({ id })))]
  let aheadMs = 0
  const now = () => new Date(Date.now() + aheadMs)

  async function checker(id: string, probe = true) {
    const stores = await openEmbedded({ file: join(folder, 'gatehouse.db'), keyRing, now })
    const asked: string[] = []
    const changes: string[] = []
    const refuse = async () => expect.unreachable()
    const provider = defineProvider({
      kind: 'okta',
      brand: { name: 'Gate' },
      config: z.strictObject({}),
      open: (_, { connection }) => ({
        begin: refuse,
        complete: refuse,
        health: () => {
          asked.push(connection)
          return health.get(connection)?.() ?? Promise.resolve(up)
        },
      }),
    })
    const created = createHealthChecker({
      tenants,
      connections: connectionsOf(
        new Map(tenants.map((tenant) => [tenant.id, tenant])),
        [provider],
        (tenant, { id: connection }) => testContext({ tenant: tenant.id, connection }),
      ),
      results: stores.volatile.healthResults,
      leases: stores.volatile.leases,
      counters: stores.volatile.counters,
      id,
      now,
      onChange: ({ tenant, connection }, { status }) => changes.push(`${tenant}/${connection} ${status}`),
      probe,
      timeoutMs,
      intervalMs,
    })
    cleanups.push(async () => {
      await created.stop()
      await stores.durable.close()
      await stores.volatile.close()
    })
    return { ...created, asked, changes, stores }
  }

  const says = (id: string, stated: Health) => health.set(id, async () => stated)
  const forward = (seconds: number) => {
    aheadMs += seconds * 1000
  }
  return { checker, health, says, forward }
}

const wait = { timeout: 20_000, interval: 20 }
const statusesOf = ({ healthOf }: HealthChecker, ids: readonly string[]) =>
  ids.map((id) => healthOf('acme', id)?.status)

describe('the health checks', () => {
  it('one process probes, and every process shows the results', async () => {
    const { checker } = await world(['okta', 'saml'])
    const [first, second] = [await checker('first'), await checker('second')]
    first.start()
    await vi.waitFor(() => expect(statusesOf(first, ['okta', 'saml'])).toEqual(['up', 'up']), wait)
    second.start()
    await vi.waitFor(() => expect(statusesOf(second, ['okta', 'saml'])).toEqual(['up', 'up']), wait)
    expect(second.asked).toEqual([])
    expect(second.healthOf('acme', 'okta')).toMatchObject({ probedBy: 'first', isStale: false, checks: up.checks })
    expect(second.healthOf('acme', 'other')).toBeUndefined()
    const { length } = first.asked
    await vi.waitFor(() => expect(first.asked.length).toBeGreaterThan(length + 4), wait)
  })

  it('another process takes over when the one that probes stops', async () => {
    const { checker } = await world(['okta'])
    const [first, second] = [await checker('first'), await checker('second')]
    first.start()
    await vi.waitFor(() => expect(first.asked).not.toEqual([]), wait)
    second.start()
    await first.stop()
    await vi.waitFor(() => expect(second.asked).not.toEqual([]), wait)
    expect(second.healthOf('acme', 'okta')).toMatchObject({ probedBy: 'second' })
  })

  it('never probes in a process that is configured not to, and shows there what others find', async () => {
    const { checker } = await world(['okta'])
    const [quiet, other] = [await checker('quiet', false), await checker('other')]
    quiet.start()
    other.start()
    await vi.waitFor(() => expect(statusesOf(quiet, ['okta'])).toEqual(['up']), wait)
    expect(quiet.asked).toEqual([])
  })

  it('reports each change of health once, with its time', async () => {
    const { checker, says } = await world(['okta', 'saml'])
    const [first, second] = [await checker('first'), await checker('second')]
    first.start()
    second.start()
    await vi.waitFor(() => expect(statusesOf(first, ['okta', 'saml'])).toEqual(['up', 'up']), wait)
    expect([first.changes, second.changes]).toEqual([[], []])
    says('okta', ill('degraded'))
    await vi.waitFor(() => expect(first.changes).toEqual(['acme/okta degraded']), wait)
    const since = first.healthOf('acme', 'okta')?.changedAt
    const { length } = first.asked
    await vi.waitFor(() => expect(first.asked.length).toBeGreaterThan(length + 4), wait)
    expect(first.healthOf('acme', 'okta')?.changedAt).toEqual(since)
    says('okta', ill('degraded', 'certificates'))
    await vi.waitFor(() => expect(first.changes).toHaveLength(2), wait)
    says('okta', up)
    await vi.waitFor(() => expect(first.changes.slice(1)).toEqual(['acme/okta degraded', 'acme/okta up']), wait)
    expect(second.changes).toEqual([])
  })

  it('FT-15 upstreams that hang, fail or respond with nonsense affect no other', async () => {
    const ids = ['hangs', 'hangs2', 'hangs3', 'throws', 'lies', 'fine', 'fine2']
    const { checker, health } = await world(ids)
    for (const id of ids.slice(0, 3)) health.set(id, hanging)
    health.set('throws', async () => Promise.reject(new Error('broken plugin')))
    health.set('lies', async () => JSON.parse('{}'))
    const only = await checker('only')
    only.start()
    const expected = ['down', 'down', 'down', 'down', 'down', 'up', 'up']
    await vi.waitFor(() => expect(statusesOf(only, ids)).toEqual(expected), wait)
    const details = ['hangs', 'throws', 'lies'].map((id) => only.healthOf('acme', id)?.checks[0]?.detail)
    expect(details).toEqual([
      'it did not answer in time',
      'its provider failed: Error: broken plugin',
      'its provider returned no checks',
    ])
  })

  it('neither stores nor reports a probe that a stop interrupts', async () => {
    const { checker, health } = await world(['okta'], { timeoutMs: 10_000 })
    health.set('okta', hanging)
    const only = await checker('only')
    only.start()
    await vi.waitFor(() => expect(only.asked).toEqual(['okta']), wait)
    await only.stop()
    expect([only.changes, only.healthOf('acme', 'okta')]).toEqual([[], undefined])
    expect(await only.stores.volatile.healthResults.all()).toEqual([])
  })

  it('shows a result that is older than three intervals as stale', async () => {
    const { checker, forward } = await world(['okta'], { intervalMs: 50_000 })
    const quiet = await checker('quiet', false)
    await quiet.stores.volatile.healthResults.put([sampleHealth({ tenant: 'acme', connection: 'okta' })])
    quiet.start()
    await vi.waitFor(() => expect(quiet.healthOf('acme', 'okta')?.isStale).toBe(false), wait)
    forward(151)
    expect(quiet.healthOf('acme', 'okta')?.isStale).toBe(true)
  })
})

describe('a probe that a person asks for', () => {
  it('works in every process, once in ten seconds, and is shared at once', async () => {
    const { checker, says, forward } = await world(['okta'])
    const [quiet, other] = [await checker('quiet', false), await checker('other', false)]
    says('okta', ill('down'))
    const result = await quiet.probeNow('acme', 'okta')
    expect(result).toMatchObject({ status: 'down', probedBy: 'quiet', checks: ill('down').checks })
    expect(quiet.changes).toEqual(['acme/okta down'])
    expect(await other.stores.volatile.healthResults.all()).toEqual([result])
    expect(await codeOf(other.probeNow('acme', 'okta'))).toBe('too_many_attempts')
    forward(11)
    expect((await other.probeNow('acme', 'okta')).probedBy).toBe('other')
  })

  it('is refused for a connection that does not exist', async () => {
    const { checker } = await world(['okta'])
    expect(await codeOf((await checker('only')).probeNow('acme', 'other'))).toBe('connection_unknown')
  })
})

describe('changedAtOf', () => {
  const before = sampleHealth({ ...ill('down'), changedAt: new Date(1000) })
  it.each<[string, Parameters<typeof changedAtOf>[0], Health, number]>([
    ['the first result', undefined, up, 9000],
    ['the same failed checks', before, ill('down'), 1000],
    ['another status', before, ill('degraded'), 9000],
    ['other failed checks', before, ill('down', 'certificates'), 9000],
  ])('of %s', (_, former, health, expected) => {
    expect(changedAtOf(former, { ...health, checkedAt: new Date(9000) })).toEqual(new Date(expected))
  })
})

describe('healthChanged', () => {
  const warned: HealthCheck = { name: 'encryption', ok: true, detail: 'AES-CBC', warning: true }
  const because = (cause: string): Health => ({
    status: 'down',
    checks: [{ name: 'keys', ok: false, detail: 'gone', cause: `upstream_unreachable: ${cause}` }],
  })
  const took = (tookMs: number): Health => ({ status: 'up', checks: up.checks.map((each) => ({ ...each, tookMs })) })
  it.each<[string, Health | undefined, Health, boolean]>([
    ['well at the first look', undefined, up, false],
    ['ill at the first look', undefined, ill('down'), true],
    ['as before', ill('down'), ill('down'), false],
    ['worse', ill('degraded'), ill('down'), true],
    ['ill in another way', ill('down'), ill('down', 'certificates'), true],
    ['well, with a warning', up, { ...up, checks: [...up.checks, warned] }, true],
    ['ill by another cause', because('timeout'), because('connection refused'), true],
    ['ill by the same cause', because('timeout'), because('timeout'), false],
    ['slow', took(40), took(2500), true],
    ['as slow as before', took(3000), took(2500), false],
    ['the same with other words', up, { ...up, checks: [{ name: 'keys', ok: true, detail: '3 published' }] }, false],
  ])('%s', (_, before, now, expected) => {
    expect(healthChanged(before, now)).toBe(expected)
  })

  it('failedChecks returns failures and warnings', () => {
    expect(failedChecks({ status: 'up', checks: [...up.checks, warned] })).toEqual([warned])
  })
})
