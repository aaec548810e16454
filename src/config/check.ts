/** `gatehouse check`: the configuration's faults and warnings as text. */
import { type ConfigFault, formatFaults } from './fault.ts'
import { type ConfigPlace, type Loaded, loadConfig } from './load.ts'

export { formatFaults }

export interface ConfigReport {
  readonly ok: boolean
  /** Faults, warnings, notes and a summary, one a line. */
  readonly text: string
}

export async function checkConfig(place: ConfigPlace): Promise<ConfigReport> {
  return reportOf(await loadConfig(place))
}

export function reportOf(loaded: Loaded): ConfigReport {
  const faults = loaded.ok ? [] : [formatFaults(loaded.faults)]
  const text = [...faults, ...marked('warning', loaded.warnings), ...marked('note', loaded.notes), summary(loaded)]
  return { ok: loaded.ok, text: text.join('\n') }
}

function marked(kind: 'warning' | 'note', lines: readonly ConfigFault[]): readonly string[] {
  return lines.map((line) => formatFaults([{ ...line, message: `${kind}: ${line.message}` }]))
}

function summary(loaded: Loaded): string {
  const warnings = loaded.warnings.length === 0 ? '' : `, ${count(loaded.warnings.length, 'warning')}`
  if (!loaded.ok) return `${count(loaded.faults.length, 'fault')}${warnings}`
  const connections = loaded.tenants.reduce((sum, tenant) => sum + tenant.connections.length, 0)
  return `${count(loaded.tenants.length, 'tenant')}, ${count(connections, 'connection')}: no faults${warnings}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
