/** Two processes of Gatehouse on one Redis and one PostgreSQL. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acmeYaml, oktaFor, secretsOf } from '../gatehouse/tenants.ts'
import { gatehouseYaml } from '../gatehouse/test-gatehouse.ts'
import { addPerson, startProcess, type TestGatehouseProcess } from './process.ts'
import { freePort, sharedPostgres, sharedRedis } from './servers.ts'

export interface TwoProcesses {
  readonly servers: readonly [TestGatehouseProcess, TestGatehouseProcess]
  stop(): Promise<void>
}

/** @param settings more lines of the tenant acme */
export async function startTwoProcesses(
  settings: string,
  person: Parameters<typeof addPerson>[1],
): Promise<TwoProcesses> {
  const okta = await oktaFor()
  const storage = { redis: await sharedRedis(), postgres: await sharedPostgres() }
  const folders: string[] = []
  const start = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gatehouse-two-'))
    folders.push(folder)
    const port = await freePort()
    await mkdir(join(folder, 'tenants'))
    await writeFile(join(folder, 'gatehouse.yaml'), gatehouseYaml(folder, { storage, port }))
    await writeFile(join(folder, 'tenants', 'acme.yaml'), acmeYaml(okta, settings))
    return startProcess(folder, port, secretsOf(okta))
  }
  const servers = [await start(), await start()] as const
  await addPerson(folders[0] ?? '', person, secretsOf(okta))
  return {
    servers,
    async stop() {
      await Promise.all(servers.map((server) => server.end('SIGKILL')))
      await okta.close()
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })))
    },
  }
}
