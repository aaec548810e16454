/** Two processes of Gatehouse on one Redis and one PostgreSQL. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OktaEmulator } from '../../../providers/okta/emulator.ts'
import { acmeYaml, oktaFor, secretsOf } from '../gatehouse/tenants.ts'
import { gatehouseYaml, type TestGatehouseOptions } from '../gatehouse/test-gatehouse.ts'
import { addPerson, command, startProcess, type TestGatehouseProcess } from './process.ts'
import { freePort, sharedPostgres, sharedRedis } from './servers.ts'

export interface TwoProcesses {
  readonly okta: OktaEmulator
  readonly servers: readonly [TestGatehouseProcess, TestGatehouseProcess]
  /** Runs a command of the first one's configuration. */
  run(words: readonly string[]): Promise<string>
  stop(): Promise<void>
}

interface TwoProcessesOptions extends Pick<TestGatehouseOptions, 'probe'> {
  /** More lines of gatehouse.yaml. */
  readonly deployment?: string
  /** The file of the tenant acme. Default: the usual one. */
  readonly tenantYaml?: (okta: OktaEmulator) => string
  /** Further files beside gatehouse.yaml, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Default: the shared one. */
  readonly redis?: string
  /** Default: a database of its own on the shared one. */
  readonly postgres?: string
}

/** @param settings more lines of the tenant acme */
export async function startTwoProcesses(
  settings: string,
  person: Parameters<typeof addPerson>[1],
  options: TwoProcessesOptions = {},
): Promise<TwoProcesses> {
  const { redis, postgres, probe = false, deployment = '', files = {} } = options
  const { tenantYaml = (okta: OktaEmulator) => acmeYaml(okta, settings) } = options
  const okta = await oktaFor()
  const storage = { redis: redis ?? (await sharedRedis()), postgres: postgres ?? (await sharedPostgres()) }
  const folders: string[] = []
  const start = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-two-'))
    folders.push(folder)
    const port = await freePort()
    await mkdir(join(folder, 'tenants'))
    await writeFile(
      join(folder, 'gatehouse.yaml'),
      gatehouseYaml(folder, { storage, port, probe, settings: deployment }),
    )
    await writeFile(join(folder, 'tenants', 'acme.yaml'), tenantYaml(okta))
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return startProcess(folder, port, secretsOf(okta))
  }
  const servers = [await start(), await start()] as const
  await addPerson(folders[0] ?? '', person, secretsOf(okta))
  return {
    okta,
    servers,
    run: (words) => command(folders[0] ?? '', words, secretsOf(okta)),
    async stop() {
      await Promise.all(servers.map((server) => server.end('SIGKILL')))
      await okta.close()
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })))
    },
  }
}
