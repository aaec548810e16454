/** The geometry of charts. */
import { describe, expect, it } from 'vitest'
import { niceTop } from '../../../src/web/admin/charts/bar-chart.tsx'
import { linePath } from '../../../src/web/admin/charts/sparkline.tsx'

describe('the top of a scale', () => {
  it.each([
    [0, 1],
    [1, 1],
    [3, 5],
    [7, 10],
    [10, 10],
    [11, 20],
    [420, 500],
    [0.3, 0.5],
  ])('of a highest bar of %d is %d', (highest, top) => {
    expect(niceTop(highest)).toBeCloseTo(top)
  })
})

describe('a sparkline', () => {
  it('runs from edge to edge, the largest point at the top', () => {
    expect(linePath([0, 5, 10], 10)).toBe('M0 22L48 12L96 2')
  })

  it('is interrupted where there is no value, and shows a single value as a dash', () => {
    expect(linePath([1, null, 1, null, null], 1)).toBe('M0 2h2M48 2h2')
  })

  it('is empty without values', () => {
    expect(linePath([], 1)).toBe('')
  })
})
