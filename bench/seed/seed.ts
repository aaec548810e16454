/** Seeds a database whose tables exist. */
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { type Seed, seedStatements } from './statements.ts'

export function seedSqlite(file: string, seed: Seed): void {
  const database = new DatabaseSync(file)
  try {
    const numbers = (count: number) =>
      `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})`
    database.exec('pragma synchronous = off; pragma cache_size = -200000; pragma temp_store = memory')
    database.exec('begin')
    for (const statement of seedStatements(numbers, seed)) database.exec(statement)
    database.exec('commit')
    database.exec('pragma wal_checkpoint(truncate)')
  } finally {
    database.close()
  }
}

export async function seedPostgres(url: string, seed: Seed): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const numbers = (count: number) => `with numbers (n) as (select generate_series(1::bigint, ${count}))`
    await client.query("set work_mem = '256MB'")
    for (const statement of seedStatements(numbers, seed)) await client.query(statement)
    await client.query('vacuum analyze')
  } finally {
    await client.end()
  }
}
