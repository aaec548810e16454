import { describe, expect, it } from 'vitest'
import { timelineOf } from '../../../src/broker/sign-ins/timeline.ts'

const step = (name: string, atMs: number, tookMs: number) => ({ name, atMs, tookMs, checks: [] })
const drawn = (steps: readonly ReturnType<typeof step>[]) =>
  timelineOf(steps).map((row) =>
    row.kind === 'pause'
      ? `pause ${row.tookMs}`
      : `${row.step.name} ${row.depth} ${Math.round(row.left)} ${Math.round(row.width)}`,
  )

describe('the timeline of a trace', () => {
  it('draws steps one after the other over the whole width', () => {
    expect(drawn([step('one', 0, 50), step('two', 50, 50)])).toEqual(['one 0 0 50', 'two 0 50 50'])
  })

  it('counts the steps that contain a step', () => {
    expect(drawn([step('outer', 0, 100), step('middle', 0, 80), step('inner', 10, 20), step('after', 100, 0)])).toEqual(
      ['outer 0 0 100', 'middle 1 0 80', 'inner 2 10 20', 'after 0 99 1'],
    )
  })

  it('cuts a long wait between steps and says how long it was', () => {
    const rows = drawn([step('begin', 0, 100), step('complete', 60_100, 100)])
    expect(rows).toEqual(['begin 0 0 47', 'pause 60000', 'complete 0 53 47'])
  })

  it('draws a short wait as it is', () => {
    expect(drawn([step('one', 0, 100), step('two', 300, 100)])).toEqual(['one 0 0 25', 'two 0 75 25'])
  })

  it('stays within the width for steps without a duration, and for none', () => {
    expect(drawn([step('only', 0, 0)])).toEqual(['only 0 0 1'])
    expect(drawn([])).toEqual([])
  })

  it('keeps every bar visible and inside, whatever the times', () => {
    const steps = Array.from({ length: 60 }, (_, index) => step(`${index}`, index * 1700, (index * 37) % 900))
    for (const row of timelineOf(steps)) {
      if (row.kind === 'pause') continue
      expect(row.width).toBeGreaterThan(0.5)
      expect(row.left).toBeGreaterThanOrEqual(0)
      expect(row.left + row.width).toBeLessThanOrEqual(100.01)
    }
  })
})
