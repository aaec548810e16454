import { expect, it } from 'vitest'
import { BusiestLabels } from '../../src/primitives/busiest-labels.ts'

const open = (max: number, rebalanceEvery?: number) =>
  new BusiestLabels({ max, make: () => ({ events: 0 }), ...(rebalanceEvery !== undefined && { rebalanceEvery }) })

function count(labels: ReturnType<typeof open>, label: string, times = 1): void {
  for (let time = 0; time < times; time += 1) labels.countsOf(label).events += 1
}

const shownIn = (labels: ReturnType<typeof open>) =>
  Object.fromEntries(labels.shown().map(([label, { events }]) => [label, events]))

it('counts the first labels alone, and the others together', () => {
  const labels = open(2)
  for (const label of ['a', 'b', 'c', 'a', 'd']) count(labels, label)
  expect(shownIn(labels)).toEqual({ a: 2, b: 1 })
  expect(labels.others.events).toBe(2)
})

it('gives the place of an idle label to one that is twice as busy, and loses no event', () => {
  const labels = open(2, 100)
  count(labels, 'idle', 5)
  count(labels, 'busy', 20)
  count(labels, 'new', 90)
  expect(shownIn(labels)).toEqual({ busy: 20, new: 16 })
  // those counted before the change stay where they were counted
  expect(labels.others.events).toBe(74)
})

it('keeps the places of two labels that are about as busy', () => {
  const labels = open(1, 100)
  for (let turn = 0; turn < 400; turn += 1) count(labels, turn % 5 < 2 ? 'shown' : 'waiting')
  expect(shownIn(labels)).toEqual({ shown: 160 })
})

it('no count ever shrinks while labels change places', () => {
  const labels = open(3, 10)
  let before = 0
  for (let turn = 0; turn < 2000; turn += 1) {
    count(labels, `label ${(turn * turn) % 17}`)
    expect(labels.others.events).toBeGreaterThanOrEqual(before)
    before = labels.others.events
  }
  expect(labels.shown()).toHaveLength(3)
})

it('a million made-up labels keep its memory and shown labels bounded', () => {
  const labels = open(200)
  for (let turn = 0; turn < 1_000_000; turn += 1) count(labels, `tenant-${turn}/okta`)
  expect(labels.size).toBeLessThanOrEqual(2200)
  expect(labels.shown().length).toBeLessThanOrEqual(200)
  const own = labels.shown().reduce((sum, [, { events }]) => sum + events, 0)
  expect(own + labels.others.events).toBeLessThanOrEqual(1_000_000)
})
