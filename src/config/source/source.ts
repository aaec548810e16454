/** A configuration file that was read: its value, places and faults. */
import { type ConfigFault, fileStart, keyText, type Path, type Place, pathText } from './fault.ts'
import type { Renaming } from './renamed.ts'

/** `filled`: from the environment or a file · `spoiled`: could not be filled, and was reported. */
export type Origin = 'literal' | 'filled' | 'spoiled'

export interface Source {
  readonly file: string
  /** Hash of its text. */
  readonly digest?: string
  /** Undefined when the text could not be read as YAML. */
  readonly value: unknown
  readonly faults: ConfigFault[]
  readonly warnings: ConfigFault[]
  /** Not problems; only `gatehouse check` prints them. */
  readonly notes: ConfigFault[]
  /** Former names in the file; its value has the present ones. */
  readonly renamings: readonly Renaming[]
  /** A tenant's file: values may be filled in only where the schema says so (see filled.ts). */
  readonly fillsMarkedFieldsOnly: boolean
  /** Place of the key or list item at the path, or of the closest one around it. */
  placeOf(path: Path): Place
  originOf(path: Path): Origin | undefined
  /** The value at the path was reported: nothing more is said of it. */
  setUnreadable(path: Path): void
}

/** The source of a file that cannot be read. */
export function unreadable(file: string, message: string): Source {
  return {
    file,
    value: undefined,
    faults: [{ file, ...fileStart, path: '', message }],
    warnings: [],
    notes: [],
    renamings: [],
    fillsMarkedFieldsOnly: false,
    placeOf: () => fileStart,
    originOf: () => undefined,
    setUnreadable: () => {},
  }
}

const addTo = (list: 'faults' | 'warnings' | 'notes') => (source: Source, path: Path, message: string) => {
  source[list].push({ file: source.file, ...source.placeOf(path), path: pathText(path), message })
}
export const report = addTo('faults')
export const warn = addTo('warnings')
export const note = addTo('notes')

/** The text for a message; a value that was filled in may be a secret and is never quoted. */
export function quoted(source: Source, path: Path, text: string): string {
  return source.originOf(path) === 'filled' ? '(filled in)' : keyText(text)
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Values at a path of keys in the file, with the path of each. `*` stands for every key of a map,
 * in file order (objects would put numeric keys first), `[]` for every item of a list.
 */
export function valuesAt(source: Source, ...pattern: readonly string[]): readonly (readonly [Path, unknown])[] {
  const start: readonly (readonly [Path, unknown])[] = [[[], source.value]]
  return pattern.reduce((found, step) => found.flatMap(([path, value]) => childrenAt(source, path, value, step)), start)
}

export function valueAt(source: Source, ...path: readonly string[]): unknown {
  return valuesAt(source, ...path)[0]?.[1]
}

function childrenAt(source: Source, path: Path, value: unknown, step: string): readonly (readonly [Path, unknown])[] {
  if (Array.isArray(value)) return step === '[]' ? value.map((item, index) => [[...path, index], item]) : []
  if (!isMap(value)) return []
  if (step !== '*') return Object.hasOwn(value, step) ? [[[...path, step], value[step]]] : []
  const placed = Object.entries(value).map(([key, child]) => ({
    at: [...path, key],
    child,
    ...source.placeOf([...path, key]),
  }))
  return placed.toSorted((a, b) => a.line - b.line || a.column - b.column).map(({ at, child }) => [at, child])
}
