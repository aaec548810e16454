/** Databases that were written before the migration `0010 standard names`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, PostgresDialect, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DurableStore } from '../../src/broker/ports/durable.ts'
import { completePostgresSearch, migratePostgres, openPostgres } from '../../src/store/postgres/postgres.ts'
import { migrations } from '../../src/store/sql/migrations/migrations.ts'
import { sqliteDialect } from '../../src/store/sqlite/dialect.ts'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { openFile } from '../../src/store/sqlite/file.ts'
import { startPostgres, type TestServer } from '../support/servers/servers.ts'
import { keyRing } from '../support/store/samples.ts'

const now = () => new Date()
const profile =
  '{"name":"a \\"organisation\\": b","organisation":"Acme","sources":{"organisation":"okta"},"supplied":{"organisation":{"at":1,"groups":["a"]}}}'
const trace = (code: string) =>
  `{"connection":"okta","outcome":"refused","code":"${code}","fixer":"person","reasons":[],"steps":[]}`
const app =
  '{"name":"organisation","kind":"web","mark":"data:image/png;base64,AA==","redirectUris":[],"postLogoutRedirectUris":[],"tenants":["organisation","acme","organisation"],"scopes":["organisation","openid","organisation"],"firstParty":false,"secrets":[],"keys":[]}'

const formerRows = [
  `insert into users (tenant, id, status, profile, email_proven, created_at) values ('acme', 'ada', 'active', '${profile}', 0, 1)`,
  `insert into identities (tenant, issuer, subject, user_id, connection, profile, last_login_at)
    values ('acme', 'https://okta.test', '1', 'ada', 'okta', '${profile}', 1)`,
  `insert into apps (id, content, created_at, revision) values ('app1', '${app}', 1, 1)`,
  `insert into consents values ('acme', 'ada', 'app1', '["openid","organisation"]', 1, 2)`,
  `insert into beliefs values ('acme', 'saml', 'https://idp.test', 'https://idp.test/metadata', '<xml/>', 3)`,
  `insert into traces values ('AAAA-AAAA', 'acme', 1, '${trace('login_foreign')}')`,
  `insert into traces values ('BBBB-BBBB', 'acme', 2, '{"connection":"okta","outcome":"begun","reasons":["\\"code\\":\\"busy\\""],"steps":[]}')`,
  `insert into traces values ('CCCC-CCCC', 'acme', 3, '${trace('busy')}')`,
  `insert into audit_events values ('e', 1, 1, 'acme', 'session.ended', 'connection okta', 's', '{"way":"logout"}')`,
]

async function writeFormerRows(db: Kysely<never>): Promise<void> {
  const former = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0010'))
  const { error } = await new Migrator({ db, provider: { getMigrations: async () => former } }).migrateToLatest()
  expect(error).toBeUndefined()
  for (const row of formerRows) await sql.raw(row).execute(db)
}

async function expectPresentNames(store: DurableStore): Promise<void> {
  const present = {
    name: 'a "organisation": b',
    organization: 'Acme',
    sources: { organization: 'okta' },
    supplied: { organisation: { at: 1, groups: ['a'] } },
  }
  expect((await store.users.find('acme', 'ada'))?.profile).toEqual(present)
  // the columns of the search are filled from the profile
  expect(await store.users.search({ tenant: 'acme', name: 'A "ORG', limit: 2 })).toMatchObject([{ id: 'ada' }])
  expect((await store.users.identitiesOf('acme', 'ada')).map((each) => each.profile)).toEqual([present])
  expect(await store.apps.find('app1')).toMatchObject({
    name: 'organisation',
    logoUri: 'data:image/png;base64,AA==',
    tenants: ['organisation', 'acme', 'organisation'],
    scopes: ['organization', 'openid', 'organization'],
  })
  expect(await store.consents.find('acme', 'ada', 'app1')).toMatchObject({
    scopes: ['openid', 'organization'],
    firstGrantedAt: new Date(1),
    grantedAt: new Date(2),
  })
  expect(await store.trustedMetadata.ofTenant('acme')).toEqual([
    {
      tenant: 'acme',
      connection: 'saml',
      issuer: 'https://idp.test',
      source: 'https://idp.test/metadata',
      content: '<xml/>',
    },
  ])
  expect(await store.traces.find('AAAA-AAAA')).toMatchObject({ code: 'login_other_browser', fixer: 'user' })
  expect(await store.traces.find('BBBB-BBBB')).toMatchObject({ outcome: 'started', reasons: ['"code":"busy"'] })
  expect(await store.traces.find('CCCC-CCCC')).toMatchObject({ code: 'server_busy' })
  const [event] = await store.audit.recent({ tenant: 'acme', limit: 1 })
  expect(event).toMatchObject({ id: '0000000001-e', actor: 'connection:okta', details: { endpoint: 'logout' } })
}

describe('a SQLite file with former names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-names-'))
  const file = join(folder, 'gatehouse.sqlite')
  afterAll(() => rmSync(folder, { recursive: true }))

  it('has the present ones once it was opened, and keeps its refresh tokens', async () => {
    const opened = await openFile(file)
    const db = new Kysely<never>({ dialect: sqliteDialect(opened) })
    await writeFormerRows(db)
    await db.destroy()
    opened.database.close()
    const first = await openEmbedded({ file, keyRing, now })
    await expectPresentNames(first.durable)
    await first.volatile.artifacts.put({
      model: 'RefreshToken',
      id: 'token',
      content: { scope: 'openid' },
      seconds: 60,
      grant: 'grant',
    })
    await Promise.all([first.durable.close(), first.volatile.close()])

    const database = new DatabaseSync(file)
    database.exec(
      'alter table artifacts rename to artefacts; drop index artifacts_by_end; drop index artifacts_by_grant',
    )
    database.exec('create index artefacts_by_end on artefacts (ends_at)')
    database.close()
    const again = await openEmbedded({ file, keyRing, now })
    expect((await again.volatile.artifacts.find('RefreshToken', 'token'))?.content).toEqual({ scope: 'openid' })
    await again.volatile.artifacts.revokeGrant('grant')
    expect(await again.volatile.artifacts.find('RefreshToken', 'token')).toBeNull()
    await Promise.all([again.durable.close(), again.volatile.close()])
  })
})

describe('a PostgreSQL database with former names', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  it('has the present ones once it was migrated', async () => {
    const pool = new pg.Pool({ connectionString: server.url })
    await writeFormerRows(new Kysely<never>({ dialect: new PostgresDialect({ pool }) }))
    await pool.end()
    expect(await migratePostgres(server)).toEqual(Object.keys(migrations).filter((name) => name >= '0010'))
    await completePostgresSearch(server, () => {})
    const store = openPostgres({ url: server.url, keyRing, now })
    await expectPresentNames(store)
    await store.close()
  })
})
