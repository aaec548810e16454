/** Redis URLs of operators and the messages of failing connections, from bug reports. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openRedis } from '../../../src/store/redis/redis.ts'
import { certificate } from '../../support/servers/postgres.ts'
import { freePort, startRedis, type TestServer } from '../../support/servers/servers.ts'
import { keyRing, sampleSession } from '../../support/store/samples.ts'
import { waitOptions } from '../../support/wait-options.ts'

const now = () => new Date()

let redis: TestServer
let locked: TestServer
let socket = ''
beforeAll(async () => {
  const sockets = mkdtempSync(join(tmpdir(), 'gatehouse-redis-socket-'))
  ;[redis, locked] = await Promise.all([
    startRedis({ args: ['--unixsocket', join(sockets, 'redis.sock'), '--databases', '4'] }),
    startRedis(),
  ])
  socket = join(sockets, 'redis.sock')
  const admin = new Redis(locked.url)
  await admin.call('ACL', 'SETUSER', 'app', 'on', '>right', '~gth:*', '+@all')
  await admin.call('ACL', 'SETUSER', 'reader', 'on', '>right', '~gth:*', '+@all', '-@write')
  await admin.call('ACL', 'SETUSER', 'plain', 'on', '>right', '~gth:*', '+@all', '-@scripting')
  await admin.call('ACL', 'SETUSER', 'default', 'off')
  admin.disconnect()
})
afterAll(async () => {
  await Promise.all([redis.stop(), locked.stop()])
})

/** The message of the failure, or `works`. */
async function redisSays(url: string): Promise<string> {
  const store = openRedis({ url, keyRing, now })
  try {
    await store.ping()
    return 'works'
  } catch (error) {
    expect(error).toMatchObject({ code: 'store_unavailable' })
    return error instanceof Error ? error.message : String(error)
  } finally {
    await store.close()
  }
}

interface RedisRow {
  readonly id: string
  readonly name: string
  readonly input: () => string
  readonly expected: string
}

const redisUser = (user: string) => () => locked.url.replace('//', `//${user}@`)

const redisRows: readonly RedisRow[] = [
  { id: 'B10-7', name: 'a Unix socket', input: () => `unix://${socket}?db=1`, expected: 'works' },
  { id: 'B10-8', name: 'a Unix socket as redis+unix', input: () => `redis+unix://${socket}`, expected: 'works' },
  { id: 'B10-9', name: 'user name and password', input: redisUser('app:right'), expected: 'works' },
  {
    id: 'B10-10',
    name: 'user name and password as parameters',
    input: () => `${locked.url}/0?username=app&password=right`,
    expected: 'works',
  },
  { id: 'B10-11', name: 'the database as ?db=', input: () => `${redis.url}?db=3`, expected: 'works' },
  {
    id: 'redis-db-number',
    name: 'a database that does not exist',
    input: () => `${redis.url}/20`,
    expected: 'Redis has no database 20',
  },
  { id: 'B12-1', name: 'the same by ?db=', input: () => `${redis.url}?db=4`, expected: 'Redis has no database 4' },
  {
    id: 'B12-2',
    name: 'the same at a socket',
    input: () => `unix://${socket}?db=4`,
    expected: 'Redis has no database 4',
  },
  {
    id: 'B12-3',
    name: 'no password where one is needed',
    input: () => locked.url,
    expected: 'Redis asks for a password',
  },
  {
    id: 'B12-4',
    name: 'a wrong password',
    input: redisUser('app:wrong'),
    expected: 'Redis refused the user name or password',
  },
  {
    id: 'B12-5',
    name: 'a user who may not write',
    input: redisUser('reader:right'),
    expected: 'the Redis user lacks a permission',
  },
  {
    id: 'B12-7',
    name: 'a user who may run no scripts',
    input: redisUser('plain:right'),
    expected: 'the Redis user lacks a permission',
  },
  {
    id: 'B12-6',
    name: 'TLS where there is none',
    input: () => redis.url.replace('redis:', 'rediss:'),
    expected: 'whether it expects TLS (rediss://) or not',
  },
  {
    id: 'B11-10',
    name: 'nothing listens',
    input: () => 'redis://127.0.0.1:1',
    expected: 'Redis does not listen at 127.0.0.1:1',
  },
  {
    id: 'B11-11',
    name: 'an unknown host',
    input: () => 'redis://no-such-host.invalid',
    expected: 'the host of Redis cannot be resolved',
  },
  {
    id: 'B11-12',
    name: 'no socket',
    input: () => 'unix:///no/such.sock',
    expected: 'Redis has no socket at /no/such.sock',
  },
  { id: 'B11-13', name: 'a cluster that is none', input: () => `${redis.url}?cluster=true`, expected: 'Redis' },
]

describe('Redis', () => {
  it.each(redisRows)('B10 B11 B12 $id: $name', async ({ input, expected }) => {
    await vi.waitFor(async () => expect(await redisSays(input())).toContain(expected), waitOptions)
  })

  it('B12 redis-db-number: writes nothing to another database', async () => {
    const store = openRedis({ url: `${redis.url}/20`, keyRing, now })
    for (let turn = 0; turn < 3; turn += 1)
      await expect(store.sessions.put(sampleSession())).rejects.toThrow('Redis has no database 20')
    await store.close()
    const raw = new Redis(redis.url)
    expect(await raw.keys('gth:s:*')).toEqual([])
    raw.disconnect()
  })

  it('B12: reconnects to a database that was down', async () => {
    const own = await startRedis({ args: ['--databases', '8'] })
    const store = openRedis({ url: `${own.url}/6`, keyRing, now })
    const session = sampleSession()
    await vi.waitFor(() => store.sessions.put(session), waitOptions)
    await own.restart()
    await vi.waitFor(() => store.sessions.put(session), waitOptions)
    const raw = new Redis(own.url)
    expect(await raw.dbsize()).toBe(0)
    raw.disconnect()
    await store.close()
    await own.stop()
  })

  it('B12: a replica, a full memory and a failing disk answer PING and are not ready', async () => {
    const own = await startRedis({ args: ['--databases', '8'] })
    const raw = new Redis(own.url)
    const says = async (expected: string) =>
      vi.waitFor(async () => expect(await redisSays(own.url)).toContain(expected), waitOptions)
    await raw.call('REPLICAOF', '127.0.0.1', String(redis.port))
    await says('read-only replica')
    await raw.call('REPLICAOF', 'NO', 'ONE')
    await raw.call('CONFIG', 'SET', 'maxmemory', '1')
    await says('out of memory')
    await raw.call('CONFIG', 'SET', 'maxmemory', '0')
    await says('works')
    raw.disconnect()
    await own.stop()
  })

  it('B12: plain instead of TLS, and TLS with an unknown CA, report the cause', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-redis-tls-'))
    const [cert, key] = certificate(folder, 'redis')
    const port = await freePort()
    const files = [
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-ca-cert-file',
      cert,
      '--tls-auth-clients',
      'no',
    ]
    const own = await startRedis({ args: ['--tls-port', String(port), ...files] })
    await vi.waitFor(
      async () => expect(await redisSays(`rediss://localhost:${port}`)).toContain('is not trusted'),
      10_000,
    )
    await vi.waitFor(
      async () => expect(await redisSays(`redis://localhost:${port}`)).toMatch(/expect.* TLS/),
      waitOptions,
    )
    await own.stop()
  })
})
