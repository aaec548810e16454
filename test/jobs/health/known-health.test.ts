/** Which of two results of a connection a process shows. */
import { expect, it } from 'vitest'
import type { HealthResults, ProbedHealth } from '../../../src/broker/ports/health.ts'
import { knownResults } from '../../../src/jobs/health/known-health.ts'
import { sampleHealth } from '../../support/store/deployment-samples.ts'

const place = { tenant: 'acme', connection: 'okta' }
const noon = new Date('2026-11-29T12:00:00Z')
const result = (probedBy: string, minutes: number) =>
  sampleHealth({ ...place, probedBy, checkedAt: new Date(noon.getTime() + minutes * 60_000) })

/** A store that answers each read with what was written before it. */
function world() {
  let stored: ProbedHealth | undefined
  let answered: Promise<unknown> = Promise.resolve()
  const results: HealthResults = {
    put: async ([first]) => {
      stored = first
    },
    all: async () => [],
    since: async () => {
      const read = stored === undefined ? [] : [stored]
      await answered
      return { results: read, cursor: 1 }
    },
  }
  const known = knownResults({ results, id: 'own', now: () => noon })
  const delay = (until: Promise<unknown>) => {
    answered = until
  }
  return { ...known, store: (one: ProbedHealth) => results.put([one]), delay, shown: () => known.get(place) }
}

it('shows its own new result although its clock was set back since the last one', () => {
  const { add, shown } = world()
  add(result('own', 0))
  add(result('own', -60))
  expect(shown()).toEqual(result('own', -60))
})

it.each([
  ['another process', 'other', 'third'],
  ['a process whose clock was set back', 'other', 'other'],
])('shows the newest result that the store has, of %s', async (_, before, after) => {
  const { store, refresh, shown } = world()
  await store(result(before, 0))
  await refresh()
  await store(result(after, -60))
  await refresh()
  expect(shown()).toEqual(result(after, -60))
})

it('shows its own result, not an older one that a read returns late or while it is not written', async () => {
  const { add, store, refresh, flush, delay, shown } = world()
  await store(result('other', -1))
  const { promise, resolve } = Promise.withResolvers<void>()
  delay(promise)
  const reading = refresh()
  add(result('own', 0))
  await flush()
  resolve()
  await reading
  expect(shown()).toEqual(result('own', 0))
  await store(result('other', -1))
  add(result('own', 1))
  await refresh()
  expect(shown()).toEqual(result('own', 1))
})

it('shows its own result, not an older one of a read that began while it was being written', async () => {
  const { add, store, refresh, flush, delay, shown } = world()
  await store(result('other', -1))
  const { promise, resolve } = Promise.withResolvers<void>()
  delay(promise)
  add(result('own', 0))
  const reading = refresh()
  await flush()
  resolve()
  await reading
  expect(shown()).toEqual(result('own', 0))
})
