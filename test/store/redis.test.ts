import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { VolatileStore } from '../../src/broker/ports/volatile.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import { volatileStoreContract } from '../contract/store.ts'
import { freePort, startRedis, type TestServer } from '../support/servers/servers.ts'
import { sampleHealth, sampleProcess } from '../support/store/deployment-samples.ts'
import {
  expectUnavailable,
  keyRing,
  sampleEmail,
  sampleProfile,
  sampleSession,
  sampleTransaction,
} from '../support/store/samples.ts'

const now = () => new Date()
let server: TestServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

volatileStoreContract('Redis', async (options) => openRedis({ url: server.url, ...options }))

describe('Redis Cluster', () => {
  const nodes: TestServer[] = []
  beforeAll(async () => {
    const busPorts = [await freePort(), await freePort()]
    for (const busPort of busPorts) {
      const args = ['--cluster-enabled', 'yes', '--cluster-port', `${busPort}`]
      nodes.push(await startRedis({ args }))
    }
    await joinCluster(nodes, busPorts)
  })
  afterAll(async () => {
    for (const node of nodes) await node.stop()
  })

  // its nodes refuse every command and script whose keys are of two slots
  volatileStoreContract('Redis Cluster', async (options) =>
    openRedis({ url: `${nodes[0]?.url}/?cluster=true`, ...options }),
  )

  it('FT-01 fails with store_unavailable within a second when no node answers', async () => {
    const store = openRedis({ url: `redis://127.0.0.1:${await freePort()}/?cluster=true`, keyRing, now })
    await expectUnavailable(() => store.ping())
    await expectUnavailable(() => store.sessions.find('id'))
    await expectUnavailable(() => store.sessions.put(sampleSession()))
    await store.close()
  })
})

describe('Redis shards behind one address', () => {
  let node: TestServer
  beforeAll(async () => {
    const args = ['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`]
    node = await startRedis({ args })
    const raw = new Redis(node.url)
    await raw.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383)
    await vi.waitFor(async () => expect(await raw.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'), 15_000)
    raw.disconnect()
  })
  afterAll(() => node.stop())

  // it answers all commands itself, but refuses scripts whose keys are of two slots
  volatileStoreContract('a sharded Redis', async (options) => openRedis({ url: node.url, ...options }))
})

describe('what Redis holds', () => {
  let raw: Redis
  let store: VolatileStore
  beforeAll(() => {
    raw = new Redis(server.url)
    store = openRedis({ url: server.url, keyRing, now })
  })
  afterAll(async () => {
    raw.disconnect()
    await store.close()
  })

  it('LK-03 contains no tokens, states, codes, email addresses and profiles', async () => {
    const secrets = await fillWithSecrets(store)
    const dump = await everythingIn(raw)
    expect(dump.length).toBeGreaterThan(1000)
    for (const secret of secrets) expect(dump.includes(secret)).toBe(false)
  })

  it('FT-29 has an expiry for every key', async () => {
    await fillWithSecrets(store)
    for (const key of await raw.keys('*')) expect(await raw.ttl(key)).toBeGreaterThan(0)
  })

  it('FT-06 treats foreign values as absent', async () => {
    const [session, transaction, owner] = [sampleSession(), sampleTransaction(), sampleEmail()]
    const garbage = [
      (key: string) => raw.set(key, 'garbage', 'KEEPTTL'),
      (key: string) => raw.set(key, Buffer.alloc(600, 7), 'KEEPTTL'),
      (key: string) => raw.set(key, '', 'KEEPTTL'),
      (key: string) => raw.del(key).then(() => raw.lpush(key, 'x')),
    ]
    for (const spoil of garbage) {
      await raw.flushall()
      await store.sessions.put(session)
      await store.transactions.put(transaction, 60)
      await store.codes.put({ purpose: 'reset', owner, hash: 'hash', content: 'content', seconds: 60 })
      await store.browsers.put('id', 'content', 60)
      await store.artifacts.put({ model: 'AccessToken', id: 'id', content: {}, seconds: 60, grant: 'grant' })
      await store.sessionApps.put(session, 'app', { sid: 'sid', grantId: 'grant' })
      await store.processes.put(sampleProcess(), 60)
      await store.healthResults.put([sampleHealth()])
      for (const key of await raw.keys('*')) await spoil(key)
      expect(await store.sessions.find(session.id)).toBeNull()
      expect(await store.sessions.list('demo', session.userId)).toEqual([])
      expect(await store.sessions.deleteAll('demo', session.userId)).toBe(0)
      expect(await store.transactions.take(transaction.state)).toBeNull()
      expect(await store.codes.peek('reset', owner, 'hash')).toBeNull()
      expect(await store.codes.take('reset', owner, 'hash')).toBeNull()
      expect(await store.browsers.get('id')).toBeNull()
      expect(await store.artifacts.find('AccessToken', 'id')).toBeNull()
      expect(await store.artifacts.consume('AccessToken', 'id', now())).toBe(false)
      expect((await store.sessionApps.of(session.id)).size).toBe(0)
      expect(await store.sessionApps.grantsOf('demo', session.userId)).toEqual([])
      expect(await store.processes.all()).toEqual([])
      expect(await store.healthResults.all()).toEqual([])
    }
  })

  it('SE-05 rejects an artifact moved under another id, and an app entry moved to another session', async () => {
    await raw.flushall()
    await store.artifacts.put({ model: 'AccessToken', id: 'mine', content: {}, seconds: 60 })
    const [mine] = await raw.keys('gth:a:*')
    await store.artifacts.put({ model: 'AccessToken', id: 'other', content: {}, seconds: 60 })
    for (const key of await raw.keys('gth:a:*')) if (key !== mine) await raw.copy(mine!, key, 'REPLACE')
    expect(await store.artifacts.find('AccessToken', 'mine')).not.toBeNull()
    expect(await store.artifacts.find('AccessToken', 'other')).toBeNull()
    const [session, other] = [sampleSession(), sampleSession()]
    for (const each of [session, other]) await store.sessions.put(each)
    await store.sessionApps.put(session, 'app', { sid: 'sid', grantId: 'grant' })
    await raw.copy(`gth:p:${session.id}`, `gth:p:${other.id}`)
    expect((await store.sessionApps.of(other.id)).size).toBe(0)
  })

  it('deletes expired entries from the indexes of grants and users', async () => {
    await raw.flushall()
    let time = Date.now()
    const own = openRedis({ url: server.url, keyRing, now: () => new Date(time) })
    const session = sampleSession({ expiresAt: new Date(time + 60_000) })
    for (let turn = 0; turn < 15; turn += 1) {
      await own.artifacts.put({ model: 'AccessToken', id: `token ${turn}`, content: {}, seconds: 60, grant: 'grant' })
      await own.sessionApps.put(session, 'app', { sid: 'sid', grantId: `grant ${turn}` })
    }
    const [[grants], [user]] = await Promise.all([raw.keys('gth:g:*'), raw.keys('gth:y:*')])
    expect([await raw.zcard(grants!), await raw.hlen(user!)]).toEqual([15, 15])
    time += 3_600_000
    await own.artifacts.put({ model: 'AccessToken', id: 'newer token', content: {}, seconds: 60, grant: 'grant' })
    await own.sessionApps.put({ ...session, expiresAt: new Date(time + 60_000) }, 'app', {
      sid: 'sid',
      grantId: 'grant',
    })
    expect([await raw.zcard(grants!), await raw.hlen(user!)]).toEqual([1, 1])
    await own.close()
  })

  it('SE-05 rejects a successor record moved under another id', async () => {
    await raw.flushall()
    const [from, to] = [sampleSession(), sampleSession()]
    for (const each of [from, { ...to, userId: from.userId }]) await store.sessions.put(each)
    await store.sessionApps.put(from, 'app', { sid: 'sid', grantId: 'grant' })
    await store.sessionApps.carryOver(from, { ...to, userId: from.userId })
    await raw.copy(`gth:f:${from.id}`, 'gth:f:another')
    expect(await store.sessionApps.successorOf(from.id)).toBe(to.id)
    expect(await store.sessionApps.successorOf('another')).toBeNull()
  })

  it('stores nothing for a new sign-in without apps', async () => {
    await raw.flushall()
    const from = sampleSession()
    const to = sampleSession({ userId: from.userId })
    for (const each of [from, to]) await store.sessions.put(each)
    const before = await raw.keys('*')
    await store.sessionApps.carryOver(from, to)
    expect((await raw.keys('*')).toSorted()).toEqual(before.toSorted())
  })

  it('SE-05 rejects a session record moved under another id', async () => {
    const [mine, other] = [sampleSession(), sampleSession()]
    await store.sessions.put(mine)
    await store.sessions.put(other)
    const [key] = await raw.keys(`*${mine.id}`)
    const [otherKey] = await raw.keys(`*${other.id}`)
    await raw.copy(otherKey!, key!, 'REPLACE')
    expect(await store.sessions.find(mine.id)).toBeNull()
  })

  it('FT-08 is empty after FLUSHALL, and new sessions work', async () => {
    const session = sampleSession()
    await store.sessions.put(session)
    await raw.flushall()
    await raw.script('FLUSH')
    expect(await store.sessions.find(session.id)).toBeNull()
    expect(await store.sessions.delete(session)).toBe(false)
    expect(await store.sessions.put(session)).toBe(true)
    expect(await store.sessions.list('demo', session.userId)).toEqual([session])
  })
})

/** Two primaries, half of the slots each. */
async function joinCluster(nodes: readonly TestServer[], busPorts: readonly number[]): Promise<void> {
  const [one, other] = nodes.map(({ url }) => new Redis(url))
  await one!.call('CLUSTER', 'ADDSLOTSRANGE', 0, 8191)
  await other!.call('CLUSTER', 'ADDSLOTSRANGE', 8192, 16383)
  await other!.call('CLUSTER', 'SET-CONFIG-EPOCH', 2)
  await one!.call('CLUSTER', 'MEET', '127.0.0.1', nodes[1]!.port, busPorts[1]!)
  for (const each of [one!, other!]) {
    await vi.waitFor(async () => expect(await each.call('CLUSTER', 'INFO')).toContain('cluster_slots_ok:16384'), 15_000)
    await vi.waitFor(async () => expect(await each.call('CLUSTER', 'INFO')).toContain('cluster_state:ok'), 15_000)
    each.disconnect()
  }
}

/** Stores one of everything; what of it must not be readable. */
async function fillWithSecrets(store: VolatileStore): Promise<readonly string[]> {
  const [session, transaction, owner] = [sampleSession(), sampleTransaction(), sampleEmail()]
  await store.sessions.put(session, { names: ['upstream-subject'], memo: { idToken: 'memo-id-token' } })
  await store.transactions.put(transaction, 60)
  await store.codes.put({
    purpose: 'sign-up',
    owner,
    hash: 'hash of a code',
    content: { newEmail: 'content@example.test' },
    seconds: 60,
  })
  await store.counters.hit(`login ${owner}`, 60)
  await store.browsers.put('browser-id', '{"csrf":"browser content"}', 60)
  await store.artifacts.put({
    model: 'RefreshToken',
    id: 'token-value',
    content: { email: 'canary-content' },
    seconds: 60,
    grant: 'canary-grant',
  })
  await store.sessionApps.put(session, 'canary-app', { sid: 'canary-sid', grantId: 'canary-grant' })
  const next = sampleSession({ userId: session.userId })
  await store.sessions.put(next)
  await store.sessionApps.carryOver(session, next)
  const { name, givenName, pictureUrl } = sampleProfile
  const ofProfile = [name, givenName, pictureUrl, sampleProfile.email?.address].map(String)
  return [
    ...ofProfile,
    transaction.state,
    'memo-verifier',
    'upstream-subject',
    'memo-id-token',
    owner,
    'content@example.test',
    'browser-id',
    'browser content',
    'token-value',
    'canary-content',
    'canary-grant',
    'canary-app',
    'canary-sid',
  ]
}

async function everythingIn(raw: Redis): Promise<string> {
  const all = await Promise.all(
    (await raw.keys('*')).map(async (key) => {
      const type = await raw.type(key)
      if (type === 'hash') return `${key}${Object.entries(await raw.hgetall(key)).join()}`
      if (type === 'zset') return `${key}${(await raw.zrange(key, '0', '-1')).join()}`
      return `${key}${await raw.get(key)}`
    }),
  )
  return all.join('\n')
}
