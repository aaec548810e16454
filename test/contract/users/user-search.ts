/** Contract of durable stores: users as administrators search them. */
import { describe, expect, it } from 'vitest'
import type { User, UserSearch } from '../../../src/broker/ports/users.ts'
import { sampleIdentity, sampleTenant, sampleUser } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function userSearchContract(both: () => BothDurables): void {
  const users = () => both()[0].users

  /** Created one second after another. */
  async function createAll(tenant: string, all: readonly Partial<User>[]): Promise<readonly User[]> {
    const created = all.map((changes, index) => sampleUser({ tenant, createdAt: new Date(index * 1000), ...changes }))
    for (const user of created)
      await (user.kind === 'service' ? users().createService(user) : users().create(user, sampleIdentity()))
    return created
  }
  const emails = (found: readonly User[]) => found.map(({ profile }) => profile.email?.address)
  const named = (name: string, address: string) => ({ profile: { name, email: { address, verified: true } } })

  describe('search of users', () => {
    it('finds users by the beginning of their email, in any case, sorted by email', async () => {
      const tenant = sampleTenant()
      const addresses = ['ada@one.test', 'adam@one.test', 'Ada.Byron@one.test', 'bob@one.test', 'zoë@one.test']
      await createAll(
        tenant,
        addresses.map((address) => named('Any', address)),
      )
      const search = (email: string) => users().search({ tenant, email, limit: 10 })
      expect(emails(await search('ADA'))).toEqual(['Ada.Byron@one.test', 'ada@one.test', 'adam@one.test'])
      expect(emails(await search('ada@one.test'))).toEqual(['ada@one.test'])
      expect(emails(await search('ZOË'))).toEqual(['zoë@one.test'])
      expect(await search('one.test')).toEqual([])
      expect(await search('a%')).toEqual([])
    })

    it('finds users by the beginning of their name', async () => {
      const tenant = sampleTenant()
      await createAll(tenant, [
        named('Łukasz Byron', 'a@one.test'),
        named('łucja', 'b@one.test'),
        { profile: { givenName: 'Łu' }, emailProven: false },
        named('Ada', 'c@one.test'),
      ])
      const found = await users().search({ tenant, name: 'łU', limit: 10 })
      expect(found.map(({ profile }) => profile.name ?? profile.givenName)).toEqual(['Łu', 'łucja', 'Łukasz Byron'])
    })

    it('lists the newest first without a text, and each user as it was stored', async () => {
      const tenant = sampleTenant()
      const created = await createAll(tenant, [{}, { emailProven: false }, { kind: 'service', emailProven: false }])
      expect(await users().search({ tenant, limit: 10 })).toEqual(created.toReversed())
    })

    it('finds users by status and kind, also together with a text', async () => {
      const tenant = sampleTenant()
      const [, blocked, service] = await createAll(tenant, [
        named('Ada', 'ada@one.test'),
        named('Adam', 'adam@one.test'),
        { kind: 'service', emailProven: false, profile: { name: 'Ada deploys' } },
      ])
      await users().setStatus(tenant, blocked!.id, 'blocked')
      const ids = async (search: Partial<UserSearch>) =>
        (await users().search({ tenant, limit: 10, ...search })).map(({ id }) => id)
      expect(await ids({ status: 'blocked' })).toEqual([blocked!.id])
      expect(await ids({ status: 'blocked', name: 'ad' })).toEqual([blocked!.id])
      expect(await ids({ status: 'blocked', name: 'bob' })).toEqual([])
      expect(await ids({ status: 'revoked' })).toEqual([])
      expect(await ids({ kind: 'service' })).toEqual([service!.id])
      expect(await ids({ kind: 'service', status: 'blocked' })).toEqual([])
      expect(await ids({ kind: 'person', name: 'ada', status: 'active' })).toHaveLength(1)
    })

    it('finds the users of all tenants, and keeps tenants apart', async () => {
      const [one, other] = [sampleTenant(), sampleTenant()]
      const address = `${sampleTenant()}@any.test`
      const [user] = await createAll(one, [named('Ada', address)])
      const [foreign] = await createAll(other, [named('Ada', address)])
      const all = await users().search({ email: address, limit: 10 })
      expect(all.map(({ id }) => id).toSorted()).toEqual([user!.id, foreign!.id].toSorted())
      expect(await users().search({ tenant: one, email: address, limit: 10 })).toEqual([user])
      // its place in the list would tell what another tenant's user is called
      expect(await users().search({ tenant: one, email: '', after: foreign!.id, limit: 10 })).toEqual([])
    })

    it.each([
      ['by email', { email: 'page' }],
      ['by name', { name: 'page' }],
      ['by time', {}],
      ['by time, of blocked users', { status: 'blocked' }],
    ] as const)('continues after the last user of a page, %s', async (_, search) => {
      const tenant = sampleTenant()
      const people = Array.from({ length: 7 }, (_, index) => ({
        ...named(`Page ${index % 3}`, `page${index}@one.test`),
        createdAt: new Date(1000 * (index % 2)),
      }))
      for (const { id } of await createAll(tenant, people))
        if ('status' in search) await users().setStatus(tenant, id, 'blocked')
      const pages: User[][] = []
      for (let after: string | undefined; pages.length < 5; after = pages.at(-1)?.at(-1)?.id) {
        const page = await users().search({ tenant, ...search, after, limit: 3 })
        if (page.length === 0) break
        pages.push([...page])
      }
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1])
      expect(pages.flat()).toEqual(await users().search({ tenant, ...search, limit: 10 }))
    })

    it('finds a user by their new email and name after they change', async () => {
      const tenant = sampleTenant()
      const identity = sampleIdentity()
      const user = sampleUser({ tenant, ...named('Ada', 'ada@one.test') })
      await users().create(user, identity)
      await users().update({ ...user, ...named('Grace', 'grace@one.test') }, identity)
      expect(await users().search({ tenant, email: 'ada', limit: 10 })).toEqual([])
      expect(await users().search({ tenant, name: 'grace', limit: 10 })).toHaveLength(1)
      expect(emails(await users().search({ tenant, email: 'grace@one.test', limit: 10 }))).toEqual(['grace@one.test'])
    })

    it('counts the users of a tenant, up to a maximum', async () => {
      const tenant = sampleTenant()
      await createAll(tenant, [{}, {}, { kind: 'service', emailProven: false }])
      expect(await both()[1].users.count(tenant, 10)).toBe(3)
      expect(await users().count(tenant, 2)).toBe(2)
      expect(await users().count(sampleTenant(), 10)).toBe(0)
    })
  })
}
