/** Where everything of a run is: folders, ports and addresses. */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../bench/ports.ts'

export interface RunFolders {
  /** Kept between runs: the built suite. */
  readonly cache: string
  /** This run's files. */
  readonly run: string
  readonly logs: string
  /** Origins. Two hosts, since cookies know no ports. */
  readonly suite: string
  readonly gatehouse: string
  readonly upstream: string
  readonly ports: Readonly<Record<PortName, number>>
}

const portNames = ['suite', 'suiteTls', 'suiteMtls', 'mongo', 'gatehouse', 'gatehouseTls', 'upstream'] as const
type PortName = (typeof portNames)[number]

export async function prepareRun(cacheFolder: string | undefined, logFolder: string | undefined): Promise<RunFolders> {
  const cache = cacheFolder ?? join(tmpdir(), 'gatehouse-conformance')
  const run = join(cache, 'run', `${process.pid}`)
  const logs = logFolder ?? join(cache, 'logs')
  for (const folder of [cache, run, logs]) mkdirSync(folder, { recursive: true })
  const ports = { suite: 0, suiteTls: 0, suiteMtls: 0, mongo: 0, gatehouse: 0, gatehouseTls: 0, upstream: 0 }
  for (const name of portNames) ports[name] = await freePort()
  return {
    cache,
    run,
    logs,
    ports,
    suite: `https://127.0.0.1:${ports.suiteTls}`,
    gatehouse: `https://localhost:${ports.gatehouseTls}`,
    upstream: `http://127.0.0.1:${ports.upstream}`,
  }
}
