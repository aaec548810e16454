/**
 * Processor time that probing 500 connections takes in the process that probes, as a share of a
 * core. Its baseline is the same deployment without probes. The upstream is the emulated Okta.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { deploy, serve, tenant, untilListening, untilReady } from '../gatehouse.ts'
import { freePort } from '../ports.ts'
import { cpuSeconds, scriptOf, start, stop } from '../processes.ts'
import type { Result } from '../results.ts'
import type { Effort } from '../rounds.ts'
import type { Versions } from '../versions.ts'

const connections = 500
/** The start, and V8 optimizing what a probe runs. */
const warmUpMs = 60_000
/** More than an interval. */
const measuredMs = 60_000

export async function benchHealthProbes([{ storage }]: Versions, { say }: Effort): Promise<readonly Result[]> {
  const upstreamPort = await freePort()
  const issuer = `http://localhost:${upstreamPort}/oauth2/default`
  const tenants = Array.from({ length: connections - 1 }, (_, index) => `tenant${index}`)
  const probing = await deploy({ storage, issuer, tenants })
  const quiet = await deploy({ storage, issuer, tenants, health: { probe: false } })
  const upstream = start(scriptOf('upstream'), [upstreamPort, 1, 0, probing.port].map(String), {
    environment: { BENCH_TENANTS: [tenant, ...tenants].join() },
  })
  await untilListening(upstream, upstreamPort)
  const servers = [serve(probing, 'measured'), serve(quiet, 'measured')] as const
  await Promise.all([untilReady(servers[0], probing.port), untilReady(servers[1], quiet.port)])
  say(`health-probes: ${(warmUpMs + measuredMs) / 1000} s`)
  await sleep(warmUpMs)
  const [began, before] = [performance.now(), servers.map(cpuSeconds)]
  await sleep(measuredMs)
  const seconds = (performance.now() - began) / 1000
  const [ours = 0, baseline = 0] = servers.map((server, index) => cpuSeconds(server) - (before[index] ?? 0))
  await Promise.all([...servers, upstream].map((child) => stop(child)))
  const percent = (cpu: number) => (100 * cpu) / seconds
  return [{ name: 'health-probes', value: percent(ours - baseline), unit: '% of a core', baseline: percent(baseline) }]
}
