/** Recoveries and undo links, on any durable store. */
import { describe, expect, it } from 'vitest'
import type { Recovery, UndoLink } from '../../../src/broker/ports/recoveries.ts'
import { samplePasskey, sampleTenant, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

const sampleId = () => crypto.randomUUID()
const start = Date.now()
const at = (seconds: number) => new Date((Math.floor(start / 1000) + seconds) * 1000)

const sampleRecovery = (changes: Partial<Recovery> = {}): Recovery => ({
  tenant: sampleTenant(),
  userId: 'ada',
  id: sampleId(),
  completeHash: sampleId(),
  cancelHash: sampleId(),
  createdAt: at(0),
  effectiveAt: at(60),
  expiresAt: at(120),
  ...changes,
})

const sampleLink = (changes: Partial<UndoLink> = {}): UndoLink => ({
  tenant: sampleTenant(),
  userId: 'ada',
  hash: sampleId(),
  change: { kind: 'authenticator removed', id: 'one', name: 'Phone' },
  createdAt: at(0),
  expiresAt: at(60),
  ...changes,
})

export function recoveriesContract(stores: () => BothDurables): void {
  describe('recoveries', () => {
    it('are found by user and by both hashes, in any process', async () => {
      const [one, other] = stores()
      const recovery = sampleRecovery()
      expect(await other.recoveries.pendingOf(recovery)).toBeNull()
      expect(await one.recoveries.start(recovery)).toBe(true)
      expect(await other.recoveries.pendingOf(recovery)).toEqual(recovery)
      expect(await other.recoveries.findByHash(recovery.completeHash)).toEqual(recovery)
      expect(await other.recoveries.findByHash(recovery.cancelHash)).toEqual(recovery)
      expect(await other.recoveries.findByHash(sampleId())).toBeNull()
      expect(await one.recoveries.pendingOf({ ...recovery, userId: 'bob' })).toBeNull()
    })

    it('of one user wait one at a time: one of 50 concurrent starts succeeds', async () => {
      const { tenant } = sampleRecovery()
      const started = await simultaneously(stores(), 50, (store) => store.recoveries.start(sampleRecovery({ tenant })))
      expect(started.filter(Boolean)).toHaveLength(1)
      expect(await stores()[1].recoveries.start(sampleRecovery({ tenant, userId: 'bob' }))).toBe(true)
    })

    it('RE-02 end once, whatever the outcome, for one of 50 concurrent callers', async () => {
      const [one, other] = stores()
      const recovery = sampleRecovery()
      await one.recoveries.start(recovery)
      const ended = await simultaneously(stores(), 50, (store, turn) =>
        turn % 4 < 2
          ? store.recoveries.complete(recovery, at(70)).then((ids) => ids !== null)
          : store.recoveries.close(recovery, 'canceled', at(70)),
      )
      expect(ended.filter(Boolean)).toHaveLength(1)
      expect(await other.recoveries.pendingOf(recovery)).toBeNull()
      const over = await other.recoveries.findByHash(recovery.completeHash)
      expect(over?.endedAt).toEqual(at(70))
      expect(['completed', 'canceled']).toContain(over?.outcome)
      // another may start now
      expect(await other.recoveries.start(sampleRecovery({ tenant: recovery.tenant }))).toBe(true)
    })

    it('RE-03 when completed, remove all factors of their user alone', async () => {
      const [one, other] = stores()
      const recovery = sampleRecovery()
      const [user, bob] = [recovery, { ...recovery, userId: 'bob' }].map(({ tenant, userId }) => ({ tenant, userId }))
      if (user === undefined || bob === undefined) throw new Error('two users')
      for (const owner of [user, bob]) {
        await one.authenticators.add(samplePasskey(owner))
        await one.recoveryCodes.replace(owner, [sampleId()], at(0))
        const device = { ...owner, id: sampleId(), hash: sampleId(), device: 'Firefox on Linux' }
        await one.rememberedDevices.put({ ...device, createdAt: at(0), lastUsedAt: at(0), expiresAt: at(600) })
      }
      const ids = (await one.authenticators.of(user)).map(({ id }) => id)
      await one.recoveries.start(recovery)
      expect(await other.recoveries.complete(recovery, at(70))).toEqual(ids)
      expect(await other.recoveries.complete(recovery, at(70))).toBeNull()
      const left = async (owner: typeof user) => [
        (await one.authenticators.of(owner)).length,
        (await one.recoveryCodes.stateOf(owner))?.remaining ?? 0,
        (await one.rememberedDevices.of(owner, at(1))).length,
      ]
      expect([await left(user), await left(bob)]).toEqual([
        [0, 0, 0],
        [1, 1, 1],
      ])
      expect(await one.authenticators.restore(user, ids[0] ?? '', at(60))).toBe(true)
    })

    it('are forgotten, oldest first', async () => {
      const [one, other] = stores()
      const old = sampleRecovery({ createdAt: at(-1e9) })
      await one.recoveries.start(old)
      expect(await other.recoveries.forgetBefore(at(-1e9 + 1), 10)).toBe(1)
      expect(await one.recoveries.findByHash(old.cancelHash)).toBeNull()
    })
  })

  describe('undo links', () => {
    it.each<UndoLink['change']>([
      { kind: 'authenticator added', id: 'one', name: 'Phone "1"' },
      { kind: 'authenticator removed', id: 'one', name: 'Phone' },
      { kind: 'recovery codes replaced' },
      { kind: 'recovery completed', ids: ['one', 'two'] },
    ])('keep what they undo: %j', async (change) => {
      const [one, other] = stores()
      const link = sampleLink({ change })
      await one.undoLinks.put(link)
      expect(await other.undoLinks.find(link.hash)).toEqual(link)
      expect(await other.undoLinks.find(sampleId())).toBeNull()
    })

    it('RE-02 are used once, by one of 50 concurrent callers', async () => {
      const [one, other] = stores()
      const link = sampleLink()
      await one.undoLinks.put(link)
      const used = await simultaneously(stores(), 50, (store) => store.undoLinks.use(link.hash, at(10)))
      expect(used.filter(Boolean)).toHaveLength(1)
      expect((await other.undoLinks.find(link.hash))?.usedAt).toEqual(at(10))
    })

    it('are forgotten after their end', async () => {
      const [one, other] = stores()
      const link = sampleLink({ expiresAt: at(-1e9) })
      await one.undoLinks.put(link)
      expect(await other.undoLinks.forgetBefore(at(-1e9 + 1), 10)).toBe(1)
      expect(await one.undoLinks.find(link.hash)).toBeNull()
    })
  })
}
