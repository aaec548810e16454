/** Problems of well-formed connections that providers find without network. */
import type { ConfigProblem, Provider } from '../provider/provider.ts'
import type { ConnectionSettings } from '../tenant.ts'
import { type ConfigFault, pathText } from './source/fault.ts'
import { type Source, valueAt } from './source/source.ts'

export interface Inspected {
  readonly source: Source
  readonly connections: readonly ConnectionSettings[]
}

export interface Inspection {
  /** Such a connection refuses logins; the process still starts, for the others. */
  readonly unusable: readonly ConfigFault[]
  readonly warnings: readonly ConfigFault[]
}

export function inspectConnections(files: readonly Inspected[], providers: readonly Provider[], now: Date): Inspection {
  const found = files.flatMap(({ source, connections }) =>
    connections.flatMap(({ id, kind, config, secretExpires }) => {
      if (valueAt(source, 'connections', id) === 'shared') return [] // reported where it is written
      const problems = [
        ...(providers.find((provider) => provider.kind === kind)?.inspect?.(config, now) ?? []),
        ...secretProblems(secretExpires, now),
      ]
      return problems.map(({ key, message, isWarning = false }) => {
        const path = ['connections', id, key]
        const fault = { file: source.file, ...source.placeOf(path), path: pathText(path), message }
        return { fault, isWarning }
      })
    }),
  )
  const those = (isWarning: boolean) => found.flatMap((each) => (each.isWarning === isWarning ? [each.fault] : []))
  return { unusable: those(false), warnings: those(true) }
}

const warnMs = 30 * 86_400_000

function secretProblems(expires: Date | undefined, now: Date): readonly ConfigProblem[] {
  if (expires === undefined || expires.getTime() - now.getTime() >= warnMs) return []
  const verb = expires <= now ? 'ended' : 'ends'
  const message = `the client secret ${verb} on ${expires.toISOString().slice(0, 10)}: create a new one at the upstream, and write the new date here`
  return [{ key: 'secretExpires', message, isWarning: true }]
}
