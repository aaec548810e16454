/**
 * The admin pages of an operator, with 10,000 tenants and 1,000,000 sign-ins, on both kinds of
 * storage.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DurableStore } from '../../src/broker/ports/durable.ts'
import type { Sessions, VolatileStore } from '../../src/broker/ports/volatile.ts'
import { openPostgres } from '../../src/store/postgres/postgres.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import { openEmbedded } from '../../src/store/sqlite/embedded.ts'
import { type Deployment, deploy, type Storage, serve, tenant, untilReady } from '../gatehouse.ts'
import { openLine } from '../load/answers.ts'
import { pageRequest } from '../load/page-request.ts'
import { stop } from '../processes.ts'
import { type Result, slowestOf } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { seedPostgres, seedSqlite } from '../seed/seed.ts'
import { bigTenant, seededEmail, seededReference, tenantNames } from '../seed/statements.ts'
import { startPostgres } from '../servers.ts'
import { openSessionNow, profile } from '../sessions.ts'
import { median } from '../statistics.ts'
import type { Versions } from '../versions.ts'
import { seed } from './admin-queries.ts'

const maxRounds = 10
const now = () => new Date()

const pages = [
  '/admin',
  `/admin?tenant=${bigTenant}`,
  '/admin/connections',
  `/admin/connections?tenant=${bigTenant}`,
  `/admin/connections/${bigTenant}/okta`,
  '/admin/sign-ins',
  `/admin/sign-ins?tenant=${bigTenant}&period=7d&outcome=refused`,
  `/admin/sign-ins/${seededReference(500_000)}`,
  '/admin/users',
  `/admin/users?tenant=${bigTenant}`,
  `/admin/audit?tenant=${bigTenant}`,
]
const searches = [
  `/admin/sign-ins?email=${encodeURIComponent(seededEmail(35))}&period=all`,
  `/admin/sign-ins?tenant=${bigTenant}&email=${encodeURIComponent(seededEmail(35))}&period=all`,
  `/admin/users?email=${encodeURIComponent(seededEmail(35))}`,
]

export async function benchAdminPages([{ storage }]: Versions, effort: Effort): Promise<readonly Result[]> {
  const onFile = await measured('sqlite', undefined, effort)
  // a server of its own: other cases read tables without these rows
  const server = await startPostgres()
  try {
    return [...onFile, ...(await measured('postgres', { ...storage, postgres: server.url }, effort))]
  } finally {
    await server.stop()
  }
}

async function measured(name: string, storage: Storage | undefined, effort: Effort): Promise<readonly Result[]> {
  const { say, rounds } = effort
  const deployment = await deploy({ tenants: tenantNames(seed.tenants), ...(storage !== undefined && { storage }) })
  const first = serve(deployment, 'measured')
  await untilReady(first, deployment.port) // the tables exist now
  await stop(first)
  say(`admin pages: seeding ${seed.tenants} tenants and ${seed.traces} sign-ins for ${name}`)
  const stores = await openStores(deployment, storage)
  if (storage === undefined) seedSqlite(fileOf(deployment), { ...seed, now: now() })
  else await seedPostgres(storage.postgres, { ...seed, now: now() })
  const token = await operatorToken(stores.durable, stores.volatile.sessions)
  await Promise.all([stores.durable.close(), stores.volatile.close()])

  const cold = await coldTimes(deployment, token, rounds)
  const server = serve(deployment, 'measured')
  await untilReady(server, deployment.port)
  const line = openLine(deployment.port)
  const timesOf = async (path: string): Promise<readonly number[]> => {
    const request = pageRequest(deployment, `GET ${path}`, token)
    const times: number[] = []
    for (let round = -3; round < Math.min(rounds, maxRounds); round += 1) {
      const began = performance.now()
      const status = await line.ask(request)
      if (status !== 200) throw new Error(`${path} answered ${status}`)
      if (round >= 0) times.push(performance.now() - began)
    }
    return times
  }
  const slowest = async (result: string, paths: readonly string[]): Promise<Result> => {
    const all: (readonly number[])[] = []
    for (const path of paths) {
      const times = await timesOf(path)
      all.push(times)
      say(`${result}: ${median(times).toFixed(1)} ms ${path}`)
    }
    return slowestOf(result, all)
  }
  const results = [
    await slowest(`admin-pages-${name}-ms`, pages),
    await slowest(`admin-page-search-${name}-ms`, searches),
    slowestOf(`admin-page-cold-${name}-ms`, [cold.first]),
    slowestOf(`admin-page-idle-${name}-ms`, [cold.idle]),
  ]
  line.close()
  await stop(server)
  return results
}

const maxColdRounds = 3
/** An administrator comes later: until then the process has prepared the list. */
const afterStartMs = 5000
/** The kept list is too old then. */
const idleMs = 31_000

interface ColdTimes {
  /** Of the first view of all connections after a start. */
  readonly first: readonly number[]
  /** Of the next one, after a pause. */
  readonly idle: readonly number[]
}

async function coldTimes(deployment: Deployment, token: string, rounds: number): Promise<ColdTimes> {
  const [first, idle]: [number[], number[]] = [[], []]
  while (first.length < Math.min(rounds, maxColdRounds)) {
    const server = serve(deployment, 'measured')
    await untilReady(server, deployment.port)
    for (const [times, pauseMs] of [
      [first, afterStartMs],
      [idle, idleMs],
    ] as const) {
      await sleep(pauseMs)
      const line = openLine(deployment.port)
      // pages load at the first request of a process
      await line.ask(pageRequest(deployment, 'GET /admin/users', token))
      const began = performance.now()
      const status = await line.ask(pageRequest(deployment, 'GET /admin/connections', token))
      if (status !== 200) throw new Error(`/admin/connections answered ${status}`)
      times.push(performance.now() - began)
      line.close()
    }
    await stop(server)
  }
  return { first, idle }
}

const fileOf = ({ folder }: Deployment) => join(folder, 'gatehouse.db')

interface Stores {
  readonly durable: DurableStore
  readonly volatile: VolatileStore
}

async function openStores(deployment: Deployment, storage: Storage | undefined): Promise<Stores> {
  const { keyRing } = deployment
  if (storage === undefined) return openEmbedded({ file: fileOf(deployment), keyRing, now })
  return {
    durable: openPostgres({ url: storage.postgres, keyRing, now }),
    volatile: openRedis({ url: storage.redis, keyRing, now }),
  }
}

async function operatorToken({ users, roleAssignments }: DurableStore, sessions: Pick<Sessions, 'put'>) {
  const createdAt = now()
  const user = { id: randomUUID(), tenant, status: 'active', profile, emailProven: true, createdAt } as const
  const identity = {
    issuer: 'http://localhost:1',
    subject: user.id,
    connection: 'okta',
    profile,
    lastLoginAt: createdAt,
  }
  await users.create(user, identity)
  await roleAssignments.assign({ tenant, userId: user.id, role: 'operator', assignedBy: 'cli', assignedAt: createdAt })
  const { session, token } = openSessionNow(user)
  await sessions.put(session)
  return token
}
