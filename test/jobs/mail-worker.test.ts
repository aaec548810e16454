import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Mail, Outbox } from '../../src/broker/ports/durable.ts'
import { mailSender, RecipientRefused } from '../../src/jobs/mail/sender.ts'
import { retryDelaySeconds, startMailWorker } from '../../src/jobs/mail-worker.ts'
import type { Delivery } from '../../src/jobs/queue-worker.ts'
import { type SmtpServer, startSmtpServer } from '../support/servers/smtp-server.ts'

const start = new Date('2026-11-22T12:00:00Z')
const mailTo = (to: string): Mail => ({ to, subject: 'Hello', text: 'Hello\n', html: '<p>Hello</p>' })

let now: Date
let server: SmtpServer
let workers: Delivery[]
let problems: string[]
beforeEach(async () => {
  now = start
  server = await startSmtpServer()
  workers = []
  problems = []
})
afterEach(async () => {
  await Promise.all(workers.map((mailWorker) => mailWorker.stop()))
  await server.close()
})

describe('the email worker', () => {
  it('sends queued emails at the start and added ones on wake', async () => {
    const { outbox, size } = openOutbox()
    await outbox.add([mailTo('ada@acme.test')], now)
    const mailWorker = hire(outbox)
    await expect.poll(() => server.received.length).toBe(1)
    await outbox.add([mailTo('bob@acme.test')], now)
    mailWorker.wake()
    await expect.poll(() => server.received.length).toBe(2)
    await expect.poll(size).toBe(0)
  })

  it('FT-27 keeps an email while the server is down and sends it after the retry delay', async () => {
    const { outbox, size } = openOutbox()
    server.behave('450 not now')
    const mailWorker = hire(outbox)
    await outbox.add([mailTo('ada@acme.test')], now)
    mailWorker.wake()
    await expect
      .poll(() => problems)
      .toEqual([expect.stringMatching(/^email \S+ was not sent \(attempt 1\); next try in 10 s$/)])
    server.behave('kind')
    inTheFuture(9)
    mailWorker.wake()
    await mailWorkerHasPolled(outbox, mailWorker)
    expect(size()).toBe(1)
    inTheFuture(1)
    mailWorker.wake()
    await expect.poll(size).toBe(0)
    expect(server.received).toHaveLength(1)
  })

  it('FT-27 delays no request while the server does not respond', async () => {
    const { outbox, size } = openOutbox()
    server.behave('silent')
    const mailWorker = hire(outbox, mailSender({ smtp: server.url, from: 'no-reply@acme.test', timeoutSeconds: 0.3 }))
    await outbox.add([mailTo('ada@acme.test')], now)
    mailWorker.wake()
    await expect.poll(() => server.connections()).toBe(1)
    expect(problems).toEqual([]) // the server has not responded yet
    await expect.poll(() => problems.length).toBe(1)
    expect(size()).toBe(1)
  })

  it('sends each email once with two workers on one outbox', async () => {
    const { outbox, size } = openOutbox()
    const recipients = Array.from({ length: 30 }, (_, index) => `person${index}@acme.test`)
    for (const recipient of recipients) await outbox.add([mailTo(recipient)], now)
    hire(outbox)
    hire(outbox)
    await expect.poll(size).toBe(0)
    expect(server.received.flatMap((mail) => mail.recipients).sort()).toEqual([...recipients].sort())
  })

  it('sends the emails of a killed worker again after their lease', async () => {
    const { outbox, size } = openOutbox()
    await outbox.add([mailTo('ada@acme.test')], now)
    await outbox.claim(now, new Date(now.getTime() + 180_000), 1) // and dies
    const mailWorker = hire(outbox)
    await mailWorkerHasPolled(outbox, mailWorker)
    expect(server.received).toHaveLength(0)
    inTheFuture(181)
    mailWorker.wake()
    await expect.poll(size).toBe(0)
    expect(server.received).toHaveLength(1)
  })

  it('does not send an email twice that it could not remove from the outbox', async () => {
    const { outbox, size } = openOutbox()
    let broken = true
    const sent = async (id: string) => {
      if (broken) throw new Error('the store does not answer')
      await outbox.sent(id)
    }
    await outbox.add([mailTo('ada@acme.test')], now)
    const mailWorker = hire({ ...outbox, sent })
    await expect
      .poll(() => problems)
      .toEqual([expect.stringMatching(/was sent, but could not be removed from the outbox/)])
    broken = false
    inTheFuture(181)
    mailWorker.wake()
    await expect.poll(size).toBe(0)
    expect(server.received).toHaveLength(1)
  })

  it('gives up at once on a permanently refused recipient, and after a day on any email', async () => {
    const { outbox, size } = openOutbox()
    let failure: Error = new RecipientRefused('no such user')
    const mailWorker = hire(outbox, async () => {
      throw failure
    })
    await outbox.add([mailTo('nobody@acme.test')], now)
    mailWorker.wake()
    await expect.poll(size).toBe(0)
    expect(problems).toEqual([expect.stringMatching(/\(attempt 1\) and is given up$/)])

    failure = new Error('server down')
    await outbox.add([mailTo('ada@acme.test')], now)
    while (size() > 0) {
      const stated = problems.length
      mailWorker.wake()
      await expect.poll(() => problems.length, { interval: 1 }).toBeGreaterThan(stated)
      inTheFuture(3600)
    }
    await expect.poll(() => problems.at(-1)).toMatch(/\(attempt 29\) and is given up$/)
  })

  it('continues after the outbox could not be read', async () => {
    const { outbox, size } = openOutbox()
    let broken = true
    await outbox.add([mailTo('ada@acme.test')], now)
    const mailWorker = hire({
      ...outbox,
      claim: async (...requested) => {
        if (broken) throw new Error('the store does not answer')
        return outbox.claim(...requested)
      },
    })
    await expect.poll(() => problems).toEqual(['the outbox cannot be read; it is tried again'])
    broken = false
    mailWorker.wake()
    await expect.poll(size).toBe(0)
  })

  it('finishes the current email on stop and claims no other', async () => {
    const { outbox, size } = openOutbox()
    const { promise: handedOver, resolve: handOver } = Promise.withResolvers<void>()
    let begun = 0
    const mailWorker = hire(outbox, async () => {
      begun += 1
      await handedOver
    })
    await outbox.add([mailTo('ada@acme.test')], now)
    mailWorker.wake()
    await expect.poll(() => begun).toBe(1)
    await outbox.add([mailTo('bob@acme.test')], now)
    const stopped = mailWorker.stop()
    handOver()
    await stopped
    mailWorker.wake()
    expect({ begun, left: size() }).toEqual({ begun: 1, left: 1 })
  })
  it('sends four at once, continues while one is slow, and never claims an email in flight', async () => {
    const { outbox, size } = openOutbox()
    const { promise: handedOver, resolve: handOver } = Promise.withResolvers<void>()
    const begun: string[] = []
    let maxConcurrent = 0
    let atOnce = 0
    for (const name of ['slow', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) await outbox.add([mailTo(`${name}@acme.test`)], now)
    const mailWorker = hire(outbox, async ({ to }) => {
      begun.push(to)
      atOnce += 1
      maxConcurrent = Math.max(maxConcurrent, atOnce)
      await (to === 'slow@acme.test' ? handedOver : new Promise(setImmediate))
      atOnce -= 1
    })
    await expect.poll(size).toBe(1)
    inTheFuture(181)
    mailWorker.wake()
    await outbox.add([mailTo('last@acme.test')], now)
    mailWorker.wake()
    await expect.poll(() => begun.at(-1)).toBe('last@acme.test')
    handOver()
    await expect.poll(size).toBe(0)
    expect([begun.length, new Set(begun).size, maxConcurrent]).toEqual([9, 9, 4])
    expect(problems).toEqual([])
  })

  it('gives back emails claimed during stop', async () => {
    const { outbox, size } = openOutbox()
    await outbox.add([mailTo('ada@acme.test')], now)
    await hire(outbox).stop()
    expect([server.received.length, size()]).toEqual([0, 1])
    hire(outbox)
    await expect.poll(size).toBe(0)
  })
})

it('retries with growing delays up to an hour and gives up after a day', () => {
  const delays = Array.from({ length: 40 }, (_, attempts) => retryDelaySeconds(attempts))
  expect(delays.slice(0, 8)).toEqual([10, 30, 90, 270, 810, 2430, 3600, 3600])
  expect(delays.indexOf(null)).toBe(28)
  expect(delays.slice(0, 28).reduce((sum: number, delay) => sum + (delay ?? 0), 0)).toBeLessThanOrEqual(24 * 3600)
})

function hire(
  outbox: Omit<Outbox, 'size'>,
  send = mailSender({ smtp: server.url, from: 'no-reply@acme.test' }),
): Delivery {
  const mailWorker = startMailWorker({
    outbox,
    send,
    now: () => now,
    onProblem: (sentence) => problems.push(sentence),
    everySeconds: 3600,
  })
  workers.push(mailWorker)
  return mailWorker
}

function inTheFuture(seconds: number): void {
  now = new Date(now.getTime() + seconds * 1000)
}

/**
 * Resolves once an email that was added last is delivered: the worker has seen all that was due
 * before.
 */
async function mailWorkerHasPolled(outbox: Omit<Outbox, 'size'>, mailWorker: Delivery): Promise<void> {
  await outbox.add([mailTo('marker@acme.test')], now)
  mailWorker.wake()
  await expect.poll(() => server.received.some((mail) => mail.recipients.includes('marker@acme.test'))).toBe(true)
  const marked = server.received.findIndex((mail) => mail.recipients.includes('marker@acme.test'))
  const list = server.received
  if (Array.isArray(list)) list.splice(marked, 1)
}

/** The outbox port over a Map. */
function openOutbox() {
  const rows = new Map<string, { content: Mail; attempts: number; dueAt: Date }>()
  let last = 0
  const outbox: Omit<Outbox, 'size'> = {
    async add([content], at) {
      last += 1
      rows.set(String(last), { content: content!, attempts: 0, dueAt: at })
    },
    async claim(at, leaseUntil, limit) {
      const due = [...rows].filter(([, row]) => row.dueAt.getTime() <= at.getTime()).slice(0, limit)
      for (const [id, row] of due) rows.set(id, { ...row, dueAt: leaseUntil })
      return due.map(([id, { content, attempts }]) => ({ id, content, attempts }))
    },
    async sent(id) {
      rows.delete(id)
    },
    async retry(id, at) {
      const row = rows.get(id)
      if (row !== undefined) rows.set(id, { ...row, attempts: row.attempts + 1, dueAt: at })
    },
  }
  return { outbox, size: () => rows.size }
}
