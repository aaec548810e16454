/** Former names: read with a warning, and replaced by `gatehouse config upgrade`. */
import type { Path, Place } from './fault.ts'

/** Path of a key, `*` for any id or index → the key's name now. */
const renamedKeys: Readonly<Record<string, string>> = {
  'apps.*.mark': 'logoUri',
  'apis.*.askableBy': 'requestableBy',
  'apis.*.servedBy': 'resourceServerApps',
  'connections.*.tellsSignInTime': 'providesAuthTime',
  'connections.*.profile.organisation': 'organization',
  'connections.*.profile.groups.absentIsNone': 'emptyWhenAbsent',
  'connections.*.profile.groups.keep': 'keepPrefixes',
  'sessions.idle': 'idleTimeout',
  'traces.keep': 'retention',
}

/** Top-level key → the map that has it now, and its name there. */
const movedKeys: Readonly<Record<string, readonly [key: string, below: string]>> = {
  developers: ['access', 'developer'],
}

/** Path of a value → its former text → its text now. */
const renamedValues: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'access.developer': { nobody: 'none' },
  'apps.*.scopes.*': { organisation: 'organization' },
}

/** A former name in a file. */
export interface Renaming extends Place {
  /** The former name as it is written. */
  readonly path: string
  readonly from: string
  readonly to: string
  /** Offsets of the key or value in the text, quotes included. */
  readonly range: readonly [start: number, end: number]
  /**
   * The value moves into a new map with the key: where it ends, and whether braces surround both.
   */
  readonly moved?: { readonly valueEnd: number; readonly inBraces: boolean } | undefined
}

/** The end of a message that begins with the path. */
export function renamingText({ path, from, to }: Pick<Renaming, 'path' | 'from' | 'to'>): string {
  return path.endsWith(from) ? `is now ${to}` : `${from} is now ${to}`
}

/** The name now of the key at the end of the path; undefined where it is no former name. */
export function presentKey(path: Path): string | undefined {
  return own(renamedKeys, patternOf(path))
}

/** The present place of a former top-level key; undefined if it did not move. */
export function movedKey(path: Path): readonly [key: string, below: string] | undefined {
  return path.length === 1 ? own(movedKeys, String(path[0])) : undefined
}

/** The text now of the value at the path; undefined where it is no former text. */
export function presentValue(path: Path, text: string): string | undefined {
  const pattern = patternOf(path)
  if (pattern === 'access.developer.*' && /^[^@$:]+$/.test(text)) return `group:${text}`
  return own(own(renamedValues, pattern) ?? {}, text)
}

const collections: readonly unknown[] = ['apps', 'connections']

function patternOf(path: Path): string {
  const isId = (index: number) => index === 1 && collections.includes(path[0])
  const steps = path.map((step, index) => (typeof step === 'number' || isId(index) ? '*' : step))
  return steps.some((step) => step.includes('.')) ? '' : steps.join('.')
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
