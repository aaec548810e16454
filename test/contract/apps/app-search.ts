/** Contract of durable stores: apps as administrators search them. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sampleApp, sampleTenant } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function appSearchContract(both: () => BothDurables): void {
  describe('search of apps', () => {
    async function createAll(tenant: string, names: readonly string[], userId: string = randomUUID()) {
      const apps = names.map((name, at) =>
        sampleApp({ name, owner: { tenant, userId }, createdAt: new Date(1000 * at), secrets: [], keys: [] }),
      )
      for (const app of apps) expect(await both()[0].apps.create(app)).toBe(true)
      return apps
    }
    const search = async (filter: Parameters<BothDurables[0]['apps']['search']>[0]) =>
      (await both()[1].apps.search(filter)).map(({ name }) => name)

    it('finds apps of a tenant by a part of their name, in any case, the newest first', async () => {
      const tenant = sampleTenant()
      await createAll(tenant, ['Shop', 'Old shop', 'Łódź', '100%_\\'])
      await createAll(sampleTenant(), ['Shop of others'])
      expect(await search({ tenant, limit: 10 })).toEqual(['100%_\\', 'Łódź', 'Old shop', 'Shop'])
      expect(await search({ tenant, name: 'SHOP', limit: 10 })).toEqual(['Old shop', 'Shop'])
      expect(await search({ tenant, name: 'łÓ', limit: 10 })).toEqual(['Łódź'])
      expect(await search({ tenant, name: '0%_\\', limit: 10 })).toEqual(['100%_\\'])
      expect(await search({ tenant, name: '%', limit: 10 })).toEqual(['100%_\\'])
    })

    it('finds apps by their owners, in all tenants, page by page', async () => {
      const [one, other] = [randomUUID(), randomUUID()]
      const apps = await createAll(sampleTenant(), ['A', 'B', 'C'], one)
      await createAll(sampleTenant(), ['D'], other)
      expect(await search({ owners: [one, other], limit: 10 })).toHaveLength(4)
      expect(await search({ owners: [], limit: 10 })).toEqual([])
      expect(await search({ owners: [one], limit: 2 })).toEqual(['C', 'B'])
      expect(await search({ owners: [one], after: apps[1]!.id, limit: 2 })).toEqual(['A'])
      expect(await search({ owners: [one], after: 'unknown', limit: 2 })).toEqual([])
    })

    it('finds an app by its new name', async () => {
      const tenant = sampleTenant()
      const [app] = await createAll(tenant, ['Before'])
      expect(await both()[0].apps.update({ ...app!, name: 'After' })).toBe(true)
      expect(await search({ tenant, name: 'before', limit: 10 })).toEqual([])
      expect(await search({ tenant, name: 'after', limit: 10 })).toEqual(['After'])
    })

    it('counts the consents of an app, up to a maximum', async () => {
      const { consents } = both()[0]
      const appId = randomUUID()
      for (const userId of ['a', 'b', 'c'])
        await consents.give({ tenant: 'demo', userId, appId, scopes: ['openid'], grantedAt: new Date() })
      expect(await consents.count(appId, 10)).toBe(3)
      expect(await consents.count(appId, 2)).toBe(2)
      expect(await consents.count(randomUUID(), 2)).toBe(0)
    })
  })
}
