/**
 * When users are re-checked, whom checks report as in use, and which API tokens need a
 * confirmation.
 */
import { describe, expect, it } from 'vitest'
import {
  confirmationEndsAt,
  isUnconfirmed,
  unconfirmedSince,
} from '../../../src/broker/session/recheck/confirmation.ts'
import { isInUse, nextRecheckAt, retryAt } from '../../../src/broker/session/recheck/schedule.ts'
import { openUserActivity } from '../../../src/broker/session/recheck/user-activity.ts'
import { connectionLimit } from '../../../src/jobs/recheck-limit.ts'
import type { Tenant } from '../../../src/tenant.ts'

const now = new Date('2026-11-30T09:00:00Z')
const inSeconds = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const key = (userId: string) => ({ tenant: 'acme', userId, connection: 'okta' })

const connection = { kind: 'okta', label: undefined, domains: [], button: true, createUsers: true, config: {} }
const tenantWith = (recheckSeconds?: number, confirmWithinSeconds?: number): Tenant => ({
  id: 'acme',
  name: 'Acme',
  connections: [{ ...connection, id: 'okta', ...(recheckSeconds !== undefined && { recheckSeconds }) }],
  returnOrigins: [],
  sessions: { lifetimeSeconds: 3600, idleSeconds: 3600, tokenInQuery: false },
  supportUrl: undefined,
  tokens: { max: 10, maxLifetimeSeconds: 1, rotateAfterSeconds: 1, confirmWithinSeconds },
})

describe('the next re-check', () => {
  it('comes within the interval, and then once per interval', () => {
    for (const user of ['ada', 'bob', 'carol']) {
      const first = nextRecheckAt(key(user), 900, now)
      expect(first.getTime()).toBeGreaterThan(now.getTime())
      expect(first.getTime()).toBeLessThanOrEqual(inSeconds(900).getTime())
      expect(nextRecheckAt(key(user), 900, first)).toEqual(new Date(first.getTime() + 900_000))
      expect(nextRecheckAt(key(user), 900, new Date(first.getTime() + 4000))).toEqual(
        new Date(first.getTime() + 900_000),
      )
    }
  })

  it('is spread over the interval', () => {
    const minutes = Array.from({ length: 9000 }, (_, user) => {
      return Math.floor((nextRecheckAt(key(`user ${user}`), 900, now).getTime() - now.getTime()) / 60_000)
    })
    for (let minute = 0; minute < 15; minute += 1) {
      const count = minutes.filter((each) => each === minute).length
      expect(count).toBeGreaterThan(450)
      expect(count).toBeLessThan(750)
    }
  })

  it('comes sooner after one that proved nothing', () => {
    expect(retryAt(900, now)).toEqual(inSeconds(300))
  })

  it.each([
    [0, true],
    [1410, true],
    [1411, false],
  ])('is due for a user last seen %s s ago: %s', (seconds, used) => {
    expect(isInUse(inSeconds(-seconds), 900, now)).toBe(used)
  })
})

describe('the activity of users', () => {
  it('is collected once per third of an interval, in tenants that re-check', () => {
    const activity = openUserActivity(new Map([['acme', tenantWith(900)]]))
    activity.record({ tenant: 'acme', userId: 'ada' }, now)
    activity.record({ tenant: 'acme', userId: 'ada' }, inSeconds(1))
    activity.record({ tenant: 'other', userId: 'bob' }, now)
    const first = activity.take()
    expect([...first]).toEqual([['acme', { userIds: new Set(['ada']), at: now }]])
    activity.record({ tenant: 'acme', userId: 'ada' }, inSeconds(299))
    expect([...activity.take()]).toEqual([])
    activity.record({ tenant: 'acme', userId: 'ada' }, inSeconds(300))
    for (const [tenant, users] of first) activity.putBack(tenant, users)
    expect([...activity.take()]).toEqual([['acme', { userIds: new Set(['ada']), at: inSeconds(300) }]])
  })
})

describe('the confirmation of a user', () => {
  const confirmed = { confirmation: { at: now, connection: 'okta' } }

  it.each([
    ['of a user without one', {}, tenantWith(900, 60), undefined],
    ['of a connection that does not re-check', confirmed, tenantWith(undefined, 60), undefined],
    ['in a tenant that needs none', confirmed, tenantWith(900), undefined],
    ['in a tenant that needs one', confirmed, tenantWith(900, 60), inSeconds(60)],
    [
      'that is unclear',
      { confirmation: { at: unconfirmedSince, connection: 'okta' } },
      tenantWith(900),
      unconfirmedSince,
    ],
  ])('%s', (_, user, tenant, end) => {
    const ofUser = { ...user, profile: {}, emailProven: false }
    expect(confirmationEndsAt(ofUser, tenant)).toEqual(end)
    expect(isUnconfirmed(ofUser, tenant, inSeconds(59))).toBe(end === unconfirmedSince)
    expect(isUnconfirmed(ofUser, tenant, inSeconds(60))).toBe(end !== undefined)
  })
})

describe('the limit of a connection', () => {
  it('runs eight at once, and has capacity when nothing waits', async () => {
    const limit = connectionLimit(() => 0)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    let running = 0
    const works = Array.from({ length: 9 }, () =>
      limit.run(() => {
        running += 1
        return promise
      }),
    )
    await Promise.resolve()
    await new Promise((done) => setImmediate(done))
    expect(running).toBe(8)
    expect(limit.hasCapacity()).toBe(false)
    resolve(true)
    await Promise.all(works)
    expect(limit.hasCapacity()).toBe(true)
  })

  it('FT-15 leaves an upstream alone after five failures in a row, for 10 to 60 seconds', async () => {
    let time = 0
    const limit = connectionLimit(() => time)
    const fail = () => limit.run(async () => false)
    for (let count = 0; count < 4; count += 1) await fail()
    await limit.run(async () => undefined)
    expect(limit.isPaused()).toBe(false)
    await fail()
    expect(limit.isPaused()).toBe(true)
    expect(limit.hasCapacity()).toBe(false)
    expect(limit.resumesAt()).toBe(10_000)
    time = 10_000
    expect(limit.isPaused()).toBe(false)
    for (let count = 0; count < 9; count += 1) await fail()
    expect(limit.resumesAt()).toBe(70_000)
    time = 70_000
    await limit.run(async () => true)
    await fail()
    expect(limit.isPaused()).toBe(false)
  })
})
