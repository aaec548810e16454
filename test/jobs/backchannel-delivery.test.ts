/** Delivery of many logouts: order, failing apps, several workers and outages. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LogoutQueue } from '../../src/broker/ports/durable.ts'
import { type Backchannel, logout, logouts, openBackchannel, sids } from '../support/servers/backchannel.ts'

let backchannel: Backchannel
beforeEach(async () => {
  backchannel = await openBackchannel()
})
afterEach(() => backchannel.close())

describe('the delivery of back-channel logouts', () => {
  it('sends an app the logouts of 50 sessions one at a time, each once', async () => {
    const { countLeft, now, queue, receiver, startWorker } = backchannel
    await queue.add(logouts(50), now())
    const worker = startWorker()
    await expect.poll(() => receiver.tokens.length).toBe(50)
    await worker.stop()
    expect(new Set(sids(receiver)).size).toBe(50)
    expect(receiver.maxConcurrent()).toBe(1)
    expect(await countLeft()).toBe(0)
  })

  it('delivers to other apps while one does not respond, however many logouts it has', async () => {
    const { now, other, queue, receiver, startWorker } = backchannel
    receiver.behave('silent')
    await queue.add([...logouts(50), ...logouts(20, 'maps')], now())
    startWorker()
    await expect.poll(() => other.tokens.length).toBe(20)
    expect(receiver.tokens).toHaveLength(1)
  })

  it('calls a failing app once, not once per logout, and delivers all when it recovers', async () => {
    const { countLeft, now, passSeconds, problems, queue, receiver, startWorker } = backchannel
    receiver.behave(503)
    await queue.add(logouts(50), now())
    const ill = startWorker()
    await expect.poll(() => problems).toHaveLength(1)
    await ill.stop()
    expect(receiver.requests).toHaveLength(1)
    receiver.behave(200)
    passSeconds(5)
    const worker = startWorker()
    await expect.poll(() => new Set(sids(receiver)).size).toBe(50)
    await worker.stop()
    expect(await countLeft()).toBe(0)
  })

  it('delivers the other logouts of an app that refuses one', async () => {
    const { now, queue, receiver, startWorker } = backchannel
    receiver.behave(400)
    await queue.add(logouts(3), now())
    startWorker()
    await expect.poll(() => receiver.requests.length).toBe(3)
  })

  it('sends the logouts of a killed process again after their lease', async () => {
    const { now, passSeconds, queue, receiver, startWorker } = backchannel
    await queue.add([logout('s-1')], now())
    await queue.claim(now(), new Date(now().getTime() + 180_000), 10) // and dies
    const worker = startWorker()
    await worker.stop()
    expect(receiver.tokens).toEqual([])
    passSeconds(181)
    startWorker()
    await expect.poll(() => sids(receiver)).toEqual(['s-1'])
  })

  it('delivers each logout once with three processes on one queue', async () => {
    const { now, other, queue, receiver, startWorker, workers } = backchannel
    await queue.add([...logouts(30), ...logouts(30, 'maps')], now())
    for (let turn = 0; turn < 3; turn++) startWorker()
    await expect.poll(() => receiver.tokens.length + other.tokens.length).toBe(60)
    await Promise.all(workers.map((worker) => worker.stop()))
    expect([new Set(sids(receiver)).size, new Set(sids(other)).size]).toEqual([30, 30])
  })

  it('finishes running deliveries on stop and gives back the rest', async () => {
    const { now, queue, receiver, startWorker } = backchannel
    receiver.behave('silent')
    await queue.add(logouts(5), now())
    const worker = startWorker()
    await expect.poll(() => receiver.tokens.length).toBe(1)
    const stopped = worker.stop()
    receiver.behave(200)
    receiver.release()
    await stopped
    expect(receiver.tokens).toHaveLength(1)
    startWorker()
    await expect.poll(() => receiver.tokens.length).toBe(5)
    expect(new Set(sids(receiver)).size).toBe(5)
  })

  it('logs an outage of the store once and continues after it', async () => {
    const { now, problems, queue, receiver, startWorker } = backchannel
    let away = true
    let looks = 0
    const claim: LogoutQueue['claim'] = async (...asked) => {
      looks += 1
      if (away) throw new Error('no store')
      return queue.claim(...asked)
    }
    await queue.add([logout('s-1')], now())
    const worker = startWorker({ queue: { ...queue, claim } })
    await expect.poll(() => problems).toEqual(['the logout queue cannot be read; it is tried again'])
    worker.wake()
    await expect.poll(() => looks).toBe(2)
    away = false
    worker.wake()
    await expect.poll(() => sids(receiver)).toEqual(['s-1'])
    expect(problems).toHaveLength(1)
  })
})
