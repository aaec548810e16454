/** Gathers the facts of the deployment concurrently; leaves out those that are late. */
import type { DeploymentFacts, SigningKeyFacts, StoreFacts } from '../broker/deployment/facts.ts'
import { nextChangeAt } from '../broker/keys/key-lifecycle.ts'
import type { ObservedStore } from '../broker/ports/observed-store.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Core } from './core.ts'
import { readWithin } from './read-within.ts'

export interface FactSources {
  readonly version: string
  readonly startedAt: Date
  readonly config: Pick<LoadedConfig, 'digest' | 'warnings'>
  readonly core: Pick<Core, 'keyPolicy' | 'parts' | 'storage'>
}

/** Never throws. */
export function deploymentFacts({ version, startedAt, config, core }: FactSources) {
  const { parts, storage } = core
  const { now } = parts
  const configuration = { digest: config.digest, loadedAt: startedAt, warnings: config.warnings.length }
  return async (): Promise<DeploymentFacts> => {
    const [storeFacts, processes, mail, logouts, signingKeys] = await Promise.all([
      Promise.all(storage.observed.map(storeFactsOf)),
      readWithin(() => parts.processes.all()),
      readWithin(() => storage.durable.outbox.size(now())),
      readWithin(() => parts.logouts.size(now())),
      readWithin(() => keyFacts(core)),
    ])
    const queues = { mail, logouts }
    return { at: now(), version, startedAt, configuration, stores: storeFacts, processes, queues, signingKeys }
  }
}

async function storeFactsOf(store: ObservedStore): Promise<StoreFacts> {
  const [latencyMs, figures] = await Promise.all([
    readWithin(() => store.latencyMs()),
    readWithin(() => store.figures()),
  ])
  return { kind: store.kind, latencyMs, outage: latencyMs === undefined ? store.outage() : undefined, figures }
}

async function keyFacts({ parts, keyPolicy }: FactSources['core']): Promise<readonly SigningKeyFacts[]> {
  const keys = await parts.signingKeys.all()
  return keys.map((key) => {
    const { id, algorithm, status, createdAt, activatedAt } = key
    return { id, algorithm, status, createdAt, activatedAt, changesAt: nextChangeAt(key, keys, keyPolicy) }
  })
}
