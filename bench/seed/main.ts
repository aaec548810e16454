/**
 * `node dist/bench/seed/main.js --sqlite <file> | --postgres <url> [--tenants 10000] [--traces
 * 1000000]`: fills an empty, migrated database with sign-ins, for a look at full admin pages.
 */
import { parseArgs } from 'node:util'
import { seedPostgres, seedSqlite } from './seed.ts'

const { values } = parseArgs({
  options: {
    sqlite: { type: 'string' },
    postgres: { type: 'string' },
    tenants: { type: 'string', default: '10000' },
    traces: { type: 'string', default: '1000000' },
  },
})
const seed = { tenants: Number(values.tenants), traces: Number(values.traces), now: new Date() }
const began = performance.now()
if (values.sqlite !== undefined) seedSqlite(values.sqlite, seed)
else if (values.postgres !== undefined) await seedPostgres(values.postgres, seed)
else throw new Error('name the database: --sqlite <file> or --postgres <url>')
process.stdout.write(`seeded in ${((performance.now() - began) / 1000).toFixed(0)} s\n`)
