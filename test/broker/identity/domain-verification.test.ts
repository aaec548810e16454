import { describe, expect, it } from 'vitest'
import { checkAfter, domainProof, isCheckDue } from '../../../src/broker/identity/domain-verification.ts'
import type { DomainCheck } from '../../../src/broker/ports/durable.ts'

const start = new Date('2026-01-15T12:00:00Z')
const hours = (count: number) => new Date(start.getTime() + count * 3_600_000)
const place = { tenant: 'acme', domain: 'acme.test' }

/** What is known after these looks, an hour apart. */
function looked(...outcomes: readonly DomainCheck['outcome'][]): DomainCheck | undefined {
  return outcomes.reduce<DomainCheck | undefined>(
    (before, outcome, turn) => checkAfter(place, before, outcome, hours(turn)),
    undefined,
  )
}

describe('a claimed domain', () => {
  it.each([
    ['nobody looked', [], 0, false, 'is not proven by DNS TXT: not checked yet'],
    ['the record is there', ['proven'], 0, true, 'is proven by DNS TXT, checked at 2026-01-15T12:00:00.000Z'],
    [
      'the record is not there',
      ['missing'],
      0,
      false,
      'is not proven by DNS TXT: no record at 2026-01-15T12:00:00.000Z',
    ],
    [
      'the DNS never answered',
      ['unanswered'],
      0,
      false,
      'is not proven by DNS TXT: no answer at 2026-01-15T12:00:00.000Z',
    ],
    [
      'the DNS does not answer now',
      ['proven', 'unanswered', 'unanswered'],
      2,
      true,
      'is proven by DNS TXT, seen at 2026-01-15T12:00:00.000Z; no answer at 2026-01-15T14:00:00.000Z',
    ],
    [
      'nor for 72 hours',
      ['proven', 'unanswered'],
      72,
      false,
      'is not proven by DNS TXT: no answer at 2026-01-15T13:00:00.000Z',
    ],
    [
      'nobody looked for 72 hours',
      ['proven'],
      72,
      false,
      'is not proven by DNS TXT: no answer at 2026-01-15T12:00:00.000Z',
    ],
    [
      'the record was taken away',
      ['proven', 'missing'],
      1,
      false,
      'is not proven by DNS TXT: no record at 2026-01-15T13:00:00.000Z',
    ],
    [
      'and the DNS fails since',
      ['proven', 'missing', 'unanswered'],
      2,
      false,
      'is not proven by DNS TXT: no answer at 2026-01-15T14:00:00.000Z',
    ],
    [
      'the record came back',
      ['proven', 'missing', 'proven'],
      2,
      true,
      'is proven by DNS TXT, checked at 2026-01-15T14:00:00.000Z',
    ],
  ] as const)('when %s', (_, outcomes, hour, proven, words) => {
    expect(domainProof(looked(...outcomes), hours(hour))).toEqual({ proven, words })
  })

  it.each([
    ['never', [], 0, true],
    ['with success within the hour', ['proven'], 0.9, false],
    ['with success an hour ago', ['proven'], 1, true],
    ['in vain 9 minutes ago', ['missing'], 0.15, false],
    ['in vain 10 minutes ago', ['missing'], 10 / 60, true],
    ['without an answer 5 minutes ago', ['unanswered'], 5 / 60, true],
  ] as const)('looked at %s is or is not looked at again', (_, outcomes, hour, due) => {
    expect(isCheckDue(looked(...outcomes), hours(hour), 1)).toBe(due)
  })
})
