/** What the admin pages read of 10,000 tenants and 1,000,000 sign-ins, on both databases. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DurableStore } from '../../src/broker/ports/durable.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { migratePostgres, openPostgres } from '../../src/store/postgres/postgres.ts'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { type Result, slowestOf } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { seedPostgres, seedSqlite } from '../seed/seed.ts'
import { bigTenant, seededEmail, seededReference } from '../seed/statements.ts'
import { startPostgres } from '../servers.ts'
import { median } from '../statistics.ts'

export const seed = { tenants: 10_000, traces: 1_000_000 }
const keyRing = new KeyRing([randomBytes(32)])
const now = () => new Date()
const dayMs = 86_400_000

export async function benchAdminQueries(_: unknown, effort: Effort): Promise<readonly Result[]> {
  return [...(await onEmbedded(effort)), ...(await onPostgres(effort))]
}

async function onEmbedded({ rounds, say }: Effort): Promise<readonly Result[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const file = join(folder, 'gatehouse.db')
  const { durable, volatile } = await openEmbedded({ file, keyRing, now })
  try {
    said(say, 'SQLite', () => seedSqlite(file, { ...seed, now: now() }))
    return await timed('sqlite', durable, rounds, say)
  } finally {
    await Promise.all([durable.close(), volatile.close()])
    await rm(folder, { recursive: true, force: true })
  }
}

async function onPostgres({ rounds, say }: Effort): Promise<readonly Result[]> {
  const server = await startPostgres()
  const store = openPostgres({ url: server.url, keyRing, now })
  try {
    await migratePostgres(server)
    await said(say, 'PostgreSQL', () => seedPostgres(server.url, { ...seed, now: now() }))
    return await timed('postgres', store, rounds, say)
  } finally {
    await store.close()
    await server.stop()
  }
}

function said<T>(say: Effort['say'], name: string, work: () => T): T {
  say(`admin queries: seeding ${seed.tenants} tenants and ${seed.traces} sign-ins into ${name}`)
  return work()
}

type Query = (store: DurableStore, round: number) => Promise<unknown>

/** By email and reference, of one tenant and of all. */
const searches: Readonly<Record<string, Query>> = {
  reference: ({ traces }, round) => traces.find(seededReference(1 + round * 9973)),
  'email of all tenants': ({ traces }, round) => traces.search({ email: seededEmail(round * 38), limit: 50 }),
  'email of a tenant': ({ traces }, round) =>
    traces.search({ tenant: bigTenant, email: seededEmail(round * 35), limit: 50 }),
  'user by email': ({ users }, round) => users.search({ email: seededEmail(round * 38), limit: 50 }),
}

const since = (days: number) => new Date(Date.now() - days * dayMs)
const rare = 'upstream_refused: token exchange invalid_client'

const lists: Readonly<Record<string, Query>> = {
  'newest of all': ({ traces }) => traces.search({ limit: 51 }),
  'newest of a tenant': ({ traces }) => traces.search({ tenant: bigTenant, limit: 51 }),
  'newest of a small tenant': ({ traces }) => traces.search({ tenant: 'tenant-7', limit: 51 }),
  'a later page': ({ traces }) => {
    const after = { startedAt: since(10), reference: 'T500-0000' }
    return traces.search({ tenant: bigTenant, after, limit: 51 })
  },
  'refused of a tenant': ({ traces }) => traces.search({ tenant: bigTenant, outcome: 'refused', limit: 51 }),
  'refused of a small tenant': ({ traces }) => traces.search({ tenant: 'tenant-7', outcome: 'refused', limit: 51 }),
  'sessions ended, none': ({ traces }) => traces.search({ outcome: 'sessions ended', since: since(1), limit: 51 }),
  'of a cause': ({ traces }) => traces.search({ tenant: bigTenant, cause: rare, limit: 51 }),
  'of a cause in a small tenant': ({ traces }) => traces.search({ tenant: 'tenant-7', cause: rare, limit: 51 }),
  'of a cause of all': ({ traces }) => traces.search({ cause: rare, limit: 51 }),
  'of a code of all': ({ traces }) => traces.search({ code: 'user_blocked', limit: 51 }),
  'of a code and email': ({ traces }) => traces.search({ code: 'user_blocked', email: seededEmail(70), limit: 51 }),
  'of a connection never used': ({ traces }) =>
    traces.search({ tenant: bigTenant, connection: 'google', since: since(7), limit: 51 }),
  'of an app': ({ traces }) => traces.search({ app: 'app-8', limit: 51 }),
  'of an app and tenant': ({ traces }) => traces.search({ tenant: 'tenant-7', app: 'app-8', limit: 51 }),
  'of a user': ({ traces }) => traces.search({ tenant: bigTenant, userId: 'user-35', limit: 51 }),
  'counts of all': ({ signInStatistics }) => signInStatistics.counts({ since: since(1) }, 300),
  'counts of a tenant': ({ signInStatistics }) => signInStatistics.counts({ tenant: bigTenant, since: since(7) }, 3600),
  'failures of all': ({ signInStatistics }) => signInStatistics.failures({ since: since(7) }, 20),
  'failures of a tenant': ({ signInStatistics }) =>
    signInStatistics.failures({ tenant: bigTenant, since: since(7) }, 20),
  'steps of all': ({ signInStatistics }) => signInStatistics.steps({ since: since(1) }, 3600),
  'steps of a connection': ({ signInStatistics }) =>
    signInStatistics.steps({ tenant: bigTenant, connection: 'okta', since: since(1) }, 3600),
  'steps of a tenant': ({ signInStatistics }) => signInStatistics.steps({ tenant: bigTenant, since: since(1) }, 3600),
  'last outcomes of a tenant': ({ signInStatistics }) => signInStatistics.lastOutcomes(bigTenant),
  'last outcomes of all': ({ signInStatistics }) => signInStatistics.lastOutcomes(),
}

async function timed(database: string, store: DurableStore, rounds: number, say: Effort['say']) {
  return [
    await slowest(`admin-search-${database}-ms`, searches, store, rounds, say),
    await slowest(`admin-lists-${database}-ms`, lists, store, rounds, say),
  ]
}

async function slowest(
  name: string,
  queries: Readonly<Record<string, Query>>,
  store: DurableStore,
  rounds: number,
  say: Effort['say'],
): Promise<Result> {
  const all: (readonly number[])[] = []
  for (const [what, query] of Object.entries(queries)) {
    const times: number[] = []
    for (let round = 0; round <= rounds; round += 1) {
      const began = performance.now()
      await query(store, round)
      if (round > 0) times.push(performance.now() - began)
    }
    all.push(times)
    say(`${name}: ${median(times).toFixed(1)} ms ${what}, at most ${Math.max(...times).toFixed(1)} ms`)
  }
  return slowestOf(name, all)
}
