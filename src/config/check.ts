/** `gatehouse check`: the configuration's faults and warnings as text. */
import { formatFaults } from './fault.ts'
import { type ConfigPlace, type Loaded, loadConfig } from './load.ts'

export { formatFaults }

export interface ConfigReport {
  readonly ok: boolean
  /** Faults, warnings and a summary, one a line. */
  readonly text: string
}

export async function checkConfig(place: ConfigPlace): Promise<ConfigReport> {
  return reportOf(await loadConfig(place))
}

export function reportOf(loaded: Loaded): ConfigReport {
  const warnings = loaded.warnings.map((warning) =>
    formatFaults([{ ...warning, message: `warning: ${warning.message}` }]),
  )
  const faults = loaded.ok ? [] : [formatFaults(loaded.faults)]
  return { ok: loaded.ok, text: [...faults, ...warnings, summary(loaded)].join('\n') }
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
