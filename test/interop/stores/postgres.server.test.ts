import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { migratePostgres, openPostgres } from '../../../src/store/postgres/postgres.ts'
import { migrations } from '../../../src/store/sql/migrations/migrations.ts'
import { runGatehouse } from '../../support/gatehouse/command-line.ts'
import { writeFolder } from '../../support/gatehouse/config-folder.ts'
import { operatedPostgres, startPgBouncer } from '../../support/servers/postgres.ts'
import { startRedis } from '../../support/servers/servers.ts'
import { keyRing, sampleIdentity, sampleUser } from '../../support/store/samples.ts'
import { waitOptions } from '../../support/wait-options.ts'
import { at, postgresCauses, postgresTransports, type StoreServers } from './postgres-rows.ts'

const now = () => new Date()

let servers: StoreServers
beforeAll(async () => {
  const [postgres, redis] = await Promise.all([operatedPostgres(), startRedis()])
  servers = { postgres, redis, pgbouncer: await startPgBouncer(postgres.server.port) }
})
afterAll(async () => {
  await servers.pgbouncer.stop()
  await Promise.all([servers.postgres.stop(), servers.redis.stop()])
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

describe('PostgreSQL', () => {
  it.each([...postgresTransports, ...postgresCauses])('B10 B11 $id: $name', async ({ input, expected }) => {
    await vi.waitFor(async () => expect(await postgresSays(input(servers))).toContain(expected), waitOptions)
  })

  it('B11: a user who may not create tables gets an explanation from migrate', async () => {
    const url = at('guest@127.0.0.1:PORT/owned')(servers)
    await expect(migratePostgres({ url })).rejects.toThrow(
      /the user guest may not do that in PostgreSQL \(permission denied for schema public\)/,
    )
  })

  it('E7: sslmode=prefer continues without TLS if the server has none', async () => {
    const { startPostgres } = await import('../../support/servers/servers.ts')
    const plain = await startPostgres()
    expect(await postgresSays(`${plain.url}?sslmode=prefer`)).toBe('works')
    expect(await postgresSays(`${plain.url}?sslmode=require`)).toContain('PostgreSQL does not offer TLS')
    await plain.stop()
  })

  it('A14: a value that PostgreSQL cannot store is no outage', async () => {
    await migratePostgres(servers.postgres.server)
    const store = openPostgres({ url: servers.postgres.server.url, keyRing, now })
    await expect(store.users.find('demo', 'a\u0000b')).rejects.toMatchObject({ code: 'request_invalid' })
    await expect(store.apps.find('x'.repeat(10_000))).resolves.toBeNull()
    await store.close()
  })
})

describe('PgBouncer with transaction pooling and default settings', () => {
  it('B10 pg-pgbouncer: three simultaneous migrations run each one once and leave no lock', async () => {
    const url = `postgres://app@127.0.0.1:${servers.pgbouncer.port}/owned`
    const ran = await Promise.all([1, 2, 3].map(() => migratePostgres({ url })))
    expect(ran.flat().toSorted()).toEqual(Object.keys(migrations))
    expect(await migratePostgres({ url })).toEqual([])
    const client = new (await import('pg')).default.Client({ connectionString: servers.postgres.server.url })
    await client.connect()
    const { rows } = await client.query("select count(*)::int as held from pg_locks where locktype = 'advisory'")
    expect(rows).toEqual([{ held: 0 }])
    await client.end()
  })

  it('B10 pg-pgbouncer: many simultaneous users share fewer connections', async () => {
    const store = openPostgres({ url: `postgres://app@127.0.0.1:${servers.pgbouncer.port}/owned`, keyRing, now })
    const users = Array.from({ length: 30 }, () => sampleUser())
    await vi.waitFor(() => store.ping(), waitOptions)
    for (const user of users) expect(await store.users.create(user, sampleIdentity())).toBe(true)
    const found = await Promise.all(users.map((user) => store.users.find('demo', user.id)))
    expect(found.every((user) => user !== null)).toBe(true)
    await store.close()
  })
})

describe('the command line', () => {
  it.each(['migrate', 'keys list', 'apps list', 'users unblock acme someone'])(
    'B11: %s reports the cause',
    async (words) => {
      const silent = createServer().listen(0, '127.0.0.1')
      silent.close()
      const run = async (url: string) => {
        const storage = `storage: { redis: '${servers.redis.url}', postgres: '${url}' }\n`
        const folder = writeFolder({
          'gatehouse.yaml': `publicUrl: http://localhost:4000\n${storage}keys: ['${'k'.repeat(43)}']\nmail: { directory: /tmp }\n`,
          'tenants/acme.yaml': 'tenant: acme\nname: Acme\nconnections: { password: {} }\n',
        })
        return (await runGatehouse('--config', folder, ...words.split(' '))).error
      }
      expect(await run(at('locked:wrong-CANARY@127.0.0.1:PORT/owned')(servers))).toContain(
        'refused the password of the user locked',
      )
      expect(await run(at('locked:wrong-CANARY@127.0.0.1:PORT/owned')(servers))).not.toContain('CANARY')
      expect(await run(at('app@127.0.0.1:PORT/nosuch')(servers))).toContain('the database nosuch does not exist')
      expect(await run('postgres://app@127.0.0.1:1/owned')).toContain('does not listen at 127.0.0.1:1')
    },
  )
})
