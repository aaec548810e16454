/** The pages of a user with many sessions and API tokens, and ending all their other sessions. */
import { openRedis } from '../../src/store/redis/redis.ts'
import { putSessionsOf, putUser } from '../account-user.ts'
import { deploy, serve, untilReady } from '../gatehouse.ts'
import { type Line, openLine } from '../load/answers.ts'
import { pageRequest } from '../load/page-request.ts'
import { cpuSeconds, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { ascending, quantile } from '../statistics.ts'
import type { Versions } from '../versions.ts'

const sessionCount = 500
const tokenCount = 200
/** Until the engine has compiled the hot code. */
const warmUps = 100
const requestsPerRound = 10

const pages = [
  ['account-page', '/account'],
  ['developer-settings', '/account/developer'],
] as const

export async function benchAccountPage([{ storage }]: Versions, { rounds, say }: Effort): Promise<readonly Result[]> {
  const deployment = await deploy({ storage })
  const server = serve(deployment, 'measured')
  await untilReady(server, deployment.port) // the tables exist now
  const user = await putUser(storage, deployment, tokenCount)
  const { sessions, close } = openRedis({ url: storage.redis, keyRing: deployment.keyRing, now: () => new Date() })
  const line = openLine(deployment.port)
  const results: Result[] = []

  const token = await putSessionsOf(user, sessions, sessionCount)
  for (const [name, path] of pages) {
    const request = pageRequest(deployment, `GET ${path}`, token)
    await timesOf(line, request, { count: warmUps, status: 200 })
    const before = cpuSeconds(server)
    const times = await timesOf(line, request, { count: rounds * requestsPerRound, status: 200 })
    results.push({ ...resultOf(name, times), cpuMs: ((cpuSeconds(server) - before) * 1000) / times.length })
    say(`${name}: ${quantile(times, 0.5).toFixed(1)} ms`)
  }

  const endings: number[] = []
  for (let round = 0; round <= rounds; round += 1) {
    const newest = await putSessionsOf(user, sessions, sessionCount)
    const request = pageRequest(deployment, 'POST /account/sessions/end-others', newest)
    endings.push(...(await timesOf(line, request, { count: 1, status: 303 })))
  }
  const [_warmUp, ...measured] = endings
  results.push(resultOf('end-sessions', measured.toSorted(ascending)))
  line.close()
  await Promise.all([close(), stop(server)])
  return results
}

function resultOf(name: string, sorted: readonly number[]): Result {
  const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)]
  return { name, value: p50, unit: 'ms', p50, p99 }
}

interface Expected {
  readonly count: number
  readonly status: number
}

/** In milliseconds, ascending; one request at a time. */
async function timesOf(line: Line, request: Buffer, { count, status }: Expected): Promise<readonly number[]> {
  const times: number[] = []
  while (times.length < count) {
    const began = performance.now()
    const answered = await line.ask(request)
    times.push(performance.now() - began)
    if (answered !== status) throw new Error(`${String(request).split('\r\n', 1)[0]} answered ${answered}`)
  }
  return times.toSorted(ascending)
}
