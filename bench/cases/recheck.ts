/**
 * Processor time of re-checking 10,000 users every 15 minutes, as a share of a core. The server
 * re-checks a number of users that are all due; the upstream is another process.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { openPostgres } from '../../src/store/postgres/postgres.ts'
import { type Deployment, deploy, type Storage, serve, tenant, untilListening, untilReady } from '../gatehouse.ts'
import { freePort } from '../ports.ts'
import { cpuSeconds, scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { profile } from '../sessions.ts'
import type { Versions } from '../versions.ts'

const users = 10_000
const intervalSeconds = 900
const perSecond = users / intervalSeconds
/** All of these are due at once. */
const measuredUsers = 3000
const warmUps = 2
/** As often as the server looks for users that are due. */
const pollSeconds = 5
/** A user in use is recorded three times per interval. */
const activePerPoll = Math.ceil(3 * perSecond * pollSeconds)

export async function benchRecheck([{ storage }]: Versions, { say }: Effort): Promise<readonly Result[]> {
  const upstreamPort = await freePort()
  const issuer = `http://localhost:${upstreamPort}`
  const deployment = await deploy({ storage, issuer, okta: { recheck: '15m' }, health: { probe: false } })
  const upstream = start(scriptOf('load/recheck-upstream'), [`${upstreamPort}`])
  await untilListening(upstream, upstreamPort)
  const server = serve(deployment, 'measured')
  await untilReady(server, deployment.port)
  const due = await dueUsers(storage, deployment, issuer)
  say(`recheck: ${(1 + warmUps) * measuredUsers} re-checks`)
  for (let round = 0; round < warmUps; round += 1) await due.recheckAll()
  const idleBefore = cpuSeconds(server)
  await sleep(2 * pollSeconds * 1000)
  const idle = (cpuSeconds(server) - idleBefore) / (2 * pollSeconds)
  const [began, before] = [performance.now(), cpuSeconds(server)]
  await due.recheckAll()
  const seconds = (performance.now() - began) / 1000
  const cpu = cpuSeconds(server) - before - idle * seconds
  const activity = await due.activityCpu()
  await due.close()
  await Promise.all([server, upstream].map((child) => stop(child)))
  const perUser = cpu / measuredUsers
  const share = perUser * perSecond + activity / pollSeconds
  return [{ name: 'recheck', value: 100 * share, unit: '% of a core', ratio: share, cpuMs: perUser * 1000 }]
}

async function dueUsers({ postgres }: Storage, { keyRing }: Deployment, issuer: string) {
  const store = openPostgres({ url: postgres, keyRing, now: () => new Date() })
  const pool = new Pool({ connectionString: postgres, max: 1 })
  const subjects = Array.from({ length: measuredUsers }, () => randomUUID())
  const later = new Date(Date.now() + 86_400_000)
  for (const subject of subjects) await put(subject)

  async function put(subject: string): Promise<void> {
    const now = new Date()
    const identity = { issuer, subject, connection: 'okta', profile, lastLoginAt: now }
    const user = { id: subject, tenant, status: 'active', profile, emailProven: false, createdAt: now } as const
    await store.users.create(user, identity)
    const memo = { refreshToken: `r.${subject}`, issuer, sub: subject }
    const key = { tenant, userId: subject, connection: 'okta' }
    await store.upstreamGrants.put({ ...key, issuer, subject, content: { memo } }, now, later)
  }

  async function count(condition: string, value: number): Promise<number> {
    const statement = `select count(*)::int as count from upstream_grants where tenant = $1 and ${condition}`
    const { rows } = await pool.query<{ count: number }>(statement, [tenant, value])
    return rows[0]?.count ?? 0
  }

  return {
    async recheckAll(): Promise<void> {
      const now = Date.now()
      await pool.query('update upstream_grants set next_at = $2, active_at = $2 where tenant = $1', [tenant, now])
      while ((await count('confirmed_at < $2', now)) > 0) await sleep(100)
      if ((await count('failed_at is not null and $2::bigint > 0', now)) > 0) throw new Error('re-checks failed')
    },
    /** Of one statement for the users of a poll, in this process. */
    async activityCpu(): Promise<number> {
      const ids = subjects.slice(0, activePerPoll)
      const record = () => store.upstreamGrants.recordActivity(tenant, ids, new Date())
      for (let round = 0; round < 20; round += 1) await record()
      const before = process.cpuUsage()
      for (let round = 0; round < 20; round += 1) await record()
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 20 / 1e6
    },
    async close(): Promise<void> {
      await Promise.all([store.close(), pool.end()])
    },
  }
}
