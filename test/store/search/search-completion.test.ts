import { execFileSync } from 'node:child_process'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { completePostgresSearch, migratePostgres, openPostgres } from '../../../src/store/postgres/postgres.ts'
import { searchIndexes } from '../../../src/store/sql/migrations/search-indexes.ts'
import { startPostgres, type TestServer } from '../../support/servers/servers.ts'
import { keyRing, sampleIdentity, sampleUser } from '../../support/store/samples.ts'

let server: TestServer
let client: pg.Client
beforeAll(async () => {
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
})
afterAll(async () => {
  await client.end()
  await server.stop()
})

const namesOf = async (where: string) => {
  const { rows } = await client.query<{ name: string }>(
    `select indexrelid::regclass::text as name from pg_index where ${where}`,
  )
  return rows.map(({ name }) => name)
}
const formerState = `
  alter table users drop column email_search, drop column name_search;
  alter table apps drop column name_search;
  alter table traces drop column connection, drop column outcome, drop column code, drop column cause,
    drop column email, drop column user_id, drop column app;
  drop index if exists ${Object.keys(searchIndexes).join(', ')};
  drop table sign_in_counts, sign_in_failures, sign_in_batches, step_durations, last_outcomes, published_states,
    expiry_alerts, authenticators, recovery_codes, remembered_devices, upstream_grants, recoveries, undo_links,
    user_deletions;
  alter table users drop column confirmed_at, drop column confirmed_by;
  create index traces_by_time on traces (started_at);
  create index traces_by_tenant on traces (tenant, started_at);
  delete from kysely_migration where name >= '0019'`

it('migrates tables with rows without an index or a fill, which follow beside other work', async () => {
  const complete = (indexes: string[] = []) =>
    completePostgresSearch(server, (name) => indexes.push(name)).then((done) => ({ ...done, built: indexes }))
  await migratePostgres(server)
  expect(await complete()).toEqual({ indexes: 0, rows: 0, built: [] }) // an empty database has them
  const store = openPostgres({ ...server, keyRing, now: () => new Date() })
  const user = sampleUser({ tenant: 'acme', profile: { name: 'Ada' } })
  await store.users.create(user, sampleIdentity())
  await client.query("insert into traces values ('R', 'acme', 1, '{}')")
  await client.query(formerState)

  await migratePostgres(server)
  expect(await namesOf("indexrelid::regclass::text like 'users_by_search%'")).toEqual([])
  expect(await store.users.search({ name: 'ada', limit: 2 })).toEqual([])

  // an interrupted build leaves an index that is not valid
  await client.query('create index users_by_any_time on users (created_at, id)')
  await client.query("update pg_index set indisvalid = false where indexrelid = 'users_by_any_time'::regclass")
  const done = await complete()
  expect(done.rows).toBe(1)
  expect(done.built).toContain('users_by_any_time')
  expect(await namesOf('indisvalid')).toEqual(expect.arrayContaining(Object.keys(searchIndexes)))
  expect(await namesOf('not indisvalid')).toEqual([])
  expect(await namesOf("indexrelid::regclass::text in ('traces_by_time', 'traces_by_tenant')")).toEqual([])
  expect((await store.users.search({ name: 'ada', limit: 2 })).map(({ id }) => id)).toEqual([user.id])

  // a process of the earlier release, which still runs, writes a user
  await client.query('update users set email_search = null, name_search = null')
  expect(await complete()).toEqual({ indexes: 0, rows: 1, built: [] })
  await store.close()
})

it('keeps no process from its end while it builds an index', async () => {
  const locker = new pg.Client({ connectionString: server.url })
  await locker.connect()
  await locker.query('drop index users_by_time')
  await locker.query('begin; lock table users in share row exclusive mode')
  const script = `
    import { completePostgresSearch } from './src/store/postgres/postgres.ts'
    void completePostgresSearch({ url: process.argv[1] }, console.log)
    setTimeout(() => {}, 5000)`
  const child = execFileSync(process.execPath, ['--input-type=module', '-e', script, server.url], { timeout: 20_000 })
  expect(child.toString()).toBe('users_by_time\n')
  await locker.query('rollback')
  await locker.end()
})
