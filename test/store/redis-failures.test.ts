import { afterEach, describe, expect, it, vi } from 'vitest'
import { openRedis } from '../../src/store/redis/redis.ts'
import { freePort, startRedis } from '../support/servers/servers.ts'
import { expectUnavailable, keyRing, sampleSession } from '../support/store/samples.ts'
import { waitOptions } from '../support/wait-options.ts'

const now = () => new Date()

describe('when Redis fails', () => {
  const opened: { close(): Promise<void> }[] = []
  const open = (url: string, errors: Error[] = []) => {
    const store = openRedis({ url, keyRing, now, onUnavailable: (error) => errors.push(error) })
    opened.push(store)
    return store
  }
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close()
  })

  it('FT-01 fails with store_unavailable within a second when nothing listens, and reports the cause', async () => {
    const errors: Error[] = []
    const store = open(`redis://127.0.0.1:${await freePort()}`, errors)
    await expectUnavailable(() => store.ping())
    await expectUnavailable(() => store.sessions.put(sampleSession()))
    await expectUnavailable(() => store.sessions.find('id'))
    await expectUnavailable(() => store.transactions.take('state'))
    expect(errors[0]?.message).toContain('Redis does not listen at 127.0.0.1:')
  })

  it('FT-05 works again after a crash of Redis, without data', async () => {
    const crashing = await startRedis()
    const store = open(crashing.url)
    const session = sampleSession()
    await store.sessions.put(session)
    await crashing.kill()
    await expectUnavailable(() => store.sessions.find(session.id))
    await expectUnavailable(() => store.counters.hit('key', 60))
    await crashing.restart()
    await vi.waitFor(() => store.ping(), waitOptions)
    expect(await store.sessions.find(session.id)).toBeNull()
    expect(await store.sessions.put(session)).toBe(true)
    await crashing.stop()
  })

  it('FT-04 does not hang while Redis is silent, and works again afterwards', async () => {
    const silent = await startRedis()
    const store = open(silent.url)
    const session = sampleSession()
    await store.sessions.put(session)
    silent.pause()
    await expectUnavailable(() => store.ping())
    await expectUnavailable(() => store.sessions.put(sampleSession()))
    await expectUnavailable(() => store.sessions.list('demo', session.userId))
    await expectUnavailable(() => store.codes.take('reset', 'owner', 'hash'))
    silent.resume()
    await vi.waitFor(() => store.ping(), waitOptions)
    expect(await store.sessions.find(session.id)).toEqual(session)
    await silent.stop()
  })

  it('FT-08 fails with store_unavailable when Redis has no memory left', async () => {
    const full = await startRedis({ args: ['--maxmemory', '1'] })
    await expectUnavailable(() => open(full.url).sessions.put(sampleSession()))
    await full.stop()
  })
})
