/** What every durable store must do to find traces. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TraceFilter } from '../../../src/broker/ports/sign-ins.ts'
import type { Trace } from '../../../src/broker/trace.ts'
import { sampleEmail, sampleTenant, sampleTrace } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function traceSearchContract(both: () => BothDurables): void {
  describe('search of traces', () => {
    const at = (ms: number) => new Date(1_700_000_000_000 + ms)
    const put = (...traces: readonly Trace[]) => both()[0].traces.putAll(traces)
    const found = async (filter: Omit<TraceFilter, 'limit'> & { readonly limit?: number }) =>
      (await both()[1].traces.search({ limit: 10, ...filter })).map(({ reference }) => reference)

    it('finds by each member, and by all together', async () => {
      const tenant = sampleTenant()
      const refusal = { outcome: 'refused', code: 'upstream_invalid', fixer: 'tenant admin' } as const
      const wanted = sampleTrace({
        tenant,
        connection: 'google',
        ...refusal,
        cause: 'upstream_invalid: nonce',
        email: sampleEmail(),
        userId: randomUUID(),
        app: `app-${randomUUID()}`,
        startedAt: at(5),
      })
      const others = [
        sampleTrace({ tenant, startedAt: at(1) }),
        sampleTrace({ tenant, ...refusal, code: 'user_denied', cause: 'user_denied', startedAt: at(9) }),
      ]
      await put(wanted, ...others)
      const { connection, outcome, code, cause, email, userId, app, reference } = wanted
      const members = [
        { connection, outcome, code },
        { connection },
        { code },
        { cause },
        { email },
        { userId },
        { app },
      ]
      for (const filter of [...members, { since: at(2), until: at(9) }, { connection, email, userId, app, cause }])
        expect([filter, await found({ tenant, ...filter })]).toEqual([filter, [reference]])
      for (const filter of [{ email }, { userId }, { app }]) expect(await found(filter)).toEqual([reference])
      expect(await both()[1].traces.search({ email, limit: 1 })).toEqual([wanted])
      expect(await found({ tenant, outcome: 'refused' })).toEqual([others[1]?.reference, reference])
      expect(await found({ tenant: sampleTenant(), email })).toEqual([])
    })

    it('lists no refused requests, which are no sign-ins, unless their code is named', async () => {
      const tenant = sampleTenant()
      const [outcome, code] = ['refused', 'permission_refused'] as const
      const request = sampleTrace({ tenant, connection: 'unknown', outcome, code, cause: code, startedAt: at(1) })
      const signIn = sampleTrace({ tenant, connection: 'okta', outcome, code, cause: code, startedAt: at(2) })
      await put(request, signIn)
      expect(await found({ tenant })).toEqual([signIn.reference])
      expect(await found({ tenant, outcome })).toEqual([signIn.reference])
      expect(await found({ tenant, code })).toEqual([signIn.reference, request.reference])
      expect(await both()[1].traces.find(request.reference)).toEqual(request)
    })

    it('finds literally, without wildcards', async () => {
      const tenant = sampleTenant()
      await put(sampleTrace({ tenant, email: 'ada@example.test' }))
      for (const email of ['%', 'ada@example.tes_', "' or 1=1 --", 'ADA@example.test'])
        expect(await found({ tenant, email })).toEqual([])
    })

    it('continues after a position, newest first, also among traces of one millisecond', async () => {
      const tenant = sampleTenant()
      const traces = Array.from({ length: 9 }, (_, index) =>
        sampleTrace({ tenant, startedAt: at(Math.floor(index / 4)) }),
      )
      await put(...traces)
      const seen: Trace[] = []
      for (let after: Trace | undefined; ; after = seen.at(-1)) {
        const page = await both()[1].traces.search({ tenant, limit: 2, after })
        if (page.length === 0) break
        seen.push(...page)
      }
      const sorted = traces.toSorted(
        (one, other) =>
          other.startedAt.getTime() - one.startedAt.getTime() || (one.reference < other.reference ? 1 : -1),
      )
      expect(seen.map(({ reference }) => reference)).toEqual(sorted.map(({ reference }) => reference))
    })

    it('stores many traces at once', async () => {
      const tenant = sampleTenant()
      await put(...Array.from({ length: 120 }, () => sampleTrace({ tenant })))
      expect(await found({ tenant, limit: 200 })).toHaveLength(120)
    })

    it('keeps the end of a login when its start is written late by another process', async () => {
      const tenant = sampleTenant()
      const started = sampleTrace({ tenant })
      const ended = { ...started, outcome: 'signed in', userId: 'u' } as const
      await both()[0].traces.put(ended)
      await both()[1].traces.put(started)
      expect(await both()[1].traces.find(started.reference)).toEqual(ended)
      expect(await found({ tenant, outcome: 'signed in' })).toEqual([started.reference])
    })
  })
}
