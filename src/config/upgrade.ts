/** Replaces former names in configuration files; comments, order and format stay. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigFault } from './source/fault.ts'
import { reasonOf } from './source/interpolate.ts'
import type { Renaming } from './source/renamed.ts'
import { readYaml } from './source/yaml-source.ts'

export interface Upgrade {
  readonly file: string
  readonly text: string
  readonly renamings: readonly Renaming[]
  /** Why the file cannot be upgraded; its text is unchanged then. */
  readonly faults: readonly ConfigFault[]
}

/** gatehouse.yaml and tenants/*.yaml, examples included. Throws if a file cannot be read. */
export function upgradesOf(directory: string): readonly Upgrade[] {
  const folder = join(directory, 'tenants')
  const tenants = existsSync(folder) ? readdirSync(folder).filter((name) => /^[^.].*\.yaml$/.test(name)) : []
  const files = [join(directory, 'gatehouse.yaml'), ...tenants.sort().map((name) => join(folder, name))]
  return files.map((file) => upgradeText(file, textOf(file)))
}

export function upgradeText(file: string, text: string): Upgrade {
  const { faults, renamings } = readYaml(file, text)
  if (faults.length > 0) return { file, text, renamings: [], faults }
  // an alias repeats the keys of its anchor
  const distinct = renamings.filter(
    ({ range }, index) => renamings.findIndex((other) => other.range[0] === range[0]) === index,
  )
  const edits = distinct.flatMap((renaming) => editsOf(text, renaming))
  const lastFirst = edits.toSorted((a, b) => b.range[0] - a.range[0])
  return { file, text: lastFirst.reduce(applyEdit, text), renamings: distinct, faults: [] }
}

/** Throws if the file cannot be written. */
export function writeUpgrade({ file, text }: Upgrade): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Error(`${file} cannot be written${reasonOf(error)}`)
  }
}

interface Edit extends Pick<Renaming, 'range'> {
  readonly replacement: string
}

const applyEdit = (text: string, { range: [start, end], replacement }: Edit) =>
  `${text.slice(0, start)}${replacement}${text.slice(end)}`

function editsOf(text: string, renaming: Renaming): readonly Edit[] {
  const { range, moved } = renaming
  return moved === undefined ? [{ range, replacement: newName(text, renaming) }] : moveEdits(text, renaming, moved)
}

/** Keeps the quotes. */
function newName(text: string, { from, to, range: [start, end] }: Renaming): string {
  const written = text.slice(start, end)
  return written.includes(from) ? written.replace(from, to) : JSON.stringify(to)
}

/** Puts key and value into a map: in braces, or on lines with two more spaces. */
function moveEdits(text: string, { to, range }: Renaming, { valueEnd, inBraces }: NonNullable<Renaming['moved']>) {
  const [key, below] = to.split('.')
  const insert = (at: number, replacement: string): Edit => ({ range: [at, at], replacement })
  if (inBraces) return [{ range, replacement: `${key}: { ${below}` }, insert(valueEnd, ' }')]
  const lines = [...text.slice(range[1], valueEnd).matchAll(/\n(?=[^\r\n])/g)].map(({ index }) => range[1] + index + 1)
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  return [{ range, replacement: `${key}:${newline}  ${below}` }, ...lines.map((at) => insert(at, '  '))]
}

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file))
  } catch (error) {
    throw new Error(`${file} cannot be read${reasonOf(error)}`)
  }
}
