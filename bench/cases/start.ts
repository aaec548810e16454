/** Time from start to the first ready response, and memory at rest. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Deployment, deploy, serve, untilReady } from '../gatehouse.ts'
import { residentMegabytes, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import { median } from '../statistics.ts'
import type { Versions } from '../versions.ts'

const restMs = 2000
const maxRounds = 7

export async function benchStart([{ storage }]: Versions, effort: Effort): Promise<readonly Result[]> {
  const { say } = effort
  const rounds = Math.min(maxRounds, effort.rounds)
  const cases = [
    { infix: '', deployment: await deploy({ storage }), runs: [] as Run[] },
    { infix: '-embedded', deployment: await deploy({}), runs: [] as Run[] },
  ]
  // runs migrations and creates the file
  for (const { deployment } of cases) await startOnce(deployment)
  for (let turn = 1; turn <= rounds; turn += 1) {
    for (const { deployment, runs } of cases) runs.push(await startOnce(deployment))
    const line = cases.map(({ infix, runs }) => `start${infix} ${runs.at(-1)?.readyMs.toFixed(0)} ms`)
    say(`start, round ${turn} of ${rounds}: ${line.join(', ')}`)
  }
  return cases.flatMap(({ infix, runs }) => [
    { name: `start${infix}-ms`, value: median(runs.map(({ readyMs }) => readyMs)), unit: 'ms' },
    { name: `rss${infix}-mb`, value: median(runs.map(({ megabytes }) => megabytes)), unit: 'MB' },
  ])
}

interface Run {
  readonly readyMs: number
  readonly megabytes: number
}

async function startOnce(deployment: Deployment): Promise<Run> {
  const began = performance.now()
  const child = serve(deployment, 'all')
  await untilReady(child, deployment.port)
  const readyMs = performance.now() - began
  await sleep(restMs)
  const megabytes = residentMegabytes(child)
  await stop(child)
  return { readyMs, megabytes }
}
