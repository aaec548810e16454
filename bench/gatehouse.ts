/** `gatehouse serve` as a process. */
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { KeyRing } from '../src/crypto/keyring.ts'
import { freePort } from './ports.ts'
import { type Cores, start } from './processes.ts'

export const tenant = 'bench'

/** Deployments of a run share their stores, so they share their keys. */
const key = randomBytes(32)

export interface Deployment {
  readonly folder: string
  readonly port: number
  readonly keyRing: KeyRing
}

export interface Storage {
  readonly redis: string
  readonly postgres: string
}

/** Folders to delete at the end. */
export const deployments: string[] = []

export interface DeployOptions {
  readonly storage?: Storage
  readonly issuer?: string
  readonly apps?: object
  /** Ids of further tenants, like the first. */
  readonly tenants?: readonly string[]
  readonly health?: object
  readonly metrics?: object
  /** Further keys of the connection. */
  readonly okta?: object
  /** Of each tenant, besides Okta. */
  readonly connections?: object
}

/** A configuration folder; the embedded file without `storage`. */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const { storage, issuer = 'http://localhost:1', apps = {}, tenants = [], health, metrics, connections } = options
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  deployments.push(folder)
  const port = await freePort()
  const stores = storage ?? { file: join(folder, 'gatehouse.db') }
  const deployment = {
    publicUrl: `http://localhost:${port}`,
    listen: { port },
    trustedProxies: ['127.0.0.1'],
    storage: stores,
    keys: [key.toString('base64url')],
    mail: { directory: join(folder, 'mail') },
    outbound: { allowPrivate: ['localhost', '127.0.0.1'] },
    apps,
    ...(health !== undefined && { health }),
    ...(metrics !== undefined && { metrics }),
  }
  const okta = { issuer, clientId: 'gatehouse', clientSecret: 'emulated', ...options.okta }
  await mkdir(join(folder, 'tenants'))
  // JSON is YAML
  await writeFile(join(folder, 'gatehouse.yaml'), JSON.stringify(deployment))
  for (const id of [tenant, ...tenants])
    await writeFile(
      join(folder, 'tenants', `${id}.yaml`),
      JSON.stringify({ tenant: id, name: 'Bench', connections: { okta, ...connections } }),
    )
  return { folder, port, keyRing: new KeyRing([key]) }
}

const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url))

/** Returns at once: call `untilReady` to wait. */
export function serve({ folder }: Deployment, cores: Cores): ChildProcess {
  return start(cli, ['serve', '--config', folder], { cores })
}

export function untilReady(child: ChildProcess, port: number): Promise<void> {
  return until(child, async () => (await statusOf(port, '/readyz')) === 200)
}

export function untilListening(child: ChildProcess, port: number, path = '/'): Promise<void> {
  return until(child, async () => (await statusOf(port, path)) !== undefined)
}

async function until(child: ChildProcess, fulfilled: () => Promise<boolean>): Promise<void> {
  while (!(await fulfilled())) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.exitCode}`)
    await sleep(4)
  }
}

function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((done) => {
    // a process that listens early may never answer this request
    const asked = request({ port, path, host: '127.0.0.1', agent: false, timeout: 500 }, (response) => {
      response.resume()
      done(response.statusCode)
    })
    asked.once('timeout', () => asked.destroy())
    asked.once('error', () => done(undefined))
    asked.end()
  })
}
