/** States of a database in which nobody could sign in: said when they are first reached. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migratePostgres } from '../../../src/store/postgres/postgres.ts'
import { type OperatedPostgres, operatedPostgres } from '../../support/servers/postgres.ts'

let postgres: OperatedPostgres
beforeAll(async () => {
  postgres = await operatedPostgres()
  await postgres.sql(
    "create database latin owner app encoding 'LATIN1' lc_collate 'C' lc_ctype 'C' template template0",
    'create database closed owner app allow_connections false',
  )
})
afterAll(() => postgres.stop())

const says = async (rest: string) => {
  const url = `postgres://app@127.0.0.1:${postgres.server.port}/${rest}`
  return migratePostgres({ url }).then(
    () => 'works',
    (error: Error) => error.message,
  )
}

describe('PostgreSQL', () => {
  it.each([
    ['B12', 'a database in LATIN1', 'latin', "create one with ENCODING 'UTF8'"],
    ['B11', 'a database without connections', 'closed', 'takes no connections to that database'],
    [
      'B11',
      'a schema that is not there',
      'owned?options=-c%20search_path%3Dnone',
      'search_path of PostgreSQL does not exist',
    ],
    ['B11', 'an unknown setting', 'owned?options=-c%20bogus%3D1', 'does not know a setting that options'],
  ])('%s: %s', async (_id, _name, rest, expected) => {
    expect(await says(rest)).toContain(expected)
  })
})
