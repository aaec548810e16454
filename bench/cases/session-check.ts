/** Session checks by bearer token and by cookie, against the bare server. */
import { Redis } from 'ioredis'
import { secretHash } from '../../src/crypto/token.ts'
import { sealToken, sessionCookieName } from '../../src/http/cookies.ts'
import { openRedis } from '../../src/store/redis/redis.ts'
import { type Deployment, deploy, type Storage, serve, untilListening, untilReady } from '../gatehouse.ts'
import type { CheckOrder } from '../load/check.ts'
import { freePort } from '../ports.ts'
import { scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { compared, type Effort, inTurn } from '../rounds.ts'
import { putSessions } from '../sessions.ts'

const sessionCount = 1000
const connections = 64
const settings = {
  sameSite: 'lax',
  secure: false,
  persistent: true,
  name: 'gatehouse_session',
  domain: undefined,
  path: '/',
} as const

export async function benchSessionCheck(storage: Storage, effort: Effort): Promise<readonly Result[]> {
  const deployment = await deploy({ storage })
  const tokens = await storeSessions(storage, deployment, sessionCount)
  const gatehouse = serve(deployment, 'measured')
  await untilReady(gatehouse, deployment.port)
  await copyAnswers(deployment.port, tokens, storage.redis)
  const barePort = await freePort()
  const bare = start(scriptOf('bare/check'), [`${barePort}`, storage.redis], { cores: 'measured' })
  await untilListening(bare, barePort)
  const loader = start(scriptOf('load/check'), [], { askable: true })

  const bearer = tokens.map((token) => `authorization: Bearer ${token}`)
  const name = sessionCookieName(settings)
  const cookie = tokens.map((token) => `cookie: ${name}=${sealToken(deployment.keyRing, name, token)}`)
  const order = (port: number, presented: string[]): CheckOrder => ({ port, presented, connections })
  const cases = [
    { name: 'bare', server: bare, order: order(barePort, bearer) },
    { name: 'bearer', server: gatehouse, order: order(deployment.port, bearer) },
    { name: 'cookie', server: gatehouse, order: order(deployment.port, cookie) },
  ]
  const [byBare = [], byBearer = [], byCookie = []] = await inTurn('session check', loader, cases, effort)
  await Promise.all([gatehouse, bare, loader].map((child) => stop(child)))
  return [
    compared('session-check', 'req/s', byBearer, byBare),
    compared('session-check-cookie', 'req/s', byCookie, byBearer),
  ]
}

export async function storeSessions(
  storage: Storage,
  { keyRing }: Deployment,
  count: number,
): Promise<readonly string[]> {
  const store = openRedis({ url: storage.redis, keyRing, now: () => new Date() })
  try {
    return await putSessions(store.sessions, count)
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
