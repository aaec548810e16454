/** What a provider can tell, without network, of a configuration that is well-formed and yet of no use now: metadata past its time, say. */
import type { Provider } from '../provider.ts'
import type { ConnectionSettings } from '../tenant.ts'
import { type ConfigFault, pathText } from './fault.ts'
import { isMap, type Source } from './source.ts'

export interface Inspected {
  readonly source: Source
  readonly connections: readonly ConnectionSettings[]
}

/** Such a connection refuses logins; it does not stop the process, in which other connections work. */
export function inspectConnections(
  files: readonly Inspected[],
  providers: readonly Provider[],
  now: Date,
): readonly ConfigFault[] {
  return files.flatMap(({ source, connections }) =>
    connections.flatMap(({ id, kind, config }) => {
      if (isShared(source, id)) return [] // reported where it is written
      const problems = providers.find((provider) => provider.kind === kind)?.inspect?.(config, now) ?? []
      return problems.map(({ key, message }) => {
        const path = ['connections', id, key]
        return { file: source.file, ...source.placeOf(path), path: pathText(path), message }
      })
    }),
  )
}

function isShared({ value }: Source, id: string): boolean {
  return isMap(value) && isMap(value['connections']) && value['connections'][id] === 'shared'
}
