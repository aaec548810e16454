/** Whether a session is the new sign-in that an app requests. */
import { describe, expect, it } from 'vitest'
import {
  evaluateSignIn,
  isNewSince,
  maxAuthAgeSeconds,
  type PendingSignIn,
} from '../../../src/web/consent/reauthentication.ts'
import { sampleSession } from '../../support/store/samples.ts'

const startedAt = new Date('2026-01-15T12:00:00Z')
const second = (seconds: number) => new Date(startedAt.getTime() + seconds * 1000)
const pending = (parameters: object, details: object = {}): PendingSignIn => ({
  startedAt,
  parameters: { ...parameters },
  details: { ...details },
})

describe('maxAuthAgeSeconds', () => {
  it.each([
    [{}, Number.POSITIVE_INFINITY],
    [{ max_age: '' }, Number.POSITIVE_INFINITY],
    [{ max_age: '60' }, 60],
    [{ max_age: 60 }, 60],
    [{ max_age: '0' }, 0],
    [{ prompt: 'login' }, 0],
    [{ prompt: 'consent login', max_age: '60' }, 0],
    [{ prompt: 'consent' }, Number.POSITIVE_INFINITY],
  ])('%o: %d s', (parameters, seconds) => {
    expect(maxAuthAgeSeconds({ parameters })).toBe(seconds)
  })
})

describe('OP-30 a sign-in', () => {
  it.each([
    ['of just now, prompt=login', { prompt: 'login' }, 0, undefined, true],
    ['of a clock that is a little behind, prompt=login', { prompt: 'login' }, -5, undefined, true],
    ['of before, prompt=login', { prompt: 'login' }, -6, undefined, false],
    ['of before, within max_age', { max_age: '60' }, -60, undefined, true],
    ['of before, past max_age', { max_age: '60' }, -66, undefined, false],
    ['of before, where the app says nothing of age', {}, -86_400, undefined, true],
    ['of a time not told, where the app says nothing of age', {}, 0, 'unasked', true],
    ['of a time not told nor asked for, prompt=login', { prompt: 'login' }, 30, 'unasked', false],
    ['of a time not told nor asked for, max_age', { max_age: '86400' }, 30, 'unasked', false],
    ['of a time not told but asked for, prompt=login', { prompt: 'login' }, 30, 'asked', false],
    ['of a time not told but asked for, max_age', { max_age: '86400' }, 30, 'asked', false],
  ] as const)('%s', (_, parameters, seconds, unprovenSignIn, fresh) => {
    const session = sampleSession({ authenticatedAt: second(seconds), ...(unprovenSignIn && { unprovenSignIn }) })
    const once = unprovenSignIn ? { error: 'login_required' } : { stale: session.id }
    expect(evaluateSignIn(pending(parameters), session)).toMatchObject(fresh ? { freshLogin: session.id } : once)
    const next = evaluateSignIn(pending(parameters, { stale: 'another session' }), session)
    expect(next).toMatchObject(fresh ? { freshLogin: session.id } : { error: 'login_required' })
  })

  it('X1: is not asked for twice at an upstream that tells no time', () => {
    const session = sampleSession({ authenticatedAt: second(30), unprovenSignIn: 'asked' })
    expect(evaluateSignIn(pending({ prompt: 'login' }), session)).toMatchObject({ error: 'login_required' })
  })

  it.each([
    [undefined, 'did not ask again: it says the user signed in at 2026-01-15T11:00:00.000Z'],
    ['unasked', 'does not say when the user signed in'],
    ['asked', 'does not say when the user signed in'],
  ] as const)('that is insufficient says why (%s)', (unprovenSignIn, words) => {
    const session = sampleSession({ authenticatedAt: second(-3600), ...(unprovenSignIn && { unprovenSignIn }) })
    const stated = evaluateSignIn(pending({ prompt: 'login' }, { stale: 'another' }), session)
    expect(stated).toMatchObject({ error_description: expect.stringContaining(words) })
  })
})

describe('a new session', () => {
  it.each([
    [0, 'before', true],
    [-5, 'before', true],
    [-6, 'before', false],
    [60, 'this', false],
  ])('is one of %d s after the request that is not %s', (seconds, seen, isNew) => {
    const session = sampleSession({ createdAt: second(seconds) })
    const details = { session: seen === 'this' ? session.id : 'another' }
    expect(isNewSince(pending({}, details), session)).toBe(isNew)
  })
})
