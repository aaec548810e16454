import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { endAllOtherSessions, endSessionById } from '../../../src/broker/session/end-session.ts'
import type { Session } from '../../../src/broker/session/session.ts'
import { openBroker } from '../../support/gatehouse/broker.ts'
import { sampleSession } from '../../support/store/samples.ts'

const { parts } = await openBroker()

async function open(changes: Partial<Session> = {}): Promise<Session> {
  const expiresAt = new Date(parts.now().getTime() + 86_400_000)
  const session = sampleSession({ lastSeenAt: parts.now(), createdAt: parts.now(), expiresAt, ...changes })
  await parts.sessions.put(session)
  return session
}

const isOpen = async ({ id }: Session) => (await parts.sessions.find(id)) !== null

describe('ending a session', () => {
  it('ends own sessions, the current one or another, once', async () => {
    const mine = await open()
    const other = await open({ userId: mine.userId })
    expect(await endSessionById(parts, mine, other.id)).toBe(true)
    expect(await endSessionById(parts, mine, other.id)).toBe(false)
    expect(await isOpen(mine)).toBe(true)
    expect(await endSessionById(parts, mine, mine.id)).toBe(true)
    expect(await endSessionById(parts, mine, mine.id)).toBe(false)
    expect(await parts.audit.recent({ tenant: 'demo', limit: 2 })).toMatchObject([
      { action: 'session.ended', actor: mine.userId, target: mine.userId, details: { session: mine.id, by: mine.id } },
      { action: 'session.ended', actor: mine.userId, target: mine.userId, details: { session: other.id, by: mine.id } },
    ])
  })

  it.each([
    ['of another user', {}],
    ['of another user of the same name in another tenant', { tenant: 'other', userId: 'same' }],
  ])('SE-09 never ends one %s, and reports it as unknown', async (_, changes) => {
    const [mine, theirs] = [await open({ userId: 'same' }), await open({ userId: randomUUID(), ...changes })]
    expect(await endSessionById(parts, mine, theirs.id)).toBe(false)
    expect(await endSessionById(parts, mine, 'never was')).toBe(false)
    expect(await isOpen(theirs)).toBe(true)
  })

  it('is done by one of 50 simultaneous requests', async () => {
    const mine = await open()
    const ended = await Promise.all(Array.from({ length: 50 }, () => endSessionById(parts, mine, mine.id)))
    expect(ended.filter(Boolean)).toHaveLength(1)
  })

  it('SE-10 ends all other sessions of the same user only, and returns their number', async () => {
    const mine = await open()
    const others = [await open({ userId: mine.userId }), await open({ userId: mine.userId })]
    const theirs = [await open(), await open({ userId: mine.userId, tenant: 'other' })]
    expect(await endAllOtherSessions(parts, mine)).toBe(2)
    expect(await endAllOtherSessions(parts, mine)).toBe(0)
    expect(await Promise.all(others.map(isOpen))).toEqual([false, false])
    expect(await Promise.all([mine, ...theirs].map(isOpen))).toEqual([true, true, true])
  })
})
