import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionOrigin, VolatileStore } from '../../src/broker/ports/volatile.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import { startRedis, type TestServer } from '../support/servers/servers.ts'
import { keyRing, sampleSession } from '../support/store/samples.ts'

const now = () => new Date()

describe('the memory of Redis', () => {
  let server: TestServer
  let raw: Redis
  let store: VolatileStore
  beforeAll(async () => {
    server = await startRedis()
    raw = new Redis(server.url)
    store = openRedis({ url: server.url, keyRing, now })
  })
  afterAll(async () => {
    raw.disconnect()
    await store.close()
    await server.stop()
  })

  it('is at most 900 bytes for a session with a profile of 400 bytes, including index and overhead', async () => {
    expect(JSON.stringify(profileOf400Bytes)).toHaveLength(400)
    await raw.flushall()
    const before = await memoryOf(raw)
    const sessions = Array.from({ length: 20_000 }, () => sampleSession({ profile: profileOf400Bytes, amr: ['pwd'] }))
    for (let first = 0; first < sessions.length; first += 25) {
      await Promise.all(sessions.slice(first, first + 25).map((session) => store.sessions.put(session)))
    }
    const bytes = ((await memoryOf(raw)) - before) / sessions.length
    expect(await raw.dbsize()).toBe(40_000)
    expect(bytes).toBeLessThanOrEqual(900)
    await raw.flushall()
  })
})

describe('sessions that an upstream can end, in Redis', () => {
  it('cost at most 900 bytes more each', async () => {
    const server = await startRedis()
    const raw = new Redis(server.url)
    const store = openRedis({ url: server.url, keyRing, now })
    const cost = async (origin?: SessionOrigin) => {
      const before = await memoryOf(raw)
      const sessions = Array.from({ length: 5000 }, () => sampleSession({ profile: profileOf400Bytes }))
      for (let first = 0; first < sessions.length; first += 25)
        await Promise.all(
          sessions.slice(first, first + 25).map((session) => {
            const names = origin?.names.map((name) => name + session.id)
            return store.sessions.put(session, names && { names, memo: undefined })
          }),
        )
      return ((await memoryOf(raw)) - before) / sessions.length
    }
    const bare = await cost()
    const issuer = 'https://acme.okta.com/oauth2/default'
    const names = ['sid', 'subject'].map((kind) => JSON.stringify([kind, issuer, '']))
    expect((await cost({ names, memo: undefined })) - bare).toBeLessThanOrEqual(900)
    raw.disconnect()
    await store.close()
    await server.stop()
  })
})

async function memoryOf(raw: Redis): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await raw.info('memory'))?.[1])
}

const profileOf400Bytes = {
  email: { address: 'maximiliane.musterfrau@customer.example.com', verified: true },
  name: 'Maximiliane Charlotte Musterfrau',
  givenName: 'Maximiliane Charlotte',
  familyName: 'Musterfrau',
  pictureUrl: 'https://pictures.example.com/people/00u1a2b3c4d5e6f7g8h9/photo.png',
  locale: 'de-DE',
  zoneinfo: 'Europe/Berlin',
  groups: ['everyone', 'engineering', 'berlin', 'identity platform', 'on call (second) 24'],
}
