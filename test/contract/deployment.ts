/** What every volatile store must do for the state that all processes share. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { ProbedHealth } from '../../src/broker/ports/health.ts'
import { sampleHealth, sampleProcess } from '../support/store/deployment-samples.ts'
import { secondsFromNow, simultaneously } from '../support/store/samples.ts'
import { waitOptions } from '../support/wait-options.ts'
import type { BothVolatiles } from './open-store.ts'

export function deploymentContract(both: () => BothVolatiles): void {
  const [store, other] = [() => both()[0], () => both()[1]]

  describe('leases', () => {
    const leased = () => `work-${randomUUID()}`

    it('go to one of 50 concurrent callers', async () => {
      const name = leased()
      const held = await simultaneously(both(), 50, (each, turn) => each.leases.hold(name, `owner ${turn}`, 60))
      expect(held.filter(Boolean)).toHaveLength(1)
    })

    it('are extended and released by their owner alone', async () => {
      const name = leased()
      expect(await store().leases.hold(name, 'first', 60)).toBe(true)
      expect(await other().leases.hold(name, 'first', 60)).toBe(true)
      await other().leases.release(name, 'second')
      expect(await other().leases.hold(name, 'second', 60)).toBe(false)
      expect(await store().leases.hold(leased(), 'second', 60)).toBe(true)
      await store().leases.release(name, 'first')
      expect(await other().leases.hold(name, 'second', 60)).toBe(true)
      expect(await store().leases.hold(name, 'first', 60)).toBe(false)
    })

    it('go to another owner once they run out', async () => {
      const name = leased()
      expect(await store().leases.hold(name, 'first', 60)).toBe(true)
      expect(await other().leases.hold(name, 'second', 60)).toBe(false)
      expect(await store().leases.hold(name, 'first', 1)).toBe(true)
      await vi.waitFor(async () => expect(await other().leases.hold(name, 'second', 60)).toBe(true), waitOptions)
    })
  })

  describe('health results', () => {
    const of = (results: readonly ProbedHealth[], tenant: string) => results.filter((each) => each.tenant === tenant)

    it('shows every process the last result of each connection', async () => {
      const tenant = randomUUID()
      const [okta, saml] = [sampleHealth({ tenant, connection: 'okta' }), sampleHealth({ tenant, connection: 'saml' })]
      const foreign = sampleHealth({ tenant: `${tenant}-2`, connection: 'okta', status: 'down', checks: [] })
      await store().healthResults.put([okta, saml, foreign])
      const again = sampleHealth({ tenant, connection: 'okta', status: 'up', checks: [], probedBy: 'process 2' })
      await other().healthResults.put([again])
      await other().healthResults.put([])
      const results = await store().healthResults.all()
      const byConnection = of(results, tenant).toSorted((a, b) => a.connection.localeCompare(b.connection))
      expect(byConnection).toEqual([again, saml])
      expect(of(results, foreign.tenant)).toEqual([foreign])
    })

    it('stores the results of a thousand connections at once', async () => {
      const tenant = randomUUID()
      await store().healthResults.put(Array.from({ length: 1000 }, () => sampleHealth({ tenant })))
      expect(of(await other().healthResults.all(), tenant)).toHaveLength(1000)
    })

    it('leaves out the results of one process, until another replaces them', async () => {
      const [tenant, own] = [randomUUID(), randomUUID()]
      const mine = sampleHealth({ tenant, probedBy: own, checks: [{ name: 'keys', ok: true, detail: '"probedBy"' }] })
      const quoting = [{ name: 'keys', ok: true, detail: JSON.stringify({ probedBy: own }) }]
      const theirs = sampleHealth({ tenant, checks: quoting })
      await store().healthResults.put([mine, theirs])
      const read = async () => of((await store().healthResults.since(undefined, own)).results, tenant)
      expect(await read()).toEqual([theirs])
      const later = { ...mine, probedBy: randomUUID() }
      await other().healthResults.put([later])
      expect(await read()).toHaveLength(2)
    })

    it('returns what was put since an earlier read, and nothing older', async () => {
      const [tenant, pause] = [randomUUID(), () => new Promise((resolve) => setTimeout(resolve, 20))]
      const [first, second] = [sampleHealth({ tenant }), sampleHealth({ tenant })]
      await store().healthResults.put([first])
      await pause()
      const { cursor } = await store().healthResults.since()
      await pause()
      await other().healthResults.put([second])
      const changes = await store().healthResults.since(cursor)
      expect(of(changes.results, tenant)).toEqual([second])
      await pause()
      expect(
        of((await store().healthResults.since((await other().healthResults.since()).cursor)).results, tenant),
      ).toEqual([])
    })
  })

  describe('running processes', () => {
    const of = async (ids: readonly string[], instance = other()) =>
      (await instance.processes.all()).filter(({ id }) => ids.includes(id))

    it('are listed by age as they were last seen, until they are removed', async () => {
      const younger = sampleProcess({ clockDifferences: [{ against: 'PostgreSQL', aheadMs: -1500 }] })
      const older = sampleProcess({ startedAt: secondsFromNow(-3600) })
      const ids = [younger.id, older.id]
      await store().processes.put(younger, 60)
      await other().processes.put(older, 60)
      expect(await of(ids)).toEqual([older, younger])
      const seen = { ...older, seenAt: secondsFromNow(10) }
      await store().processes.put(seen, 60)
      expect(await of(ids)).toEqual([seen, younger])
      await store().processes.remove(older.id)
      await store().processes.remove('unknown')
      expect(await of(ids)).toEqual([younger])
    })

    it('are forgotten once they are not seen any longer', async () => {
      const [short, long] = [sampleProcess(), sampleProcess()]
      await store().processes.put(short, 1)
      await store().processes.put(long, 60)
      await vi.waitFor(async () => expect(await of([short.id, long.id])).toEqual([long]), waitOptions)
    })
  })
}
