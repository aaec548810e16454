/**
 * What the records of sign-ins cost: logins with traces, statistics and metrics against logins
 * without them, and with audit events against without. One process alternates in small batches, so
 * that noise cancels.
 */
import type { ChildProcess } from 'node:child_process'
import { deploy, type Storage, tenant, untilListening, untilReady } from '../gatehouse.ts'
import { loadForm } from '../load/load.ts'
import type { LoginOrder } from '../load/login.ts'
import { type ObservedOrder, observedForm } from '../load/observed.ts'
import { freePort } from '../ports.ts'
import { ask, cpuSeconds, scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import { type Effort, orderOf } from '../rounds.ts'
import { median } from '../statistics.ts'
import type { Versions } from '../versions.ts'

const people = 50
const browsers = 4
const batch = 60
const warmUps = 1500

const modes = ['all', 'no traces', 'no audit'] as const

export async function benchLoginRecords([{ storage }]: Versions, effort: Effort): Promise<readonly Result[]> {
  return [...(await measured('', storage, effort)), ...(await measured('-embedded', undefined, effort))]
}

async function measured(suffix: string, storage: Storage | undefined, { rounds, say }: Effort) {
  const upstreamPort = await freePort()
  const issuer = `http://localhost:${upstreamPort}/oauth2/default`
  const deployment = await deploy({ issuer, ...(storage !== undefined && { storage }) })
  const upstream = start(scriptOf('upstream'), [upstreamPort, people, 1, deployment.port].map(String))
  await untilListening(upstream, upstreamPort)
  const loader = start(scriptOf('load/login'), [], { askable: true })
  const server = start(scriptOf('load/observed-server'), [deployment.folder], { cores: 'measured', askable: true })
  await untilReady(server, deployment.port)

  const signIn = async (times: number) => {
    const path = `/t/${tenant}/okta/start?return_to=%2Faccount`
    const begin = `http://localhost:${deployment.port}${path}`
    const order: LoginOrder = { start: begin, cookie: 'gatehouse_session', people, browsers }
    const load = await ask(loader, { ...order, seconds: 60, times }, loadForm)
    if (load.failed > 0) throw new Error(`login records: ${load.failed} of ${load.done} logins failed`)
  }
  await signIn(warmUps)
  const cpu = new Map(modes.map((mode) => [mode, [] as number[]]))
  for (let turn = 1; turn <= rounds; turn += 1)
    for (const mode of orderOf(modes, turn)) cpu.get(mode)?.push(await batchCpu(server, mode, () => signIn(batch)))
  const ofMode = (mode: (typeof modes)[number]) => cpu.get(mode) ?? []
  const results = [
    compared(`login-observability${suffix}`, ofMode('all'), ofMode('no traces')),
    compared(`login-audit${suffix}`, ofMode('all'), ofMode('no audit')),
  ]
  for (const { name, cpuRatio = 0 } of results) say(`${name}: ${cpuRatio.toFixed(3)} times the cpu`)
  await Promise.all([server, upstream, loader].map((child) => stop(child)))
  return results
}

/** Milliseconds of each login, what is written behind the responses included. */
async function batchCpu(server: ChildProcess, mode: ObservedOrder['mode'], logins: () => Promise<void>) {
  const order = (next: ObservedOrder['mode']) => ask(server, { mode: next } satisfies ObservedOrder, observedForm)
  await order(mode)
  const before = cpuSeconds(server)
  await logins()
  const { traces, events } = await order('written')
  if (traces > 0 !== (mode !== 'no traces') || events > 0 !== (mode !== 'no audit'))
    throw new Error(`login records: ${mode} recorded ${traces} traces and ${events} audit events`)
  return ((cpuSeconds(server) - before) * 1000) / batch
}

/** Of the batches of one round, which ran under the same load. */
function compared(name: string, recorded: readonly number[], without: readonly number[]): Result {
  const ratios = recorded.map((mine, at) => mine / (without[at] ?? mine))
  const [value, baseline] = [median(recorded), median(without)]
  return { name, value, unit: 'ms', baseline, cpuRatio: median(ratios), cpuMs: value }
}
