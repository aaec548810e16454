/** Memory and session checks with 1,000 declared apps and tenants, against one of each. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Deployment, deploy, serve, untilReady } from '../gatehouse.ts'
import type { CheckOrder } from '../load/check.ts'
import { residentMegabytes, scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { compared, type Effort, inTurn } from '../rounds.ts'
import { median } from '../statistics.ts'
import type { Version, Versions } from '../versions.ts'
import { storeSessions } from './session-check.ts'

const many = 1000
const connections = 64
const sessionCount = 1000
const restMs = 2000
const maxRounds = 3

export async function benchScale([version]: Versions, effort: Effort): Promise<readonly Result[]> {
  const { storage } = version
  const small = await deploy({ storage, apps: appsFor(1) })
  const tenants = Array.from({ length: many - 1 }, (_, number) => `tenant-${number}`)
  const large = await deploy({ storage, apps: appsFor(many), tenants })
  const more: number[] = []
  for (let round = 1; round <= Math.min(maxRounds, effort.rounds); round += 1) {
    const [less, max] = [await restingMegabytes(small), await restingMegabytes(large)]
    more.push(max - less)
    effort.say(
      `scale, round ${round}: ${less.toFixed(0)} MB with one app and tenant, ${max.toFixed(0)} MB with ${many}`,
    )
  }
  return [
    { name: 'apps-tenants-mb', value: median(more), unit: 'MB' },
    await checkAtScale(version, small, large, effort),
  ]
}

function appsFor(count: number): object {
  const app = (number: number) => ({
    name: `App ${number}`,
    kind: 'web',
    redirectUris: [`https://app-${number}.example.com/callback`],
    postLogoutRedirectUris: [`https://app-${number}.example.com/`],
    backchannelLogoutUri: `https://app-${number}.example.com/backchannel-logout`,
    tenants: 'all',
    secrets: [`the secret of app number ${number} of the bench`],
  })
  return Object.fromEntries(Array.from({ length: count }, (_, number) => [`app-${number}`, app(number)]))
}

async function restingMegabytes(deployment: Deployment): Promise<number> {
  const child = serve(deployment, 'all')
  await untilReady(child, deployment.port)
  await sleep(restMs)
  const megabytes = residentMegabytes(child)
  await stop(child)
  return megabytes
}

async function checkAtScale(version: Version, small: Deployment, large: Deployment, effort: Effort): Promise<Result> {
  const loader = start(scriptOf('load/check'), [], { askable: true })
  const caseOf = async (name: string, deployment: Deployment) => {
    const tokens = await storeSessions(version, deployment, sessionCount)
    const server = serve(deployment, 'measured')
    await untilReady(server, deployment.port)
    const presented = tokens.map((token) => `authorization: Bearer ${token}`)
    const order: CheckOrder = { port: deployment.port, presented, connections }
    return { name, server, order }
  }
  const cases = [await caseOf('small', small), await caseOf('large', large)]
  const [bySmall = [], byLarge = []] = await inTurn('session check at scale', loader, cases, effort)
  await Promise.all([...cases.map(({ server }) => server), loader].map((child) => stop(child)))
  return compared('check-at-scale', 'req/s', byLarge, bySmall)
}
