/** What every durable store must do for the statistics of sign-ins. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { FailureRow, LastOutcome, StatisticsRows } from '../../../src/broker/ports/sign-ins.ts'
import { bucketOf } from '../../../src/broker/sign-ins/histogram.ts'
import { sampleTenant, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

const minute = 60_000
/** A full hour. */
const start = 1_764_000_000_000
const at = (minutes: number) => new Date(start + minutes * minute)

const rows = (changes: Partial<StatisticsRows>): StatisticsRows => ({
  counts: [],
  failures: [],
  durations: [],
  outcomes: [],
  ...changes,
})

export function signInStatisticsContract(both: () => BothDurables): void {
  describe('statistics of sign-ins', () => {
    const add = (changes: Partial<StatisticsRows>, store = both()[0]) =>
      store.signInStatistics.add(rows(changes), randomUUID())
    const read = () => both()[1].signInStatistics
    const used = (tenant: string, ...connections: readonly string[]): readonly LastOutcome[] =>
      connections.map((connection) => ({ ...unused, tenant, connection, lastSignInAt: at(0) }))
    const unused = { lastSignInAt: undefined, lastRefusal: undefined, lastWarning: undefined }

    it('adds up the counts of 20 concurrent callers of two processes', async () => {
      const tenant = sampleTenant()
      const count = (connection: string) => ({ tenant, connection, startsAt: at(0), signedIn: 2, refused: 1 })
      const failure = (turn: number): FailureRow => ({
        tenant,
        connection: 'okta',
        startsAt: at(0),
        code: 'user_denied',
        cause: 'user_denied',
        fixer: 'user',
        count: 1,
        firstAt: new Date(start + turn),
        lastAt: new Date(start + turn),
        lastReference: `R-${turn}`,
      })
      const duration = (bucket: number) => ({
        tenant,
        connection: 'okta',
        startsAt: at(0),
        spanSeconds: 300 as const,
        step: 'begin',
        bucket,
        count: 1,
      })
      await simultaneously(both(), 20, (each, turn) => {
        const [counts, durations] = [
          [count('google'), count('okta')],
          [duration(3), duration(1)],
        ]
        const added = {
          counts: turn % 2 === 0 ? counts : counts.toReversed(),
          failures: [failure(turn)],
          durations: turn % 2 === 0 ? durations : durations.toReversed(),
          outcomes: used(tenant, 'okta', 'google'),
        }
        return each.signInStatistics.add(added, randomUUID())
      })
      const filter = { tenant, since: at(0) }
      expect(await read().counts(filter, 300)).toEqual([{ startsAt: at(0), signedIn: 80, refused: 40 }])
      const ofOkta = await read().counts({ ...filter, connection: 'okta' }, 300)
      expect(ofOkta).toEqual([{ startsAt: at(0), signedIn: 40, refused: 20 }])
      expect(await read().failures(filter, 5)).toEqual([
        {
          tenant,
          connection: 'okta',
          code: 'user_denied',
          cause: 'user_denied',
          fixer: 'user',
          count: 20,
          firstAt: new Date(start),
          lastAt: new Date(start + 19),
          lastReference: 'R-19',
        },
      ])
      expect(await read().steps(filter, 300)).toEqual([{ startsAt: at(0), step: 'begin', count: 40, p50: 2, p95: 5 }])
    })

    it('adds a batch once, also when two processes add it at once', async () => {
      const tenant = sampleTenant()
      const batch = rows({ counts: [{ tenant, connection: 'okta', startsAt: at(0), signedIn: 1, refused: 0 }] })
      const id = randomUUID()
      await simultaneously(both(), 6, (each) => each.signInStatistics.add(batch, id))
      const found = await read().counts({ tenant, connection: 'okta', since: at(0) }, 300)
      expect(found.map(({ signedIn }) => signedIn)).toEqual([1])
    })

    it('sums to longer spans, oldest first, without empty ones, from since until until', async () => {
      const tenant = sampleTenant()
      const counts = [0, 5, 55, 60, 125].map((minutes) => ({
        tenant,
        connection: 'okta',
        startsAt: at(minutes),
        signedIn: 1,
        refused: minutes === 60 ? 7 : 0,
      }))
      await add({ counts, outcomes: used(tenant, 'okta') })
      expect(await read().counts({ tenant, since: at(-90) }, 3600)).toEqual([
        { startsAt: at(0), signedIn: 3, refused: 0 },
        { startsAt: at(60), signedIn: 1, refused: 7 },
        { startsAt: at(120), signedIn: 1, refused: 0 },
      ])
      const inTime = await read().counts({ tenant, since: at(7), until: at(60) }, 300)
      expect(inTime.map(({ startsAt }) => startsAt)).toEqual([at(5), at(55)])
      expect(await read().counts({ tenant: sampleTenant(), since: at(-90) }, 300)).toEqual([])
    })

    it('groups failures by connection and cause, most frequent first, with the last reference', async () => {
      const tenant = sampleTenant()
      const failure = (connection: string, cause: string, minutes: number, count: number): FailureRow => ({
        tenant,
        connection,
        startsAt: at(minutes),
        code: 'upstream_invalid',
        cause,
        fixer: 'tenant admin',
        count,
        firstAt: at(minutes),
        lastAt: at(minutes + 1),
        lastReference: `${connection} ${minutes}`,
      })
      const [nonce, exp] = ['upstream_invalid: nonce', 'upstream_invalid: exp']
      await add({
        failures: [
          failure('okta', nonce, 5, 3),
          failure('okta', nonce, 0, 4),
          failure('okta', exp, 5, 10),
          failure('google', nonce, 5, 1),
        ],
      })
      const found = await read().failures({ tenant, since: at(0) }, 10)
      expect(
        found.map(({ connection, cause, count, lastReference }) => [connection, cause, count, lastReference]),
      ).toEqual([
        ['okta', exp, 10, 'okta 5'],
        ['okta', nonce, 7, 'okta 5'],
        ['google', nonce, 1, 'google 5'],
      ])
      expect(found[1]).toMatchObject({ firstAt: at(0), lastAt: at(6) })
      expect(await read().failures({ tenant, connection: 'google', since: at(0) }, 10)).toHaveLength(1)
      expect(await read().failures({ tenant, since: at(0) }, 2)).toHaveLength(2)
      expect(await read().failures({ tenant, since: at(10) }, 2)).toEqual([])
    })

    it('reads the failures and successes of all connections of some tenants that failed recently', async () => {
      const [first, second, other] = [sampleTenant(), sampleTenant(), sampleTenant()]
      const failure = (tenant: string, connection: string, minutes: number): FailureRow => ({
        ...{ tenant, connection, startsAt: at(minutes), code: 'user_denied', cause: 'user_denied', fixer: 'user' },
        ...{ count: 2, firstAt: at(minutes), lastAt: at(minutes + 1), lastReference: `${connection} ${minutes}` },
      })
      const count = (tenant: string, connection: string, minutes: number, signedIn: number) => ({
        ...{ tenant, connection, startsAt: at(minutes), signedIn, refused: 2 },
      })
      await add({
        failures: [
          failure(first, 'okta', 5),
          failure(first, 'okta', 10),
          failure(first, 'google', 0),
          failure(second, 'okta', 10),
          failure(other, 'okta', 10),
        ],
        counts: [
          count(first, 'okta', 0, 1),
          count(first, 'okta', 5, 2),
          count(first, 'okta', 10, 3),
          count(first, 'google', 10, 9),
        ],
      })
      const found = await read().recentOutcomes([first, second], at(5))
      const shown = found.map(({ tenant, connection, failures, signedIn }) => {
        const groups = failures.map((group) => [group.tenant, group.connection, group.count, group.lastReference])
        return [tenant, connection, groups, signedIn]
      })
      expect(shown).toHaveLength(2)
      expect(shown).toEqual(
        expect.arrayContaining([
          [first, 'okta', [[first, 'okta', 4, 'okta 10']], 5],
          [second, 'okta', [[second, 'okta', 2, 'okta 10']], 0],
        ]),
      )
      expect(await read().recentOutcomes([], at(0))).toEqual([])
    })

    it('has quantiles of a connection, and of all connections of a tenant', async () => {
      const tenant = sampleTenant()
      const of = (connection: string, step: string, ms: number, count: number) => ({
        tenant,
        connection,
        startsAt: at(0),
        spanSeconds: 300 as const,
        step,
        bucket: bucketOf(ms),
        count,
      })
      const durations = [of('okta', 'begin', 4, 90), of('okta', 'begin', 400, 10), of('google', 'begin', 900, 900)]
      const hour = durations.map((row) => ({ ...row, spanSeconds: 3600 as const }))
      await add({
        durations: [...durations, ...hour, of('okta', 'token exchange', 60, 1)],
        outcomes: used(tenant, 'okta', 'google'),
      })
      const okta = await read().steps({ tenant, connection: 'okta', since: at(0) }, 300)
      expect(okta).toEqual([
        { startsAt: at(0), step: 'begin', count: 100, p50: 5, p95: 500 },
        { startsAt: at(0), step: 'token exchange', count: 1, p50: 70, p95: 70 },
      ])
      // an hour is read whole, from the rows of hours
      const [all] = await read().steps({ tenant, since: at(59) }, 3600)
      expect(all).toEqual({ startsAt: at(0), step: 'begin', count: 1000, p50: 1000, p95: 1000 })
    })

    it('returns the last outcome of each kind of a connection, whichever process stored it last', async () => {
      const tenant = sampleTenant()
      const refusal = (minutes: number) =>
        ({
          code: 'user_denied',
          cause: 'user_denied',
          fixer: 'user',
          lastAt: at(minutes),
          lastReference: `R-${minutes}`,
        }) as const
      const okta = { ...unused, tenant, connection: 'okta' }
      const { code: _, fixer: __, ...warning } = { ...refusal(4), cause: 'profile: email missing' }
      await add({ outcomes: [{ ...okta, lastSignInAt: at(2), lastRefusal: refusal(3), lastWarning: warning }] })
      await add({ outcomes: [{ ...okta, lastSignInAt: at(1), lastRefusal: refusal(5) }] }, both()[1])
      await add({ outcomes: [{ ...unused, tenant, connection: 'google', lastSignInAt: at(1) }] })
      const found = await read().lastOutcomes(tenant)
      expect(found).toMatchObject([
        { tenant, connection: 'google', lastSignInAt: at(1), lastRefusal: undefined, lastWarning: undefined },
        { tenant, connection: 'okta', lastSignInAt: at(2), lastRefusal: refusal(5), lastWarning: warning },
      ])
      const all = await read().lastOutcomes()
      expect(all.filter((each) => each.tenant === tenant)).toEqual(found)
    })

    it('has totals of all tenants, which belong to none', async () => {
      const all = { tenant: '*', connection: '*', startsAt: at(7 * 1440) }
      await add({
        counts: [{ ...all, signedIn: 1, refused: 0 }],
        durations: [{ ...all, spanSeconds: 300, step: 'user', bucket: 0, count: 1 }],
      })
      const filter = { since: all.startsAt, until: at(7 * 1440 + 5) }
      const [before] = await read().counts(filter, 300)
      await add({ counts: [{ ...all, signedIn: 1, refused: 0 }] })
      expect((await read().counts(filter, 300))[0]?.signedIn).toBe((before?.signedIn ?? 0) + 1)
      expect((await read().steps(filter, 300)).map(({ step }) => step)).toEqual(['user'])
    })

    it('deletes old spans', async () => {
      const tenant = sampleTenant()
      const of = (minutes: number) => ({ tenant, connection: 'okta', startsAt: new Date(minutes * minute) })
      const failure = {
        code: 'user_denied',
        cause: 'user_denied',
        fixer: 'user',
        count: 1,
        lastReference: 'R',
      } as const
      const spans = [of(0), of(5), of(10)]
      await add({
        counts: spans.map((span) => ({ ...span, signedIn: 1, refused: 1 })),
        failures: spans.map((span) => ({ ...span, ...failure, firstAt: at(0), lastAt: at(0) })),
        durations: spans.map((span) => ({ ...span, spanSeconds: 300 as const, step: 'begin', bucket: 1, count: 1 })),
        outcomes: used(tenant, 'okta'),
      })
      const forget = (limit: number) => both()[0].signInStatistics.forgetBefore(new Date(10 * minute), limit)
      // never more rows than this in one statement
      expect([await forget(3), await forget(2), await forget(2)]).toEqual([3, 2, 1])
      const filter = { tenant, since: new Date(0) }
      expect((await read().counts(filter, 300)).map(({ startsAt }) => startsAt)).toEqual([of(10).startsAt])
      expect((await read().failures(filter, 9)).map(({ count }) => count)).toEqual([1])
      expect((await read().steps(filter, 300)).map(({ count }) => count)).toEqual([1])
      expect(await read().lastOutcomes(tenant)).toHaveLength(1)
    })
  })
}
