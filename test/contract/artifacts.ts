/** What every volatile store must do for what the OpenID provider keeps. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { sampleKey, simultaneously } from '../support/store/samples.ts'
import type { BothVolatiles, OpenVolatile } from './open-store.ts'

const now = () => new Date()
const content = { accountId: 'zoë', scope: 'openid', nested: { list: [1, 'two', null, true] } }

export function artifactsContract(both: () => BothVolatiles, open: OpenVolatile): void {
  const artifacts = () => both()[0].artifacts

  describe('artifacts of the OpenID provider', () => {
    it('returns null or false for unknown IDs', async () => {
      expect(await artifacts().find('AccessToken', 'unknown')).toBeNull()
      expect(await artifacts().consume('AccessToken', 'unknown', now())).toBe(false)
      await artifacts().remove('AccessToken', 'unknown')
      await artifacts().revokeGrant('unknown')
      expect(await artifacts().find('AccessToken', 'unknown')).toBeNull()
    })

    it('returns a stored artifact, with and without a grant, until it is removed', async () => {
      const id = randomUUID()
      for (const grant of [undefined, randomUUID()]) {
        await artifacts().put({ model: 'AccessToken', id, content, seconds: 60, grant })
        expect(await both()[1].artifacts.find('AccessToken', id)).toStrictEqual({ content, consumedAt: undefined })
        await artifacts().remove('AccessToken', id)
        expect(await artifacts().find('AccessToken', id)).toBeNull()
      }
    })

    it('keeps models apart', async () => {
      const id = randomUUID()
      await artifacts().put({ model: 'AccessToken', id, content, seconds: 60 })
      expect(await artifacts().find('RefreshToken', id)).toBeNull()
      expect(await artifacts().consume('RefreshToken', id, now())).toBe(false)
      await artifacts().remove('RefreshToken', id)
      expect(await artifacts().find('AccessToken', id)).not.toBeNull()
    })

    it('replaces a stored artifact, consumed or not', async () => {
      const id = randomUUID()
      await artifacts().put({ model: 'DeviceCode', id, content, seconds: 60 })
      await artifacts().consume('DeviceCode', id, now())
      await artifacts().put({ model: 'DeviceCode', id, content: { other: 1 }, seconds: 60 })
      expect(await artifacts().find('DeviceCode', id)).toEqual({ content: { other: 1 }, consumedAt: undefined })
    })

    it('consumes an artifact for one of 50 concurrent callers', async () => {
      const [id, start] = [randomUUID(), Date.now()]
      await artifacts().put({ model: 'AuthorizationCode', id, content, seconds: 60 })
      const consumed = await simultaneously(both(), 50, (each, turn) =>
        each.artifacts.consume('AuthorizationCode', id, new Date(start + turn)),
      )
      expect(consumed.filter(Boolean)).toHaveLength(1)
      const consumedAt = new Date(start + consumed.indexOf(true))
      expect(await artifacts().find('AuthorizationCode', id)).toEqual({ content, consumedAt })
      expect(await artifacts().consume('AuthorizationCode', id, now())).toBe(false)
    })

    it('stores a new artifact for one of 50 concurrent callers', async () => {
      const id = randomUUID()
      for (const [model, grant] of [['ReplayDetection'], ['RefreshToken', randomUUID()]] as const) {
        const put = await simultaneously(both(), 50, (each, turn) =>
          each.artifacts.putNew({ model, id, content: { turn }, seconds: 60, grant }),
        )
        expect(put.filter(Boolean)).toHaveLength(1)
        expect((await artifacts().find(model, id))?.content).toEqual({ turn: put.indexOf(true) })
      }
    })

    it('removes the artifacts of a revoked grant, and no others', async () => {
      const [grant, other] = [randomUUID(), randomUUID()]
      const ids = { token: randomUUID(), refresh: randomUUID(), foreign: randomUUID(), bare: randomUUID() }
      await artifacts().put({ model: 'AccessToken', id: ids.token, content, seconds: 60, grant })
      expect(await artifacts().putNew({ model: 'RefreshToken', id: ids.refresh, content, seconds: 3600, grant })).toBe(
        true,
      )
      await artifacts().put({ model: 'AccessToken', id: ids.foreign, content, seconds: 60, grant: other })
      await artifacts().put({ model: 'AccessToken', id: ids.bare, content, seconds: 60 })
      await both()[1].artifacts.revokeGrant(grant)
      expect(await artifacts().find('AccessToken', ids.token)).toBeNull()
      expect(await artifacts().find('RefreshToken', ids.refresh)).toBeNull()
      expect(await artifacts().consume('RefreshToken', ids.refresh, now())).toBe(false)
      for (const id of [ids.foreign, ids.bare]) expect(await artifacts().find('AccessToken', id)).not.toBeNull()
    })

    it('stores nothing with a revoked grant', async () => {
      const [grant, id] = [randomUUID(), randomUUID()]
      await artifacts().revokeGrant(grant)
      await artifacts().put({ model: 'AccessToken', id, content, seconds: 60, grant })
      expect(await artifacts().putNew({ model: 'RefreshToken', id, content, seconds: 60, grant })).toBe(true)
      for (const model of ['AccessToken', 'RefreshToken']) expect(await artifacts().find(model, id)).toBeNull()
    })

    it('stores nothing with a grant that is revoked concurrently', async () => {
      for (let round = 0; round < 5; round += 1) {
        const grant = randomUUID()
        const ids = Array.from({ length: 50 }, () => randomUUID())
        await Promise.all([
          simultaneously(both(), 25, (each, turn) =>
            each.artifacts.put({ model: 'AccessToken', id: ids[turn]!, content, seconds: 60, grant }),
          ),
          simultaneously(both(), 3, (each) => each.artifacts.revokeGrant(grant)),
          simultaneously(both(), 25, (each, turn) =>
            each.artifacts.putNew({ model: 'AccessToken', id: ids[25 + turn]!, content, seconds: 60, grant }),
          ),
        ])
        for (const id of ids) expect(await artifacts().find('AccessToken', id)).toBeNull()
      }
    })

    it('SE-06 opens artifacts under an older key of the ring, and not without it', async () => {
      const [older, newer] = [sampleKey(), sampleKey()]
      const before = await open({ keyRing: new KeyRing([older]), now })
      const during = await open({ keyRing: new KeyRing([newer, older]), now })
      const after = await open({ keyRing: new KeyRing([newer]), now })
      const id = randomUUID()
      await before.artifacts.put({ model: 'RefreshToken', id, content, seconds: 60 })
      expect((await during.artifacts.find('RefreshToken', id))?.content).toEqual(content)
      expect(await after.artifacts.find('RefreshToken', id)).toBeNull()
      await Promise.all([before, during, after].map((each) => each.close()))
    })
  })
}
