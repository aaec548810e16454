/** The time that the server takes for each page, one request at a time, against bare Express. */
import type { ChildProcess } from 'node:child_process'
import { openPostgres } from '../../src/store/postgres/postgres.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import { putSessionsOf, putUser } from '../account-user.ts'
import { type Deployment, deploy, type Storage, serve, tenant, untilListening, untilReady } from '../gatehouse.ts'
import { type Line, openLine } from '../load/answers.ts'
import { pageRequest } from '../load/page-request.ts'
import { freePort } from '../ports.ts'
import { cpuSeconds, scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { openSessionNow } from '../sessions.ts'
import { ascending, quantile } from '../statistics.ts'
import type { Versions } from '../versions.ts'

/** Until the engine has compiled the hot code. */
const warmUps = 200
const requestsPerRound = 10
/** Of a usual page, not compressed. */
const pageBytes = 6000

interface Page {
  readonly path: string
  readonly status?: number
  readonly isSignedIn?: boolean
}

const pages: Readonly<Record<string, Page>> = {
  'page-sign-in': { path: `/login?tenant=${tenant}` },
  'page-sign-up': { path: `/sign-up?tenant=${tenant}` },
  'page-error': { path: '/nowhere', status: 404 },
  'page-account': { path: '/account', isSignedIn: true },
  'page-account-methods': { path: '/account/sign-in-methods', isSignedIn: true },
  'page-account-security': { path: '/account/security', isSignedIn: true },
  'page-account-sessions': { path: '/account/sessions', isSignedIn: true },
  'page-account-apps': { path: '/account/apps', isSignedIn: true },
  'page-account-developer': { path: '/account/developer', isSignedIn: true },
  'page-developer': { path: '/developer', isSignedIn: true },
  'page-developer-new': { path: '/developer/apps/new', isSignedIn: true },
  'page-admin': { path: '/admin', isSignedIn: true },
  'page-api': { path: '/api', isSignedIn: true },
  'page-api-section': { path: '/api/sessions', isSignedIn: true },
}

export const pageNames: readonly string[] = Object.keys(pages)

export async function benchPages([{ storage }]: Versions, { rounds, say }: Effort): Promise<readonly Result[]> {
  const deployment = await deploy({ storage, connections: { password: {} } })
  const server = serve(deployment, 'measured')
  await untilReady(server, deployment.port) // the tables exist now
  const token = await operatorWithSessions(storage, deployment)
  const barePort = await freePort()
  const bare = start(scriptOf('bare/page'), [barePort, pageBytes].map(String), { cores: 'measured' })
  await untilListening(bare, barePort)
  const bareRequest = Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const results: Result[] = []
  for (const [name, { path, status = 200, isSignedIn = false }] of Object.entries(pages)) {
    const request = pageRequest(deployment, `GET ${path}`, isSignedIn ? token : undefined)
    const count = rounds * requestsPerRound
    const ours = await measured(server, { port: deployment.port, request, status, count })
    const theirs = await measured(bare, { port: barePort, request: bareRequest, status: 200, count })
    results.push({ name, ...ours, baseline: theirs.value, ratio: ours.value / theirs.value, unit: 'ms' })
    say(`${name}: ${ours.value.toFixed(2)} ms; bare Express ${theirs.value.toFixed(2)} ms`)
  }
  await Promise.all([stop(server), stop(bare)])
  return results
}

interface Requests {
  readonly port: number
  readonly request: Buffer
  readonly status: number
  readonly count: number
}

async function measured(server: ChildProcess, requests: Requests) {
  const line = openLine(requests.port)
  await timesOf(line, { ...requests, count: warmUps })
  const before = cpuSeconds(server)
  const sorted = await timesOf(line, requests)
  const cpuMs = ((cpuSeconds(server) - before) * 1000) / sorted.length
  line.close()
  const p50 = quantile(sorted, 0.5)
  return { value: p50, cpuMs, p50, p99: quantile(sorted, 0.99) }
}

/** In milliseconds, ascending. */
async function timesOf(line: Line, { request, status, count }: Requests): Promise<readonly number[]> {
  const times: number[] = []
  while (times.length < count) {
    const began = performance.now()
    const answered = await line.ask(request)
    times.push(performance.now() - began)
    if (answered !== status) throw new Error(`${String(request).split('\r\n', 1)[0]} answered ${answered}`)
  }
  return times.toSorted(ascending)
}

const sessionCount = 5
const tokenCount = 5

/** Returns the token of a session. */
async function operatorWithSessions(storage: Storage, deployment: Deployment): Promise<string> {
  const now = () => new Date()
  const user = await putUser(storage, deployment, tokenCount)
  const durable = openPostgres({ url: storage.postgres, keyRing: deployment.keyRing, now })
  const volatile = openRedis({ url: storage.redis, keyRing: deployment.keyRing, now })
  try {
    for (const role of ['operator', 'developer'] as const)
      await durable.roleAssignments.assign({ tenant, userId: user.id, role, assignedBy: 'cli', assignedAt: now() })
    await putSessionsOf(user, volatile.sessions, sessionCount)
    // administrators need a session of the last hour
    const { session, token } = openSessionNow(user)
    await volatile.sessions.put(session)
    return token
  } finally {
    await Promise.all([durable.close(), volatile.close()])
  }
}
