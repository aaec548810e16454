/** The list of connections, of few tenants and of very many. */
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { okta } from '../../../providers/okta/okta.ts'
import { connectionsOf } from '../../../src/broker/connections.ts'
import { listConnections, prepareConnectionList } from '../../../src/broker/health/connection-list.ts'
import type { SignInStatistics } from '../../../src/broker/ports/sign-ins.ts'
import { testContext } from '../../contract/context.ts'
import { sampleFailure, sampleOutcome } from '../../support/broker/connection-samples.ts'
import { clock, connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'

function world(tenantCount: number) {
  const config = okta.config.parse({ issuer: 'https://acme.okta.test', clientId: 'gatehouse', clientSecret: 'canary' })
  const names = Array.from({ length: tenantCount }, (_, index) => (index === 0 ? 'acme' : `tenant-${index}`))
  const tenants = names.map((id) => ({ ...tenantOf([connectionSettings({ id: 'okta', config })]), id }))
  const connections = connectionsOf(new Map(tenants.map((tenant) => [tenant.id, tenant])), [okta], () => testContext())
  const time = clock()
  let reads = 0
  let isBroken = false
  const failing = { ...sampleFailure('upstream_unreachable: discovery timeout', 5), lastAt: time.now() }
  const signInStatistics: SignInStatistics = {
    counts: async () => [],
    steps: async () => [],
    failures: async () => [],
    recentOutcomes: async (tenants) =>
      tenants.includes('acme') ? [{ tenant: 'acme', connection: 'okta', failures: [failing], signedIn: 0 }] : [],
    lastOutcomes: async () => {
      reads += 1
      if (isBroken) throw new Error('unexpected')
      return [sampleOutcome(undefined, { lastRefusal: failing })]
    },
  }
  const publicUrl = new URL('https://gatehouse.test')
  const nextTurn = () => setImmediate()
  const ports = { connections, nextTurn, connectionHealth: () => undefined, publicUrl, now: time.now, signInStatistics }
  const list = async (tenant?: string) => (await listConnections(ports, tenant)).connections
  const breakReads = (broken: boolean) => {
    isBroken = broken
  }
  return {
    list,
    prepare: () => prepareConnectionList(ports),
    pass: time.pass,
    reads: () => reads,
    breakReads,
    readAt: async () => (await listConnections(ports)).readAt,
    now: time.now,
  }
}

it('lists the worst first, and reads the sign-ins each time', async () => {
  const { list, reads } = world(3)
  expect((await list()).map(({ named, state }) => [named.tenant, state])).toEqual([
    ['acme', 'down'],
    ['tenant-1', 'never used'],
    ['tenant-2', 'never used'],
  ])
  await list()
  expect(reads()).toBe(2)
})

it('remembers for a day that the last sign-in failed, also while users are idle', async () => {
  const { list, pass } = world(1)
  const stateAfter = async (seconds: number) => {
    pass(seconds)
    return (await list())[0]
  }
  expect(await stateAfter(5 * 3600)).toMatchObject({
    state: 'degraded',
    findings: [{ title: 'Okta answers too slowly', evidence: 'a sign-in failed, and none has succeeded since' }],
  })
  expect(await stateAfter(18 * 3600)).toMatchObject({ state: 'degraded' })
  expect(await stateAfter(2 * 3600)).toMatchObject({ state: 'healthy', findings: [] })
})

it('keeps the list of very many tenants for ten seconds, and renews it behind a response', async () => {
  const { list, pass, reads } = world(201)
  const first = await list()
  expect([first.length, first[0]?.state, reads()]).toEqual([201, 'down', 1])
  expect(await list()).toBe(first)
  pass(11)
  expect(await list()).toBe(first)
  await expect.poll(async () => (await list()) === first).toBe(false)
  expect(reads()).toBe(2)
  expect(await list('acme')).toHaveLength(1)
})

it('waits for a new list of very many tenants once the kept one is 30 seconds old', async () => {
  const { list, pass, reads, readAt, now } = world(201)
  const first = await list()
  pass(30)
  const [second, shared] = await Promise.all([list(), list()])
  expect([second === first, second === shared, reads()]).toEqual([false, true, 2])
  expect(await readAt()).toEqual(now())
})

it('keeps the list of very many tenants for 30 seconds while reading fails, then says so', async () => {
  const { list, pass, breakReads } = world(201)
  const first = await list()
  breakReads(true)
  pass(29)
  expect(await list()).toBe(first)
  pass(1)
  await expect(list()).rejects.toThrow('unexpected')
  breakReads(false)
  expect(await list()).not.toBe(first)
})

it('prepares the list of very many tenants only', async () => {
  const many = world(201)
  await many.prepare()
  expect(await many.list()).toHaveLength(201)
  expect(many.reads()).toBe(1)
  const few = world(3)
  await few.prepare()
  expect(few.reads()).toBe(0)
})

it('lets other work run while it lists thousands of connections', async () => {
  const { list } = world(2001)
  let [isListed, turns] = [false, 0]
  const listing = list().then(() => {
    isListed = true
  })
  while (!isListed) {
    turns += 1
    await setImmediate()
  }
  await listing
  expect(turns).toBeGreaterThan(3)
})
