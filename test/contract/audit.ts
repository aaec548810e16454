/** What every durable store must do for audit events: append-only, paged, filtered, retained. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEvent, AuditFilter, AuditPosition, AuditStore } from '../../src/broker/ports/audit.ts'
import type { DurableStore } from '../../src/broker/ports/durable.ts'
import { keyRing, sampleTenant } from '../support/store/samples.ts'
import type { OpenDurable } from './open-store.ts'

const dayMs = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * dayMs)

function sampleEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  const base = { id: randomUUID(), at: new Date(), tenant: 'demo', action: 'app.changed', actor: 'ada', target: 'shop' }
  return { ...base, details: {}, ...changes }
}

/** All pages of a list, by the cursor. */
async function pages(audit: AuditStore, filter: AuditFilter, between: () => Promise<void> = async () => {}) {
  const found: AuditEvent[] = []
  let after: AuditPosition | undefined
  for (;;) {
    const page = await audit.recent({ ...filter, after })
    found.push(...page)
    after = page.at(-1)
    if (page.length < filter.limit) return found
    await between()
  }
}

/** @param execute runs a statement as another client of the database would */
export function auditContract(name: string, open: OpenDurable, execute: (statement: string) => Promise<void>): void {
  describe(`${name} as a store of audit events`, () => {
    let store: DurableStore
    let audit: AuditStore
    beforeAll(async () => {
      store = await open({ keyRing })
      audit = store.audit
    })
    afterAll(() => store.close())

    it('returns every field as stored, and ignores an event that is stored already', async () => {
      const tenant = sampleTenant()
      const full = sampleEvent({
        tenant,
        details: { why: 'asked' },
        address: '2001:db8::1',
        agent: 'curl/8',
        before: { name: 'Shop', redirectUris: [] },
        after: { name: 'Shop', redirectUris: ['https://shop.test/in'] },
      })
      await audit.addAll([full])
      await audit.addAll([{ ...full, actor: 'eve' }, sampleEvent({ tenant, at: new Date(0) })])
      const [latest, oldest] = await audit.recent({ tenant, limit: 5 })
      expect(latest).toEqual(full)
      expect(oldest).toEqual({ ...oldest, at: new Date(0), details: {} })
      expect(oldest).not.toHaveProperty('address')
    })

    it('finds events by tenant, user as actor or target, action and time, newest first', async () => {
      const [tenant, other] = [sampleTenant(), sampleTenant()]
      const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1000)
      const events = [
        sampleEvent({ tenant, at: at(1), actor: 'ada', target: 'ada', action: 'sign_in.succeeded' }),
        sampleEvent({ tenant, at: at(2), actor: 'root', target: 'ada', action: 'user.blocked' }),
        sampleEvent({ tenant, at: at(3), actor: 'ada', target: 'shop', action: 'app.changed' }),
        sampleEvent({ tenant, at: at(4), actor: 'bob', target: 'shop', action: 'app.changed' }),
        sampleEvent({ tenant: other, at: at(5), actor: 'ada', target: 'ada', action: 'user.blocked' }),
      ]
      await audit.addAll(events)
      const seconds = async (filter: Omit<AuditFilter, 'limit'>) =>
        (await audit.recent({ ...filter, limit: 9 })).map((event) => (event.at.getTime() - at(0).getTime()) / 1000)
      expect(await seconds({ tenant })).toEqual([4, 3, 2, 1])
      expect(await seconds({ tenant, user: 'ada' })).toEqual([3, 2, 1])
      expect(await seconds({ tenant, user: 'shop' })).toEqual([4, 3])
      expect(await seconds({ tenant, action: 'app.changed' })).toEqual([4, 3])
      expect(await seconds({ tenant, user: 'ada', action: 'user.blocked' })).toEqual([2])
      expect(await seconds({ tenant, since: at(2), until: at(4) })).toEqual([3, 2])
      expect(await seconds({ tenant, user: 'ada', since: at(2), until: at(3) })).toEqual([2])
      expect(await seconds({ tenant: other, user: 'bob' })).toEqual([])
      expect((await audit.recent({ limit: 5, since: at(5), until: at(6) })).map(({ tenant }) => tenant)).toEqual([
        other,
      ])
    })

    it('pages through events of one millisecond, each once, while others are added', async () => {
      const tenant = sampleTenant()
      const at = new Date()
      const first = Array.from({ length: 25 }, () => sampleEvent({ tenant, at }))
      await audit.addAll(first)
      const later = () => new Date(Date.now() + 60_000)
      const found = await pages(audit, { tenant, user: 'ada', limit: 4 }, () =>
        audit.addAll([sampleEvent({ tenant, at: later() }), sampleEvent({ tenant, at: later() })]),
      )
      expect(found.map(({ id }) => id)).toEqual(
        first
          .map(({ id }) => id)
          .toSorted()
          .toReversed(),
      )
    })

    it('refuses to change events, and to delete recent ones', async () => {
      const tenant = sampleTenant()
      const event = sampleEvent({ tenant })
      const old = sampleEvent({ tenant, at: daysAgo(400) })
      await audit.addAll([event, old])
      const where = `where tenant = '${tenant}'`
      for (const statement of [
        `update audit_events set actor = 'eve' ${where}`,
        `delete from audit_events ${where}`,
        `delete from audit_events ${where} and id = '${old.id}'`,
      ])
        await expect(execute(statement), statement).rejects.toThrow('append-only')
      // even for one who says that all of it is over
      const year = Date.now() + 365 * dayMs
      await execute(`insert into audit_retention (tenant, deleted_before) values ('${tenant}', ${year})`)
      await expect(execute(`delete from audit_events ${where} and id = '${event.id}'`)).rejects.toThrow('append-only')
      expect((await audit.recent({ tenant, limit: 5 })).map(({ actor }) => actor)).toEqual(['ada', 'ada'])
    })

    it('deletes the oldest events of one tenant in batches, and keeps those of others', async () => {
      const [tenant, other] = [sampleTenant(), sampleTenant()]
      const of = (owner: string, days: readonly number[]) =>
        days.map((each) => sampleEvent({ tenant: owner, at: daysAgo(each) }))
      await audit.addAll([...of(tenant, [100, 99, 98, 40, 1]), ...of(other, [100])])
      expect(await audit.tenants()).toEqual(expect.arrayContaining([tenant, other]))
      expect(await audit.forgetBefore(tenant, daysAgo(90), 2)).toBe(2)
      expect(await audit.forgetBefore(tenant, daysAgo(90), 2)).toBe(1)
      expect(await audit.forgetBefore(tenant, daysAgo(90), 2)).toBe(0)
      expect(await audit.recent({ tenant, limit: 9 })).toHaveLength(2)
      expect(await audit.recent({ tenant: other, limit: 9 })).toHaveLength(1)
    })

    it('finds an earlier sign-in of a user, which opened another session', async () => {
      const tenant = sampleTenant()
      const signIn = (session: string, changes: Partial<AuditEvent> = {}) =>
        sampleEvent({ tenant, action: 'sign_in.succeeded', target: 'ada', details: { session }, ...changes })
      const hasEarlier = (id: string, userId = 'ada') => audit.hasEarlierSignIn({ id, tenant, userId })
      await audit.addAll([
        signIn('first'),
        signIn('of another', { target: 'eve' }),
        signIn('elsewhere', { tenant: sampleTenant() }),
        signIn('refused', { action: 'sign_in.refused' }),
      ])
      expect(await Promise.all([hasEarlier('first'), hasEarlier('second'), hasEarlier('second', 'mallory')])).toEqual([
        false,
        true,
        false,
      ])
      await audit.addAll([signIn('second')])
      expect(await hasEarlier('second')).toBe(true)
    })

    it('stores many events at once', async () => {
      const tenant = sampleTenant()
      await audit.addAll(Array.from({ length: 150 }, () => sampleEvent({ tenant })))
      expect(await audit.recent({ tenant, limit: 200 })).toHaveLength(150)
    })
  })
}
