/** Ways in which operators connect to their stores, and what goes wrong with them: from bug reports of other products. */
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { migratePostgres, openPostgres } from '../../src/store/postgres/postgres.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import { migrations } from '../../src/store/sql/migrations/migrations.ts'
import { typed } from '../support/gatehouse/command-line.ts'
import { writeFolder } from '../support/gatehouse/config-folder.ts'
import {
  certificate,
  type OperatedPostgres,
  operatedPostgres,
  type PgBouncer,
  startPgBouncer,
} from '../support/servers/postgres.ts'
import { freePort, startRedis, type TestServer } from '../support/servers/servers.ts'
import { keyRing, sampleIdentity, sampleSession, sampleUser } from '../support/store/samples.ts'

const now = () => new Date()

let postgres: OperatedPostgres
let pgbouncer: PgBouncer
let redis: TestServer
let locked: TestServer
beforeAll(async () => {
  const sockets = mkdtempSync(join(tmpdir(), 'gatehouse-redis-socket-'))
  ;[postgres, redis, locked] = await Promise.all([
    operatedPostgres(),
    startRedis({ args: ['--unixsocket', join(sockets, 'redis.sock'), '--databases', '4'] }),
    startRedis(),
  ])
  socket = join(sockets, 'redis.sock')
  pgbouncer = await startPgBouncer(postgres.server.port)
  const admin = new Redis(locked.url)
  await admin.call('ACL', 'SETUSER', 'app', 'on', '>right', '~gth:*', '+@all')
  await admin.call('ACL', 'SETUSER', 'reader', 'on', '>right', '~gth:*', '+@all', '-@write')
  await admin.call('ACL', 'SETUSER', 'plain', 'on', '>right', '~gth:*', '+@all', '-@scripting')
  await admin.call('ACL', 'SETUSER', 'default', 'off')
  admin.disconnect()
})
let socket = ''
afterAll(async () => {
  await pgbouncer.stop()
  await Promise.all([postgres.stop(), redis.stop(), locked.stop()])
})

/** The message of the failure, or `works`. */
async function postgresSays(url: string): Promise<string> {
  const store = openPostgres({ url, keyRing, now })
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

interface Row {
  readonly id: string
  readonly name: string
  readonly input: () => string
  readonly expected: string
}

const at = (rest: string) => () => `postgres://${rest}`.replace('PORT', String(postgres.server.port))
const sockets = () => encodeURIComponent(postgres.sockets)

const postgresTransports: readonly Row[] = [
  {
    id: 'pg-socket-url',
    name: 'libpq: ?host= is a socket',
    input: () => `postgresql:///owned?host=${postgres.sockets}&port=${postgres.server.port}&user=app`,
    expected: 'works',
  },
  {
    id: 'pg-socket-url',
    name: 'Cloud SQL: user and no host',
    input: () => `postgresql://app:pw@/owned?host=${postgres.sockets}&port=${postgres.server.port}`,
    expected: 'works',
  },
  {
    id: 'B10-1',
    name: 'libpq: the socket as a percent-encoded host',
    input: () => `postgresql://app@${sockets()}:${postgres.server.port}/owned`,
    expected: 'works',
  },
  {
    id: 'B10-2',
    name: 'host and ?host=, of which the second counts',
    input: () => `postgres://app@localhost/owned?host=${postgres.sockets}&port=${postgres.server.port}`,
    expected: 'works',
  },
  {
    id: 'B10-3',
    name: 'application_name, options and connect_timeout',
    input: at('app@127.0.0.1:PORT/owned?application_name=sso&options=-c%20search_path%3Dpublic&connect_timeout=10'),
    expected: 'works',
  },
  {
    id: 'B10-4',
    name: 'a password with percent-encoded characters',
    input: at('locked:right@127.0.0.1:PORT/owned'),
    expected: 'works',
  },
  {
    id: 'B10-5',
    name: 'no database: that of the user’s name',
    input: at('postgres@127.0.0.1:PORT'),
    expected: 'works',
  },
  {
    id: 'B10-6',
    name: 'Neon: channel_binding=require and sslmode=require',
    input: at('locked:right@localhost:PORT/owned?sslmode=require&channel_binding=require'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=prefer with TLS',
    input: at('tlsonly@localhost:PORT/owned?sslmode=prefer'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=allow, and the server wants TLS',
    input: at('tlsonly@localhost:PORT/owned?sslmode=allow'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=require takes any certificate',
    input: at('tlsonly@127.0.0.1:PORT/owned?sslmode=require'),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-ca with the CA, whatever the host',
    input: () => at(`tlsonly@127.0.0.1:PORT/owned?sslmode=verify-ca&sslrootcert=${postgres.ca}`)(),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-full with the CA and the host',
    input: () => at(`tlsonly@localhost:PORT/owned?sslmode=verify-full&sslrootcert=${postgres.ca}`)(),
    expected: 'works',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-full refuses another host',
    input: () => at(`tlsonly@127.0.0.1:PORT/owned?sslmode=verify-full&sslrootcert=${postgres.ca}`)(),
    expected: 'is for another host',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-full refuses an unknown CA',
    input: at('tlsonly@localhost:PORT/owned?sslmode=verify-full'),
    expected: 'is not trusted',
  },
  {
    id: 'E7',
    name: 'sslmode=verify-ca refuses another CA',
    input: () => at(`tlsonly@localhost:PORT/owned?sslmode=verify-ca&sslrootcert=${postgres.otherCa}`)(),
    expected: 'is not trusted',
  },
  {
    id: 'E7',
    name: 'sslmode=require with a CA verifies it',
    input: () => at(`tlsonly@localhost:PORT/owned?sslmode=require&sslrootcert=${postgres.otherCa}`)(),
    expected: 'is not trusted',
  },
  {
    id: 'E7',
    name: 'a CA file that is not there',
    input: at('tlsonly@localhost:PORT/owned?sslmode=verify-full&sslrootcert=/no/such.pem'),
    expected: 'the file of sslrootcert in storage.postgres cannot be read (ENOENT)',
  },
  { id: 'E7', name: 'sslmode=disable', input: at('app@localhost:PORT/owned?sslmode=disable'), expected: 'works' },
]

const postgresCauses: readonly Row[] = [
  {
    id: 'cli-database-password',
    name: 'a wrong password',
    input: at('locked:wrong@127.0.0.1:PORT/owned'),
    expected: 'refused the password of the user locked',
  },
  {
    id: 'cli-database-password',
    name: 'an unknown database',
    input: at('app@127.0.0.1:PORT/nosuch'),
    expected: 'the database nosuch does not exist',
  },
  {
    id: 'cli-database-password',
    name: 'nothing listens',
    input: () => 'postgres://app@127.0.0.1:1/owned',
    expected: 'does not listen at 127.0.0.1:1',
  },
  {
    id: 'B11-1',
    name: 'no password where one is needed',
    input: at('locked@127.0.0.1:PORT/owned'),
    expected: 'asks for a password of the user locked',
  },
  {
    id: 'B11-2',
    name: 'an unknown host',
    input: () => 'postgres://app@no-such-host.invalid/owned',
    expected: 'the host of PostgreSQL cannot be resolved (no-such-host.invalid:5432)',
  },
  {
    id: 'B11-3',
    name: 'TLS required',
    input: at('tlsonly@127.0.0.1:PORT/owned'),
    expected: 'over TLS only: add ?sslmode=require',
  },
  {
    id: 'B11-4',
    name: 'too many connections',
    input: at('crowd@127.0.0.1:PORT/owned'),
    expected: 'too many connections',
  },
  {
    id: 'B11-5',
    name: 'a read-only standby',
    input: at('app@127.0.0.1:PORT/followed'),
    expected: 'is a read-only standby',
  },
  {
    id: 'B11-6',
    name: 'an unknown role',
    input: at('nobody@127.0.0.1:PORT/owned'),
    expected: 'has no role for the user nobody',
  },
  {
    id: 'B11-7',
    name: 'no socket',
    input: () => 'postgres:///owned?host=/no/such/folder',
    expected: 'has no socket at /no/such/folder/.s.PGSQL.5432',
  },
  {
    id: 'B11-8',
    name: 'a Redis at the port',
    input: () => `postgres://app@127.0.0.1:${redis.port}/owned`,
    expected: 'PostgreSQL',
  },
  {
    id: 'B11-9',
    name: 'PgBouncer knows no such database',
    input: () => `postgres://app@127.0.0.1:${pgbouncer.port}/nosuch`,
    expected: 'the database nosuch does not exist',
  },
]

describe('PostgreSQL', () => {
  it.each([...postgresTransports, ...postgresCauses])('B10 B11 $id: $name', async ({ input, expected }) => {
    await vi.waitFor(async () => expect(await postgresSays(input())).toContain(expected), 10_000)
  })

  it('B11: a user who may not create tables gets an explanation from migrate', async () => {
    const url = at('guest@127.0.0.1:PORT/owned')()
    await expect(migratePostgres({ url })).rejects.toThrow(
      /the user guest may not do that in PostgreSQL \(permission denied for schema public\)/,
    )
  })

  it('E7: sslmode=prefer continues without TLS if the server has none', async () => {
    const { startPostgres } = await import('../support/servers/servers.ts')
    const plain = await startPostgres()
    expect(await postgresSays(`${plain.url}?sslmode=prefer`)).toBe('works')
    expect(await postgresSays(`${plain.url}?sslmode=require`)).toContain('PostgreSQL does not offer TLS')
    await plain.stop()
  })

  it('A14: a value that PostgreSQL cannot store is no outage', async () => {
    await migratePostgres(postgres.server)
    const store = openPostgres({ url: postgres.server.url, keyRing, now })
    await expect(store.users.find('demo', 'a\u0000b')).rejects.toMatchObject({ code: 'request_invalid' })
    await expect(store.apps.find('x'.repeat(10_000))).resolves.toBeNull()
    await store.close()
  })
})

describe('PgBouncer with transaction pooling and default settings', () => {
  it('B10 pg-pgbouncer: three simultaneous migrations run each one once and leave no lock', async () => {
    const url = `postgres://app@127.0.0.1:${pgbouncer.port}/owned`
    const ran = await Promise.all([1, 2, 3].map(() => migratePostgres({ url })))
    expect(ran.flat().toSorted()).toEqual(Object.keys(migrations))
    expect(await migratePostgres({ url })).toEqual([])
    const client = new (await import('pg')).default.Client({ connectionString: postgres.server.url })
    await client.connect()
    const { rows } = await client.query("select count(*)::int as held from pg_locks where locktype = 'advisory'")
    expect(rows).toEqual([{ held: 0 }])
    await client.end()
  })

  it('B10 pg-pgbouncer: many simultaneous users share fewer connections', async () => {
    const store = openPostgres({ url: `postgres://app@127.0.0.1:${pgbouncer.port}/owned`, keyRing, now })
    const users = Array.from({ length: 30 }, () => sampleUser())
    await vi.waitFor(() => store.ping())
    for (const user of users) expect(await store.users.create(user, sampleIdentity())).toBe(true)
    const found = await Promise.all(users.map((user) => store.users.find('demo', user.id)))
    expect(found.every((user) => user !== null)).toBe(true)
    await store.close()
  })
})

const redisUser = (user: string) => () => locked.url.replace('//', `//${user}@`)

const redisRows: readonly Row[] = [
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
    await vi.waitFor(async () => expect(await redisSays(input())).toContain(expected), 10_000)
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
    await vi.waitFor(() => store.sessions.put(session))
    await own.restart()
    await vi.waitFor(() => store.sessions.put(session))
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
      vi.waitFor(async () => expect(await redisSays(own.url)).toContain(expected), 10_000)
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
    await vi.waitFor(async () => expect(await redisSays(`redis://localhost:${port}`)).toMatch(/expect.* TLS/), 10_000)
    await own.stop()
  })
})

describe('the command line', () => {
  it.each(['migrate', 'keys list', 'apps list', 'users unblock acme someone'])(
    'B11: %s names the cause',
    async (words) => {
      const silent = createServer().listen(0, '127.0.0.1')
      silent.close()
      const run = async (url: string) => {
        const storage = `storage: { redis: '${redis.url}', postgres: '${url}' }\n`
        const folder = writeFolder({
          'gatehouse.yaml': `publicUrl: http://localhost:4000\n${storage}keys: ['${'k'.repeat(43)}']\nmail: { directory: /tmp }\n`,
          'tenants/acme.yaml': 'tenant: acme\nname: Acme\nconnections: { password: {} }\n',
        })
        return (await typed('--config', folder, ...words.split(' '))).error
      }
      expect(await run(at('locked:wrong-CANARY@127.0.0.1:PORT/owned')())).toContain(
        'refused the password of the user locked',
      )
      expect(await run(at('locked:wrong-CANARY@127.0.0.1:PORT/owned')())).not.toContain('CANARY')
      expect(await run(at('app@127.0.0.1:PORT/nosuch')())).toContain('the database nosuch does not exist')
      expect(await run('postgres://app@127.0.0.1:1/owned')).toContain('does not listen at 127.0.0.1:1')
    },
  )
})
