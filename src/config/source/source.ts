/** A configuration file that was read: its value, places and faults. */
import { type ConfigFault, fileStart, keyText, type Path, type Place, pathText } from './fault.ts'
import type { Renaming } from './renamed.ts'

/** `filled`: from the environment or a file · `spoiled`: could not be filled, and was reported. */
export type Origin = 'literal' | 'filled' | 'spoiled'

export interface Source {
  readonly file: string
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
  /** Of the key or list item at the path; of the closest one around it when there is none. */
  placeOf(path: Path): Place
  originOf(path: Path): Origin | undefined
  /** The value at the path was reported: nothing more is said of it. */
  setUnreadable(path: Path): void
}

/** For a file that cannot be read. */
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

export function report(source: Source, path: Path, message: string): void {
  source.faults.push({ file: source.file, ...source.placeOf(path), path: pathText(path), message })
}

export function warn(source: Source, path: Path, message: string): void {
  source.warnings.push({ file: source.file, ...source.placeOf(path), path: pathText(path), message })
}

export function note(source: Source, path: Path, message: string): void {
  source.notes.push({ file: source.file, ...source.placeOf(path), path: pathText(path), message })
}

/** The text for a message; a value that was filled in may be a secret and is never quoted. */
export function quoted(source: Source, path: Path, text: string): string {
  return source.originOf(path) === 'filled' ? '(filled in)' : keyText(text)
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isGiven({ value }: Source, key: string): boolean {
  return isMap(value) && Object.hasOwn(value, key)
}
