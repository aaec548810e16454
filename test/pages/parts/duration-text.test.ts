import { describe, expect, it } from 'vitest'
import { formatDuration, idleTimeoutText } from '../../../src/pages/duration-text.ts'

describe('a duration in words', () => {
  it.each([
    [14 * 86_400, '14 days'],
    [86_400, '1 day'],
    [36 * 3600, '36 hours'],
    [90 * 60, '90 minutes'],
    [3600, '1 hour'],
    [60, '1 minute'],
    [5, '1 minute'],
    [14 * 86_400 - 2.5, '14 days'],
  ])('%d seconds are %s', (seconds, words) => {
    expect(formatDuration(seconds)).toBe(words)
  })

  it('is absent if it never ends a session', () => {
    expect(idleTimeoutText(3600, 3601)).toBe('after 1 hour without use')
    expect(idleTimeoutText(3600, 3600)).toBeUndefined()
  })
})
