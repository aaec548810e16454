import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { migrations } from '../../../src/store/sql/migrations/migrations.ts'
import { traceIndexes } from '../../../src/store/sql/migrations/search-indexes.ts'

const columns = ['connection', 'outcome', 'code', 'cause', 'email', 'user_id', 'app']

it('numbers migrations one by one', () => {
  const numbers = Object.keys(migrations).map((name) => Number(name.slice(0, 4)))
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

it.each([
  ["connection = 'google'", 'traces_by_any_connection'],
  ["cause = 'user_denied'", 'traces_by_any_cause'],
  ["outcome = 'refused' and outcome <> 'signed in'", 'traces_not_signed_in'],
])('has an index for a search of all tenants where %s', (condition, index) => {
  const database = new DatabaseSync(':memory:')
  database.exec(`create table traces (reference text primary key, tenant text, started_at bigint, content text);
    ${columns.map((column) => `alter table traces add column ${column} text`).join(';')};
    ${Object.entries(traceIndexes)
      .map(([name, on]) => `create index ${name} on ${on}`)
      .join(';')}`)
  const search = `select * from traces where ${condition} order by started_at desc, reference desc limit 50`
  const plan = database.prepare(`explain query plan ${search}`).all()
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining(`USING INDEX ${index} `)])
  database.close()
})
