/** `gatehouse status`: whether everything works, and if not, why and who can fix it. */
import { existsSync } from 'node:fs'
import { listConnections } from '../../broker/health/connection-list.ts'
import { deploymentFacts } from '../../main/deployment-facts.ts'
import { readWithin } from '../../main/read-within.ts'
import { readVersion } from '../../main/version.ts'
import { jsonText, readConfig, withOpenCore } from '../open.ts'
import type { Options, Output } from '../options.ts'
import { problemsOf, type Status, statusText } from './status-text.ts'

/** Code 1 if a store or a connection is down, or migrations are pending. Changes nothing. */
export async function showStatus(options: Options): Promise<Output> {
  const { redis, postgres, file } = (await readConfig(options)).deployment.storage
  const isEmbedded = redis === undefined || postgres === undefined
  // opening it would create it
  if (!isEmbedded || existsSync(file)) return showStatusOfStores(options)
  const text = `The embedded file ${file} does not exist. Start Gatehouse once: 'gatehouse serve' creates it.`
  return {
    text: options.json ? jsonText({ down: true, problems: [{ title: text, fixer: 'operator' }] }) : text,
    code: 1,
  }
}

const showStatusOfStores = withOpenCore(async ({ core, config }, { json }) => {
  const { parts, storage, health } = core
  const facts = deploymentFacts({ version: await readVersion(), startedAt: parts.now(), config, core })
  // the first call of a store includes the time to connect
  await Promise.all([...storage.observed.map((store) => readWithin(() => store.latencyMs())), health.refresh()])
  const [deployment, pendingMigrations, list] = await Promise.all([
    facts(),
    readWithin(storage.pendingMigrations),
    readWithin(() => listConnections(parts)),
  ])
  const status: Status = { deployment, pendingMigrations, connections: list?.connections }
  return { text: json ? jsonText(jsonOf(status)) : statusText(status), code: isDown(status) ? 1 : 0 }
})

function isDown({ deployment, pendingMigrations = [], connections = [] }: Status): boolean {
  const isStoreDown = deployment.stores.some(({ latencyMs }) => latencyMs === undefined)
  return isStoreDown || pendingMigrations.length > 0 || connections.some(({ state }) => state === 'down')
}

function jsonOf(status: Status) {
  const { deployment, pendingMigrations, connections } = status
  const { at, version, configuration, stores, processes, queues, signingKeys } = deployment
  return {
    at,
    version,
    configuration: configuration.digest,
    down: isDown(status),
    problems: problemsOf(status).map(({ path: _, ...problem }) => problem),
    stores,
    pendingMigrations,
    processes,
    queues,
    signingKeys,
    connections: connections?.map(({ named, state, findings, health }) => ({
      tenant: named.tenant,
      connection: named.connection,
      state,
      checkedAt: health?.checkedAt,
      isStale: health?.isStale,
      findings: findings.map(({ title, fix, fixer, since }) => ({ title, fix, fixer, since })),
    })),
  }
}
