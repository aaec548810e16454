/**
 * Two processes that may probe and a third that only shows the results, on one PostgreSQL and on a
 * Redis that is stopped in the end.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { acmeYaml } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { sharedPostgres, startRedis, type TestServer } from '../../support/servers/servers.ts'
import { startTwoProcesses, type TwoProcesses } from '../../support/servers/two-processes.ts'

let redis: TestServer
let two: TwoProcesses
let third: TestGatehouse
beforeAll(async () => {
  redis = await startRedis()
  const person = { tenant: 'acme', email: 'pat@mail.test', password: 'correct horse battery staple' }
  two = await startTwoProcesses('', person, { redis: redis.url, probe: true })
  const storage = { redis: redis.url, postgres: await sharedPostgres() }
  third = await startTestGatehouse({ okta: two.okta, storage, tenants: { 'acme.yaml': acmeYaml(two.okta) } })
})
afterAll(async () => {
  await third?.stop()
  await two?.stop()
  await redis?.stop()
})

const wait = { timeout: 90_000, interval: 100 }
const shown = () => third.core.parts.connectionHealth('acme', 'okta')
const running = () => third.core.parts.processes.all()
const discoveries = () => two.okta.requests.filter((line) => line.includes('openid-configuration')).length
const childWith = (pid: number | undefined) => two.servers.find(({ child }) => child.pid === pid)

describe('the health of connections in several processes', () => {
  it('is probed by one process, and shown by another', async () => {
    await vi.waitFor(() => expect(shown()?.status).toBe('up'), wait)
    const processes = await running()
    expect(processes.map(({ pid }) => pid).toSorted()).toEqual(
      [...two.servers.map(({ child }) => child.pid), process.pid].toSorted(),
    )
    // ports differ
    expect(new Set(processes.map(({ configuration }) => configuration)).size).toBe(3)
    for (const { clockDifferences = [] } of processes) {
      expect(clockDifferences.map(({ against }) => against)).toEqual(['Redis', 'PostgreSQL'])
      for (const { aheadMs } of clockDifferences) expect(Math.abs(aheadMs)).toBeLessThan(1000)
    }
    // the probe at its offset in the interval may follow the first one at once
    expect(discoveries()).toBeLessThanOrEqual(2)
    expect(processes.find(({ id }) => id === shown()?.probedBy)?.pid).not.toBe(process.pid)
  })

  it('is probed by another process once the first is killed', async () => {
    const prober = (await running()).find(({ id }) => id === shown()?.probedBy)
    await childWith(prober?.pid)?.end('SIGKILL')
    const killedAt = performance.now()
    two.okta.fault('down')
    await vi.waitFor(() => expect(shown()).toMatchObject({ status: 'down' }), wait)
    // 20 seconds until it has the lease, then an interval, and a read
    expect(performance.now() - killedAt).toBeLessThan(80_000)
    const next = (await running()).find(({ id }) => id === shown()?.probedBy)
    expect(childWith(next?.pid)?.child.exitCode).toBeNull()
    expect(next?.id).not.toBe(prober?.id)
  }, 100_000)

  it('is left to others by a process that stops, which no process lists any more', async () => {
    await Promise.all(two.servers.map((server) => server.end('SIGTERM')))
    const { leases } = third.core.parts
    expect(await leases.hold('health', 'test', 1)).toBe(true)
    const killed = two.servers.find(({ child }) => child.signalCode === 'SIGKILL')?.child.pid
    const pids = (await running()).map(({ pid }) => pid)
    expect(pids.filter((pid) => pid !== killed)).toEqual([process.pid])
  })

  it('FT-15 is still shown from memory while Redis is down', async () => {
    await redis.stop()
    await vi.waitFor(async () => {
      const { status } = await fetch(`http://127.0.0.1:${third.port}/readyz`)
      expect(status).toBe(503)
    }, wait)
    expect(shown()).toMatchObject({ status: 'down', isStale: false })
  })
})
