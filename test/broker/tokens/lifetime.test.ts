import { describe, expect, it } from 'vitest'
import { endOfLifetime, lifetimeBetween } from '../../../src/broker/tokens/lifetime.ts'

const days = (count: number) => count * 86_400

describe('the lifetime of an API token', () => {
  it.each([
    ['2026-11-30T10:00:00.000Z', days(3650), '2036-11-30T10:00:00.000Z'],
    ['2027-03-01T00:00:00.000Z', days(365), '2028-03-01T00:00:00.000Z'],
    ['2028-02-29T12:30:15.500Z', days(365), '2029-02-28T12:30:15.500Z'],
    ['2028-02-29T12:30:15.500Z', days(4 * 365), '2032-02-29T12:30:15.500Z'],
    ['2026-11-30T10:00:00.000Z', days(90), '2027-02-28T10:00:00.000Z'],
    ['2026-11-30T10:00:00.000Z', 3600, '2026-11-30T11:00:00.000Z'],
  ])('from %s for %d seconds ends at %s', (start, seconds, end) => {
    expect(endOfLifetime(new Date(start), seconds).toISOString()).toBe(end)
    expect(lifetimeBetween(new Date(start), new Date(end))).toBe(seconds)
  })
})
