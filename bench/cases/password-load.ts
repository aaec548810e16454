/** Password logins: how they delay session checks, and what our queue costs beside Argon2. */
import { randomUUID } from 'node:crypto'
import { defaultHashing } from '../../providers/password/hashing.ts'
import { passwordIssuer } from '../../providers/password/password.ts'
import { openPostgres } from '../../src/store/postgres/postgres.ts'
import { type Deployment, type Storage, tenant } from '../gatehouse.ts'
import { type Paced, type PacedOrder, pacedForm } from '../load/paced.ts'
import { ask, scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { compared, type Effort, inTurn } from '../rounds.ts'
import { median } from '../statistics.ts'
import type { Versions } from '../versions.ts'
import { storeSessions } from './session-check.ts'

const checksPerSecond = 300
const loginsPerSecond = 64
/** Each signs in at most a few times a round. */
const users = 400
const password = 'correct horse battery staple'
/** A p99 needs some hundred checks. */
const minSeconds = 2

/** p99 of checks at a fixed rate, with and without password logins; one process on one core. */
export async function benchCheckUnderPasswords([version]: Versions, effort: Effort): Promise<readonly Result[]> {
  const { gatehouse, storage } = version
  const deployment = await gatehouse.deploy({ storage, connections: { password: {} } })
  const tokens = await storeSessions(version, deployment, 200)
  const server = gatehouse.serve(deployment, 'measured')
  await gatehouse.untilReady(server, deployment.port)
  const logins = await storeUsers(storage, deployment)
  const [checking, signingIn] = [0, 1].map(() => start(scriptOf('load/paced'), [], { askable: true }))
  const seconds = Math.max(effort.seconds, minSeconds)
  const order = (requests: readonly string[], perSecond: number, status: number): PacedOrder => {
    return { port: deployment.port, requests: [...requests], perSecond, seconds, status }
  }
  const checks = order(
    tokens.map((token) => checkOf(token)),
    checksPerSecond,
    200,
  )
  const passwords = order(logins, loginsPerSecond, 201)
  const check = () => ask(checking!, checks, pacedForm)
  const signIn = () => ask(signingIn!, passwords, pacedForm)

  await Promise.all([check(), signIn()]) // warms up
  const rounds: { readonly idle: Paced; readonly loaded: Paced; readonly signedIn: Paced }[] = []
  for (let turn = 1; turn <= Math.max(3, Math.ceil(effort.rounds / 3)); turn += 1) {
    const idle = await check()
    const [loaded, signedIn] = await Promise.all([check(), signIn()])
    assertDone(idle, loaded)
    rounds.push({ idle, loaded, signedIn })
    const ms = `p99 ${idle.p99.toFixed(1)} ms idle, ${loaded.p99.toFixed(1)} ms under load`
    effort.say(`check under password load, round ${turn}: ${ms}; logins ${signedIn.done} of ${signedIn.sent}`)
  }
  await Promise.all([server, checking!, signingIn!].map((child) => stop(child)))
  const p99 = median(rounds.map(({ loaded }) => loaded.p99))
  const share = median(rounds.map(({ signedIn }) => signedIn.done / signedIn.sent))
  return [
    {
      name: 'check-under-password-load',
      value: p99,
      unit: 'ms',
      baseline: median(rounds.map(({ idle }) => idle.p99)),
      ratio: median(rounds.map(({ idle, loaded }) => loaded.p99 / idle.p99)),
      p50: median(rounds.map(({ loaded }) => loaded.p50)),
      p99,
    },
    {
      name: 'password-logins-done',
      value: share * 100,
      unit: '%',
      p99: median(rounds.map((each) => each.signedIn.p99)),
    },
  ]
}

function assertDone(...all: readonly Paced[]): void {
  for (const { sent, done } of all) if (done < sent) throw new Error(`${sent - done} of ${sent} session checks failed`)
}

/** Ours against Argon2 with as many at once, on the same cores. */
export async function benchPasswordVerify(_: Versions, effort: Effort): Promise<readonly Result[]> {
  const verifier = start(scriptOf('bare/passwords'), [], { cores: 'measured', askable: true })
  const cases = (['bare', 'ours'] as const).map((mode) => ({ name: mode, server: verifier, order: { mode } }))
  const [bare = [], ours = []] = await inTurn('password verify', verifier, cases, effort)
  await stop(verifier)
  return [compared('password-verify', '/s', ours, bare)]
}

const checkOf = (token: string) =>
  `GET /api/v1/session HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\nauthorization: Bearer ${token}\r\n\r\n`

/** Users with one password, and the request that signs each in, from a network of its own. */
async function storeUsers({ postgres }: Storage, { keyRing }: Deployment): Promise<readonly string[]> {
  const now = new Date()
  const hash = await defaultHashing().hash(password)
  const store = openPostgres({ url: postgres, keyRing, now: () => now })
  try {
    const requests: string[] = []
    for (let number = 0; number < users; number += 1) {
      const [id, email] = [randomUUID(), `user${number}-${randomUUID()}@bench.test`]
      const profile = { email: { address: email, verified: true } }
      const subject = await store.passwords.put(tenant, { email, subject: id, hash }, now)
      const identity = { issuer: passwordIssuer, subject, connection: 'password', profile, lastLoginAt: now }
      await store.users.create({ id, tenant, status: 'active', profile, emailProven: true, createdAt: now }, identity)
      requests.push(loginOf(email, `198.18.${Math.floor(number / 250)}.${(number % 250) + 1}`))
    }
    return requests
  } finally {
    await store.close()
  }
}

function loginOf(email: string, source: string): string {
  const body = JSON.stringify({ tenant, email, password })
  const head = `host: localhost\r\ncontent-type: application/json\r\nx-forwarded-for: ${source}\r\ncontent-length: ${Buffer.byteLength(body)}`
  return `POST /api/v1/sessions HTTP/1.1\r\n${head}\r\n\r\n${body}`
}
