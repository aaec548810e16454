/** A table about users that a later release adds must be decided about. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, it } from 'vitest'
import { erasedTables } from '../../../src/store/sql/users/user-deletions.ts'
import { openEmbedded } from '../../../src/store/sqlite/embedded.ts'
import { keyRing } from '../../support/store/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-erased-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Why rows of these stay. */
const kept: Readonly<Record<string, string>> = {
  apps: 'a user who owns apps is not deleted',
  sessions: 'ended before the rows go (deleteUser)',
  traces: 'deleted after their own retention, and read by administrators until then',
}

it('ID-09 the deletion of a user covers every table with a user ID', async () => {
  const file = join(folder, 'gatehouse.sqlite')
  const { durable, volatile } = await openEmbedded({ file, keyRing, now: () => new Date() })
  await Promise.all([durable.close(), volatile.close()])
  const database = new DatabaseSync(file)
  const tables = database.prepare(
    `select distinct m.name from sqlite_master m join pragma_table_info(m.name) c
     where m.type = 'table' and c.name in ('user_id', 'owner_user_id')`,
  )
  const found = tables.all().map(({ name }) => String(name))
  database.close()
  expect(found).toContain('identities')
  expect(
    found.filter((name) => !(erasedTables as readonly string[]).includes(name) && kept[name] === undefined),
  ).toEqual([])
})
