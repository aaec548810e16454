/** Baseline of the session check: `node:http` and ioredis. */
import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import { Redis } from 'ioredis'

const [port, redisUrl = ''] = process.argv.slice(2)
const redis = new Redis(redisUrl)

interface Stored {
  readonly expiresAt: string
  readonly idleExpiresAt: string
}

createServer((request, response) => {
  check(request.headers.authorization ?? '', response).catch(() => answer(response, 503, '{}'))
}).listen(Number(port), '127.0.0.1')

async function check(authorization: string, response: ServerResponse): Promise<void> {
  if (!authorization.startsWith('Bearer ')) return answer(response, 401, '{}')
  const stored = await redis.get(bareKey(authorization.slice('Bearer '.length)))
  if (stored === null) return answer(response, 401, '{}')
  const session: Stored = JSON.parse(stored)
  const now = Date.now()
  const live = now < Date.parse(session.expiresAt) && now < Date.parse(session.idleExpiresAt)
  answer(response, live ? 200 : 401, live ? JSON.stringify(session) : '{}')
}

function bareKey(token: string): string {
  return `bare:${createHash('sha256').update(token).digest('base64url')}`
}

function answer(response: ServerResponse, status: number, body: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}
