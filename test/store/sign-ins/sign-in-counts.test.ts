import { expect, it } from 'vitest'
import type { AppDayCount } from '../../../src/broker/ports/app-sign-ins.ts'
import { openSignInCounter } from '../../../src/store/sign-in-counts.ts'

function counter() {
  const added: (readonly AppDayCount[])[] = []
  const problems: string[] = []
  let fails = false
  const fail = (now: boolean) => {
    fails = now
  }
  const clock = { now: new Date('2026-11-29T23:59:59Z') }
  const store = {
    add: async (counts: readonly AppDayCount[]) => {
      if (fails) throw new Error('no store')
      added.push(counts)
    },
    since: async () => [],
    ofApps: async () => [],
    forgetBefore: async () => undefined,
  }
  const onProblem = (sentence: string) => void problems.push(sentence)
  const counts = openSignInCounter({ store, now: () => clock.now, onProblem })
  return { ...counts, added, problems, clock, fail }
}

it('adds what it counted in one batch, by app and day', async () => {
  const { count, close, added, clock } = counter()
  for (const outcome of ['signIns', 'signIns', 'refusals'] as const) count('shop', outcome)
  count('notes', 'signIns')
  clock.now = new Date('2026-11-30T00:00:00Z')
  count('shop', 'signIns')
  expect(added).toEqual([])
  await close()
  expect(added).toEqual([
    [
      { appId: 'shop', day: '2026-11-29', signIns: 2, refusals: 1 },
      { appId: 'notes', day: '2026-11-29', signIns: 1, refusals: 0 },
      { appId: 'shop', day: '2026-11-30', signIns: 1, refusals: 0 },
    ],
  ])
})

it('keeps the counts while the store fails, and adds those of meanwhile', async () => {
  const { count, close, since, added, problems, fail } = counter()
  count('shop', 'signIns')
  fail(true)
  await expect(since('shop', '2026-11-01')).rejects.toThrow('no store')
  count('shop', 'refusals')
  await close()
  expect(problems).toHaveLength(1)
  fail(false)
  await since('shop', '2026-11-01')
  expect(added).toEqual([[{ appId: 'shop', day: '2026-11-29', signIns: 1, refusals: 1 }]])
})

it('counts each sign-in once, however often it is asked meanwhile', async () => {
  const { count, since, close, added } = counter()
  for (let turn = 0; turn < 50; turn++) {
    count('shop', 'signIns')
    void since('shop', '2026-11-01')
  }
  await close()
  expect(added.flat().reduce((sum, { signIns }) => sum + signIns, 0)).toBe(50)
})
