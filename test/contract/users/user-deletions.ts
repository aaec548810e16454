/** Requested deletions, and the deletion of every row about a user, on any durable store. */
import { expect, it } from 'vitest'
import { sampleTenant } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

const at = (seconds: number) => new Date(1_790_000_000_000 + seconds * 1000)

export function userDeletionsContract(both: () => BothDurables): void {
  it('stores one deletion per user, lists it once it is due, and cancels it before only', async () => {
    const { userDeletions } = both()[0]
    const user = { tenant: sampleTenant(), userId: 'ada' }
    expect(await userDeletions.find(user)).toBeNull()
    await userDeletions.put({ ...user, requestedAt: at(0), dueAt: at(100) })
    await userDeletions.put({ ...user, requestedAt: at(1), dueAt: at(50) })
    expect(await userDeletions.find(user)).toEqual({ ...user, requestedAt: at(1), dueAt: at(50) })
    const dueAt = async (now: Date) =>
      (await userDeletions.due(now, 1000)).filter(({ tenant }) => tenant === user.tenant)
    expect(await dueAt(at(49))).toEqual([])
    expect(await dueAt(at(50))).toHaveLength(1)
    expect(await userDeletions.cancel(user, at(50))).toBe(false)
    expect(await userDeletions.cancel({ ...user, userId: 'bob' }, at(0))).toBe(false)
    const tries = Array.from({ length: 50 }, () => userDeletions.cancel(user, at(49)))
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
    expect(await userDeletions.find(user)).toBeNull()
  })

  it('cancels a requested deletion, also a due one, unless it has begun', async () => {
    const { userDeletions } = both()[0]
    const user = { tenant: sampleTenant(), userId: 'ada' }
    await userDeletions.put({ ...user, requestedAt: at(0), dueAt: at(1) })
    const tries = Array.from({ length: 50 }, () => userDeletions.cancelUnlessBegun(user))
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1)
    await userDeletions.put({ ...user, requestedAt: at(2), dueAt: at(2) })
    expect(await userDeletions.cancelUnlessBegun(user)).toBe(false)
    expect(await userDeletions.cancel(user, at(0))).toBe(true)
  })

  it('lists due deletions in pages, each once, also those of the same time', async () => {
    const { userDeletions } = both()[0]
    const tenant = sampleTenant()
    const times = [3, 1, 2, 2, 2, 1, 4]
    for (const [index, seconds] of times.entries())
      await userDeletions.put({ tenant, userId: `user${index}`, requestedAt: at(0), dueAt: at(seconds) })
    const found: string[] = []
    let last: Awaited<ReturnType<typeof userDeletions.due>>[number] | undefined
    do {
      const page = await userDeletions.due(at(3), 2, last)
      found.push(...page.filter((each) => each.tenant === tenant).map(({ userId }) => userId))
      last = page.at(-1)
    } while (last !== undefined)
    expect(found).toEqual(['user1', 'user5', 'user2', 'user3', 'user4', 'user0'])
    for (const index of times.keys()) await userDeletions.cancel({ tenant, userId: `user${index}` }, at(0))
  })

  it('ID-09 erases the user with identities, password, consents and roles, and no other user', async () => {
    const { users, passwords, consents, roleAssignments, recoveryCodes, userDeletions } = both()[0]
    const tenant = sampleTenant()
    const make = async (id: string) => {
      const email = `${id}@mail.test`
      const hash = '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
      const subject = await passwords.put(tenant, { subject: `subject-${id}`, email, hash }, at(0))
      const profile = { email: { address: email, verified: true } }
      const identity = { issuer: 'password', subject, connection: 'password', profile, lastLoginAt: at(0) }
      const user = { id, tenant, status: 'active', profile, emailProven: true, createdAt: at(0) } as const
      expect(await users.create(user, identity)).toBe(true)
      await consents.give({ tenant, userId: id, appId: 'shop', scopes: ['openid'], grantedAt: at(0) })
      await roleAssignments.assign({ tenant, userId: id, role: 'developer', assignedBy: 'cli', assignedAt: at(0) })
      await recoveryCodes.replace({ tenant, userId: id }, ['a', 'b'], at(0))
      return { tenant, userId: id }
    }
    const [ada, bob] = [await make(`ada-${tenant}`), await make(`bob-${tenant}`)]
    await userDeletions.put({ ...ada, requestedAt: at(0), dueAt: at(0) })
    expect(await userDeletions.erase(ada)).toBe(true)
    expect(await userDeletions.erase(ada)).toBe(false)
    const left = async ({ userId }: typeof ada) => [
      await users.find(tenant, userId),
      ...(await users.identitiesOf(tenant, userId)),
      await passwords.find(tenant, `${userId}@mail.test`),
      ...(await consents.ofUser(tenant, userId)),
      ...(await roleAssignments.ofUser(tenant, userId)),
      (await recoveryCodes.stateOf({ tenant, userId })) ?? null,
    ]
    expect((await left(ada)).filter((each) => each !== null)).toEqual([])
    expect((await left(bob)).filter((each) => each !== null)).toHaveLength(6)
  })
}
