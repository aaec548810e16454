/** The health checker with connections whose health the test sets. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { connectionsOf } from '../../src/broker/connections.ts'
import { failedChecks, healthChanged } from '../../src/broker/health.ts'
import { createHealthChecker, type HealthCheckerOptions } from '../../src/jobs/health-checks.ts'
import { defineProvider, type Health, type HealthCheck } from '../../src/provider/provider.ts'
import { testContext } from '../contract/context.ts'
import { clock, connectionSettings, tenantOf } from '../support/gatehouse/broker.ts'

const up: Health = { status: 'up', checks: [{ name: 'keys', ok: true, detail: '2 published' }] }
const ill = (status: 'degraded' | 'down', name = 'keys'): Health => ({
  status,
  checks: [{ name, ok: false, detail: 'gone' }],
})
const hanging = () => new Promise<Health>(() => undefined)

function world(ids: readonly string[], timeoutMs = 50) {
  const time = clock()
  const health = new Map<string, () => Promise<Health>>()
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
  const tenants = [tenantOf(ids.map((id) => connectionSettings({ id })))]
  const connections = connectionsOf(
    new Map(tenants.map((tenant) => [tenant.id, tenant])),
    [provider],
    (tenant, { id }) => testContext({ tenant: tenant.id, connection: id }),
  )
  const onChange: HealthCheckerOptions['onChange'] = ({ tenant, connection }, { status }) =>
    changes.push(`${tenant}/${connection} ${status}`)
  const checker = createHealthChecker({ tenants, connections, now: time.now, onChange, timeoutMs })
  const says = (id: string, stated: Health) => health.set(id, async () => stated)
  return { ...checker, health, says, asked, changes, pass: time.pass, now: time.now }
}

describe('the health checker', () => {
  it('probes no connection in the first two minutes, each within seven, and again minutes later', async () => {
    const { checkAll, asked, pass: advance, healthOf, now } = world(['okta', 'saml'])
    advance(119)
    await checkAll()
    expect([asked, healthOf('acme', 'okta')]).toEqual([[], undefined])
    advance(302)
    await checkAll()
    await checkAll()
    expect(asked.toSorted()).toEqual(['okta', 'saml'])
    expect(healthOf('acme', 'okta')).toEqual({ ...up, checkedAt: now() })
    advance(331)
    await checkAll()
    expect(asked).toHaveLength(4)
  })

  it('probes a thousand connections at one per second', async () => {
    const { checkAll, asked, pass: advance } = world(Array.from({ length: 1000 }, (_, index) => `okta${index}`))
    advance(120 + 100)
    await checkAll()
    expect(asked.length).toBeGreaterThan(50)
    expect(asked.length).toBeLessThan(200)
  })

  it('reports each change of health once, with its cause', async () => {
    const { checkAll, says, changes, pass: advance } = world(['okta', 'saml'])
    const lookLater = async () => {
      advance(430)
      await checkAll()
    }
    await lookLater()
    expect(changes).toEqual([])
    says('okta', ill('degraded'))
    await lookLater()
    await lookLater()
    expect(changes).toEqual(['acme/okta degraded'])
    says('okta', ill('degraded', 'certificates'))
    await lookLater()
    says('okta', up)
    await lookLater()
    expect(changes).toEqual(['acme/okta degraded', 'acme/okta degraded', 'acme/okta up'])
  })

  it('FT-15 upstreams that hang, fail or respond with nonsense affect no other', async () => {
    const ids = ['hangs', 'hangs2', 'hangs3', 'throws', 'lies', 'fine', 'fine2']
    const { checkAll, health, healthOf, pass: advance } = world(ids)
    for (const id of ids.slice(0, 3)) health.set(id, hanging)
    health.set('throws', async () => Promise.reject(new Error('broken plugin')))
    health.set('lies', async () => JSON.parse('{}'))
    advance(430)
    await checkAll()
    const statuses = ids.map((id) => healthOf('acme', id)?.status)
    expect(statuses).toEqual(['down', 'down', 'down', 'down', 'down', 'up', 'up'])
    const details = ['hangs', 'throws', 'lies'].map((id) => healthOf('acme', id)?.checks[0]?.detail)
    expect(details).toEqual([
      'it did not answer in time',
      'its provider failed: Error: broken plugin',
      'its provider tells nothing',
    ])
  })

  it('reports nothing after stop', async () => {
    const { checkAll, health, stop, changes, healthOf, pass: advance } = world(['okta'], 10_000)
    health.set('okta', hanging)
    advance(430)
    const looking = checkAll()
    stop()
    await looking
    expect([changes, healthOf('acme', 'okta')]).toEqual([[], undefined])
  })
})

describe('healthChanged', () => {
  const warned: HealthCheck = { name: 'encryption', ok: true, detail: 'AES-CBC', warning: true }
  it.each<[string, Health | undefined, Health, boolean]>([
    ['well at the first look', undefined, up, false],
    ['ill at the first look', undefined, ill('down'), true],
    ['as before', ill('down'), ill('down'), false],
    ['worse', ill('degraded'), ill('down'), true],
    ['ill in another way', ill('down'), ill('down', 'certificates'), true],
    ['well, with a warning', up, { ...up, checks: [...up.checks, warned] }, true],
    ['the same with other words', up, { ...up, checks: [{ name: 'keys', ok: true, detail: '3 published' }] }, false],
  ])('%s', (_, before, now, expected) => {
    expect(healthChanged(before, now)).toBe(expected)
  })

  it('failedChecks returns failures and warnings', () => {
    expect(failedChecks({ status: 'up', checks: [...up.checks, warned] })).toEqual([warned])
  })
})
