/** 1,000,000 audit events, filtered by user and time, on both databases. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { AuditFilter, AuditStore } from '../../src/broker/ports/audit.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { migratePostgres, openPostgres } from '../../src/store/postgres/postgres.ts'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { startPostgres } from '../servers.ts'
import { quantile } from '../statistics.ts'

const events = 1_000_000
const users = 5000
const spanMs = 400 * 86_400_000
const monthMs = 30 * 86_400_000

const keyRing = new KeyRing([randomBytes(32)])
const now = () => new Date()

export async function benchAuditQuery(_: unknown, effort: Effort): Promise<readonly Result[]> {
  return [await onEmbedded(effort), await onPostgres(effort)]
}

async function onEmbedded({ rounds, say }: Effort): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const file = join(folder, 'gatehouse.db')
  const { durable, volatile } = await openEmbedded({ file, keyRing, now })
  try {
    const database = new DatabaseSync(file)
    database.exec(
      insertion(`with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${events})`),
    )
    database.close()
    return await timed('audit-query-sqlite-ms', durable.audit, rounds, say)
  } finally {
    await Promise.all([durable.close(), volatile.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

async function onPostgres({ rounds, say }: Effort): Promise<Result> {
  const server = await startPostgres()
  const store = openPostgres({ url: server.url, keyRing, now })
  try {
    await migratePostgres(server)
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query(insertion(`with numbers (n) as (select generate_series(1::bigint, ${events}))`))
    await client.query('analyze audit_events')
    await client.end()
    return await timed('audit-query-postgres-ms', store.audit, rounds, say)
  } finally {
    await store.close()
    await server.stop()
  }
}

/** Of four kinds and 5,000 users of two tenants, evenly over 400 days; a tenth by an admin. */
function insertion(numbers: string): string {
  const first = Date.now() - spanMs
  return `${numbers} insert into audit_events (id, at, tenant, action, actor, target, details, address, agent)
    select 'event-' || n, ${first} + n * ${Math.floor(spanMs / events)},
      case when n % 2 = 0 then 'acme' else 'beta' end,
      case n % 4 when 0 then 'sign_in.succeeded' when 1 then 'sign_in.refused' when 2 then 'session.ended' else 'app.changed' end,
      case when n % 10 = 0 then 'admin' else 'user-' || (n % ${users}) end, 'user-' || (n % ${users}),
      '{"connection":"okta"}', '203.0.113.7', 'Mozilla/5.0'
    from numbers`
}

/**
 * A month of one user, with and without an action; a month of the admin; the newest of all
 * tenants.
 */
async function timed(name: string, audit: AuditStore, rounds: number, say: Effort['say']): Promise<Result> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const until = new Date(Date.now() - (round % 12) * monthMs)
    const month = { tenant: 'acme', since: new Date(until.getTime() - monthMs), until, limit: 200 }
    const user = `user-${(round * 38) % users}`
    const filters: readonly AuditFilter[] = [
      { ...month, user },
      { ...month, user, action: 'session.ended' },
      { ...month, user: 'admin' },
      { ...month, tenant: undefined, user },
      { since: month.since, until, limit: 200 },
    ]
    for (const filter of filters) {
      const start = performance.now()
      const found = await audit.recent(filter)
      times.push(performance.now() - start)
      if (found.length === 0 && filter.user === 'admin') throw new Error('the bench found no events')
    }
  }
  const sorted = times.toSorted((one, other) => one - other)
  const [p50, p99, worst = 0] = [quantile(sorted, 0.5), quantile(sorted, 0.99), sorted.at(-1)]
  say(`${name}: ${p50.toFixed(1)} ms, at most ${worst.toFixed(1)} ms`)
  return { name, value: worst, unit: 'ms', p50, p99 }
}
