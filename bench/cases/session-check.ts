/** Session checks by bearer token and by cookie, against the bare server. */
import { Redis } from 'ioredis'
import { secretHash } from '../../src/crypto/token.ts'
import { type Deployment, type DeployOptions, untilListening } from '../gatehouse.ts'
import type { CheckOrder } from '../load/check.ts'
import { freePort } from '../ports.ts'
import { scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { type Case, compared, comparedAll, type Effort, inTurn } from '../rounds.ts'
import { ofEach, type Version, type Versions } from '../versions.ts'

const sessionCount = 1000
const connections = 64
/** More often than Prometheus reads, whose default is 60 seconds. */
const scrapeMs = 15_000
const settings = {
  sameSite: 'lax',
  secure: false,
  persistent: true,
  name: 'gatehouse_session',
  domain: undefined,
  path: '/',
} as const

export async function benchSessionCheck(versions: Versions, effort: Effort): Promise<readonly Result[]> {
  const { redis } = versions[0].storage
  const barePort = await freePort()
  const bare = start(scriptOf('bare/check'), [`${barePort}`, redis], { cores: 'measured' })
  await untilListening(bare, barePort)
  const checks = await ofEach(versions, (version) => startChecks(version))
  const [{ tokens, port, byBearer }] = checks
  await copyAnswers(port, tokens, redis)
  const loader = start(scriptOf('load/check'), [], { askable: true })

  const cases: Case[] = [
    { ...byBearer, name: 'bare', server: bare, order: { ...byBearer.order, port: barePort } },
    ...checks.map((each) => each.byBearer),
    ...checks.map((each) => each.byCookie),
  ]
  const rounds = await inTurn('session check', loader, cases, effort)
  await Promise.all([bare, loader, ...checks.map(({ byBearer }) => byBearer.server)].map((child) => stop(child)))
  const [, bearer = []] = rounds
  return [
    ...comparedAll('session-check', 'req/s', rounds.slice(0, versions.length + 1), versions),
    ...comparedAll('session-check-cookie', 'req/s', [bearer, ...rounds.slice(versions.length + 1)], versions),
  ]
}

/** A process with metrics on, which are read meanwhile, against one without. */
export async function benchCheckWithMetrics([version]: Versions, effort: Effort): Promise<readonly Result[]> {
  const metrics = { listen: `127.0.0.1:${await freePort()}` }
  const off = await startChecks(version)
  const on = await startChecks(version, { metrics })
  const loader = start(scriptOf('load/check'), [], { askable: true })
  const scraping = setInterval(() => void scrape(metrics.listen), scrapeMs)
  const named = { ...on.byBearer, name: 'with metrics' }
  const [without = [], measured = []] = await inTurn('session check', loader, [off.byBearer, named], effort)
  clearInterval(scraping)
  await Promise.all([loader, off.byBearer.server, on.byBearer.server].map((child) => stop(child)))
  return [compared('session-check-metrics', 'req/s', measured, without)]
}

async function scrape(address: string): Promise<void> {
  const answer = await fetch(`http://${address}/metrics`).catch(() => undefined)
  await answer?.text()
}

async function startChecks(version: Version, options: Pick<DeployOptions, 'metrics'> = {}) {
  const { name, storage, gatehouse, cookies } = version
  const deployment = await gatehouse.deploy({ storage, ...options })
  const { port, keyRing } = deployment
  const tokens = await storeSessions(version, deployment, sessionCount)
  const server = gatehouse.serve(deployment, 'measured')
  await gatehouse.untilReady(server, port)
  const caseOf = (kind: string, presented: string[]): Case & { order: CheckOrder } => {
    return { name: `${name} ${kind}`, server, order: { port, presented, connections } }
  }
  const cookie = cookies.sessionCookieName(settings)
  return {
    port,
    tokens,
    byBearer: caseOf(
      'bearer',
      tokens.map((token) => `authorization: Bearer ${token}`),
    ),
    byCookie: caseOf(
      'cookie',
      tokens.map((token) => `cookie: ${cookie}=${cookies.sealToken(keyRing, cookie, token)}`),
    ),
  }
}

export async function storeSessions(
  { storage, redis, sessions }: Version,
  { keyRing }: Deployment,
  count: number,
): Promise<readonly string[]> {
  const store = redis.openRedis({ url: storage.redis, keyRing, now: () => new Date() })
  try {
    return await sessions.putSessions(store.sessions, count)
  } finally {
    await store.close()
  }
}

/** The bare server stores and returns the same response. */
async function copyAnswers(port: number, tokens: readonly string[], redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl)
  for (const token of tokens) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
      headers: { authorization: `Bearer ${token}` },
    })
    if (!answer.ok) throw new Error(`a session check answered ${answer.status}`)
    await redis.set(`bare:${secretHash(token)}`, await answer.text())
  }
  redis.disconnect()
}
