import { describe, expect, it } from 'vitest'
import { activateNextKeys, dueKeys, type KeyPolicy, nextChangeAt } from '../../../src/broker/keys/key-lifecycle.ts'
import type { SigningKey } from '../../../src/broker/ports/durable.ts'
import { signingAlgorithms } from '../../../src/crypto/signing-algorithm.ts'

const hour = 3600
const day = 24 * hour
const policy: KeyPolicy = {
  algorithms: signingAlgorithms,
  rotateEverySeconds: 90 * day,
  publishAheadSeconds: day,
  keepRetiredSeconds: 30 * day,
}
const now = new Date('2026-11-22T12:00:00Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)

function key(id: string, changes: Partial<SigningKey> = {}): SigningKey {
  const sealed = Buffer.alloc(0)
  const times = { createdAt: ago(100 * day), activatedAt: undefined, retiredAt: undefined }
  return { id, algorithm: 'RS256', status: 'next', sealed, ...times, ...changes }
}
const active = (since: number, changes: Partial<SigningKey> = {}) =>
  key('a', { status: 'active', activatedAt: ago(since), ...changes })
const next = (since: number) => key('n', { createdAt: ago(since) })
const retired = (since: number) => key('r', { status: 'retired', activatedAt: ago(200 * day), retiredAt: ago(since) })

/** Those of RS256, as `id status`; what is to be made, as `+ status`. */
function outcome(keys: readonly SigningKey[], changes: Partial<KeyPolicy> = {}): string {
  const { remaining, missing } = dueKeys(keys, { ...policy, ...changes }, now)
  const made = missing.filter(({ algorithm }) => algorithm === 'RS256').map(({ status }) => `+ ${status}`)
  return [...remaining.map(({ id, status }) => `${id} ${status}`), ...made].join(', ')
}

describe('the lifecycle of a signing key', () => {
  it.each<[string, readonly SigningKey[], string, Partial<KeyPolicy>?]>([
    ['begins with one that signs and one that comes next', [], '+ active, + next'],
    ['gets a next key beside the one that signs', [active(day)], 'a active, + next'],
    ['stays as it is within its period', [active(89 * day), next(80 * day)], 'a active, n next'],
    [
      'is over after its period, and the next one signs',
      [active(90 * day), next(80 * day)],
      'a retired, n active, + next',
    ],
    ['waits for a next key that is not published long enough', [active(95 * day), next(day - 1)], 'a active, n next'],
    ['waits no longer than that', [active(95 * day), next(day)], 'a retired, n active, + next'],
    [
      'never is over by itself where rotation is off',
      [active(900 * day), next(899 * day)],
      'a active, n next',
      { rotateEverySeconds: undefined },
    ],
    ['is followed at once when it was taken out of use', [retired(0), next(1)], 'r retired, n active, + next'],
    ['is followed by one of the moment when there is no next', [retired(0)], 'r retired, + active, + next'],
    [
      'is published as long as what it signed may live',
      [active(day), next(day), retired(30 * day - 1)],
      'a active, n next, r retired',
    ],
    ['and then it is gone', [active(day), next(day), retired(30 * day)], 'a active, n next'],
  ])('%s', (_, keys, expected, changes) => {
    expect(outcome(keys, changes)).toBe(expected)
  })

  it('is separate for each algorithm', () => {
    const elliptic = { algorithm: 'ES256' } as const
    const keys = [
      active(90 * day),
      next(2 * day),
      key('e', { ...active(day), id: 'e', ...elliptic }),
      key('f', elliptic),
    ]
    const { remaining, missing } = dueKeys(keys, { ...policy, algorithms: ['RS256', 'ES256'] }, now)
    expect(remaining.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'a retired',
      'n active',
      'e active',
      'f next',
    ])
    expect(missing).toEqual([{ algorithm: 'RS256', status: 'next' }])
  })

  it('C3: retires a key with its algorithm and keeps it published', () => {
    const elliptic = { algorithm: 'ES256' } as const
    const keys = [active(day), next(day), key('e', { ...active(day), id: 'e', ...elliptic }), key('f', elliptic)]
    const without = { ...policy, algorithms: ['RS256'] as const }
    const { remaining, missing } = dueKeys(keys, without, now)
    expect(remaining.map(({ id, status }) => `${id} ${status}`)).toEqual(['a active', 'n next', 'e retired'])
    expect(missing).toEqual([])
    const inTheFuture = new Date(now.getTime() + policy.keepRetiredSeconds * 1000)
    expect(dueKeys(remaining, without, inTheFuture).remaining.map(({ id }) => id)).toEqual(['a', 'n'])
  })

  it('dates every change', () => {
    const [old, young] = activateNextKeys([active(day), next(day)], now)
    expect(old).toMatchObject({ status: 'retired', retiredAt: now, activatedAt: ago(day) })
    expect(young).toMatchObject({ status: 'active', activatedAt: now, retiredAt: undefined })
  })

  it('states when the next change is due', () => {
    const keys = [active(10 * day), next(10 * day), retired(10 * day)]
    const days = keys.map((each) => ((nextChangeAt(each, keys, policy)?.getTime() ?? 0) - now.getTime()) / day / 1000)
    expect(days).toEqual([80, 80, 20])
    const off = { ...policy, rotateEverySeconds: undefined }
    expect(keys.map((each) => nextChangeAt(each, keys, off) !== undefined)).toEqual([false, false, true])
  })
})
