import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { remindTokenOwners } from '../../../src/broker/tokens/notify-token-owner.ts'
import { openBroker } from '../../support/gatehouse/broker.ts'
import { sampleApiToken, sampleIdentity, sampleUser } from '../../support/store/samples.ts'

const day = 86_400

describe('reminders about API tokens', () => {
  it('are emailed 30, 7 and 1 days before expiry and when a token is old, each once by one of two processes', async () => {
    const broker = await openBroker()
    const user = sampleUser({ tenant: 'acme' })
    await broker.parts.users.create(user, sampleIdentity())
    const createdAt = broker.parts.now()
    const expiresAt = new Date(createdAt.getTime() + 100 * day * 1000)
    await broker.parts.apiTokens.create(user, sampleApiToken(user, { id: randomUUID(), createdAt, expiresAt }), 5)
    const run = async () => {
      const sent = () => remindTokenOwners(broker.parts, 'acme', 90 * day)
      const counts = await Promise.all([sent(), sent()])
      return counts.reduce((sum, count) => sum + count)
    }
    expect(await run()).toBe(0)
    for (const [days, expected] of [
      [69, 0],
      [1, 1], // 30 days left
      [20, 0],
      [3, 2], // 7 days left, and older than 90 days
      [6, 1], // 1 day left
      [0.5, 0],
    ] as const) {
      broker.pass(days * day)
      expect([days, await run(), await run()]).toEqual([days, expected, 0])
    }
    expect(broker.mails.filter(({ kind }) => kind === 'apiToken')).toHaveLength(4)
  })

  it('stay due while the email cannot be queued or the user is blocked', async () => {
    const broker = await openBroker()
    const { apiTokens, mailer, users, now } = broker.parts
    const user = sampleUser({ tenant: 'acme' })
    await users.create(user, sampleIdentity())
    const expiresAt = new Date(now().getTime() + 100 * day * 1000)
    await apiTokens.create(user, sampleApiToken(user, { createdAt: now(), expiresAt }), 5)
    broker.pass(99.5 * day)
    const remindBy = (apiToken: typeof mailer.apiToken) =>
      remindTokenOwners({ ...broker.parts, mailer: { ...mailer, apiToken } }, 'acme', 90 * day)
    expect(await remindBy(() => Promise.reject(new Error('the store is down')))).toBe(0)
    expect(await remindBy(async () => false)).toBe(0) // no mail server
    await users.setStatus('acme', user.id, 'blocked')
    expect(await remindBy(mailer.apiToken)).toBe(0)
    await users.setStatus('acme', user.id, 'active')
    expect(await remindBy(mailer.apiToken)).toBe(2) // expires, and old
    expect(await remindBy(mailer.apiToken)).toBe(0)
  })

  it('count once for a token whose earlier reminder is overdue', async () => {
    const broker = await openBroker()
    const user = sampleUser({ tenant: 'acme' })
    await broker.parts.users.create(user, sampleIdentity())
    const createdAt = broker.parts.now()
    const expiresAt = new Date(createdAt.getTime() + 100 * day * 1000)
    await broker.parts.apiTokens.create(user, sampleApiToken(user, { createdAt, expiresAt }), 5)
    broker.pass(99.5 * day)
    expect(await remindTokenOwners(broker.parts, 'acme', 365 * day)).toBe(1)
    expect(await remindTokenOwners(broker.parts, 'acme', 365 * day)).toBe(0)
  })
})
