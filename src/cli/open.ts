/** Opens the configuration, a connection of it, or the core for a command. */
import { providers } from '../../providers/index.ts'
import { reportOf } from '../config/check.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { suggestion } from '../config/schema/closest-word.ts'
import { withEnvFile } from '../config/source/env-file.ts'
import { type Core, openCore } from '../main/core.ts'
import { openLog } from '../main/log.ts'
import type { Options, Output } from './options.ts'

/** The message is the report of all faults. */
export class InvalidConfig extends Error {}

export const loadConfigAt = ({ config: directory }: Pick<Options, 'config'>) =>
  loadConfig({ directory, environment: withEnvFile(directory, process.env), providers })

/** Throws `InvalidConfig`. */
export async function readConfig(options: Options): Promise<LoadedConfig> {
  const loaded = await loadConfigAt(options)
  if (!loaded.ok) throw new InvalidConfig(reportOf(loaded).text)
  return loaded
}

/** As `withOpenCore`, after migrating the database. `migrated`: the migrations that ran. */
export function withMigratedCore(work: (core: Core, options: Options, migrated: readonly string[]) => Promise<Output>) {
  return withOpenCore(async ({ core }, options) => work(core, options, await core.storage.migrate()))
}

export interface OpenDeployment {
  readonly core: Core
  readonly config: LoadedConfig
}

/** Opens the core for `work` and closes it. Runs no migrations, and needs no store to answer. */
export function withOpenCore(work: (deployment: OpenDeployment, options: Options) => Promise<Output>) {
  return async (options: Options): Promise<Output> => {
    const config = await readConfig(options)
    const core = await openCore(config, openLog('silent'))
    try {
      return await work({ core, config }, options)
    } finally {
      await core.close()
    }
  }
}

/** The settings of one connection, named by positional arguments or by options. */
export async function connectionSettings(options: Options, [tenantId, connectionId]: readonly string[] = []) {
  const { tenants, providers: known, deployment } = await readConfig(options)
  const tenant = requireKnown('tenant', tenantId ?? options.tenant, tenants)
  const settings = requireKnown('connection', connectionId ?? options.connection, tenant.connections)
  const provider = known.find(({ kind }) => kind === settings.kind)
  if (provider === undefined) throw new Error(`there is no kind ${settings.kind}`)
  return { tenant, settings, provider, deployment }
}

/** The tenant or connection of this id. Throws a sentence that lists the known ones. */
export function requireKnown<T extends { readonly id: string }>(
  kind: 'tenant' | 'connection',
  given: string | undefined,
  all: readonly T[],
): T {
  const ids = all.map(({ id }) => id)
  const found = all.find(({ id }) => id === given)
  if (found !== undefined) return found
  if (given === undefined) throw new Error(`name a ${kind} (--${kind}): ${ids.join(', ')}`)
  throw new Error(`there is no ${kind} ${given}; ${suggestion(given, ids)}`)
}

export const jsonText = (value: unknown) => JSON.stringify(value, null, 2)
