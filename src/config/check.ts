/** `gatehouse check`: the configuration's faults and warnings as text. */
import { basename } from 'node:path'
import type { Loaded } from './load.ts'
import { type ConfigFault, formatFaults, inReadingOrder } from './source/fault.ts'
import { prefixOf } from './source/tenant-bounds.ts'

export { formatFaults }

export interface ConfigReport {
  readonly ok: boolean
  /** Faults, warnings, notes and a summary, one a line. */
  readonly text: string
}

export function reportOf(loaded: Loaded): ConfigReport {
  const found = faultsOf(loaded)
  const faults = found.length === 0 ? [] : [formatFaults(found)]
  const findings = loaded.ok ? loaded.warnings : [...loaded.faults, ...loaded.warnings]
  const remarks = [...labeled('warning', loaded.warnings), ...labeled('note', loaded.notes)]
  const fixer = faults.length + loaded.warnings.length === 0 ? [] : [fixerLine]
  const lines = [...faults, ...remarks, ...fixer, ...explanations(findings), ...missingVariables(found)]
  return { ok: found.length === 0, text: [...lines, summary(loaded)].join('\n') }
}

const fixerLine = 'who can fix it: an operator changes the file, runs gatehouse check and restarts Gatehouse'

/** A connection that cannot be used does not stop the process, but it is a fault. */
function faultsOf(loaded: Loaded): readonly ConfigFault[] {
  return inReadingOrder([...(loaded.ok ? [] : loaded.faults), ...loaded.unusable])
}

/** One line that lists all missing variables. */
function missingVariables(faults: readonly ConfigFault[]): readonly string[] {
  const names = faults.flatMap(({ message }) =>
    [...message.matchAll(/the environment variable (\w+) is (?:not set|empty)/g)].map(([, name = '']) => name),
  )
  const unique = [...new Set(names)]
  return unique.length === 0 ? [] : [`set in the environment, or in .env beside gatehouse.yaml: ${unique.join(', ')}`]
}

/** Sums up out-of-bounds values by tenant, with one fix for all. */
function explanations(faults: readonly ConfigFault[]): readonly string[] {
  const files = Map.groupBy(faults, ({ file }) => file)
  return [...files].flatMap(([file, found]) => {
    const subjects = (kind: string) =>
      found.flatMap(({ outOfBounds }) => (outOfBounds?.kind === kind ? [outOfBounds.subject] : []))
    const tenant = basename(file, '.yaml')
    const [variables, paths, fields] = [subjects('variable'), subjects('file'), subjects('field')]
    const lines: string[] = []
    if (variables.length > 0)
      lines.push(
        `${usesOf(variables.length, tenant, 'variables')}: rename them to begin with ${prefixOf(tenant)}, or list them in gatehouse.yaml:`,
        `  tenantVariables:\n    ${tenant}: [${[...new Set(variables)].join(', ')}]`,
      )
    if (paths.length > 0)
      lines.push(
        `${usesOf(paths.length, tenant, 'files')}: move them below tenants/${tenant}/ and write file:${tenant}/<name>`,
      )
    if (fields.length > 0)
      lines.push(
        `${count(fields.length, 'value')} in ${tenant}.yaml may no longer come from a variable or a file: write them out (${fields.join(', ')})`,
      )
    return lines
  })
}

function usesOf(number: number, tenant: string, what: string): string {
  return `${count(number, 'value')} in ${tenant}.yaml ${number === 1 ? 'uses' : 'use'} ${what} that are no longer allowed in a tenant's file`
}

function labeled(kind: 'warning' | 'note', lines: readonly ConfigFault[]): readonly string[] {
  return lines.map((line) => formatFaults([{ ...line, message: `${kind}: ${line.message}` }]))
}

function summary(loaded: Loaded): string {
  const warnings = loaded.warnings.length === 0 ? '' : `, ${count(loaded.warnings.length, 'warning')}`
  const faults = faultsOf(loaded)
  if (!loaded.ok || faults.length > 0) return `${count(faults.length, 'fault')}${warnings}`
  const connections = loaded.tenants.reduce((sum, tenant) => sum + tenant.connections.length, 0)
  return `${count(loaded.tenants.length, 'tenant')}, ${count(connections, 'connection')}: no faults${warnings}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
