/** Configuration faults with their places: `config/tenants/acme.yaml:14:5: <path>: <message>`. */

export type Path = readonly (string | number)[]

/** Lines and columns count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface ConfigFault extends Place {
  readonly file: string
  /** Such as `connections.okta.domains[0]`; empty for the whole file. */
  readonly path: string
  /** What is wrong and what is allowed. Never holds the value of a secret. */
  readonly message: string
  /** A value that a tenant's file may not use; `gatehouse check` sums these up. */
  readonly outOfBounds?: OutOfBounds
}

export interface OutOfBounds {
  readonly kind: 'variable' | 'file' | 'field'
  /** The name of the variable, the path of the file or of the field. */
  readonly subject: string
  readonly why: string
  /** A warning rather than a fault. */
  readonly tolerated: boolean
}

export const fileStart: Place = { line: 1, column: 1 }

export function pathText(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${keyText(step)}`))
    .join('')
}

/** A key on one line, shortened. */
export function keyText(key: string): string {
  return /^[\w-]{1,80}$/.test(key) ? key : JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key)
}

/** Text of the faults, one a line. */
export function formatFaults(faults: readonly ConfigFault[]): string {
  return faults.map(formatFault).join('\n')
}

function formatFault({ file, line, column, path, message }: ConfigFault): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`
}

/** Sorts faults by file in the given order, line and column. */
export function inReadingOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  const files = new Map([...new Set(faults.map(({ file }) => file))].map((file, index) => [file, index]))
  const placeOf = ({ file }: ConfigFault) => files.get(file) ?? 0
  const before = (a: ConfigFault, b: ConfigFault) => placeOf(a) - placeOf(b) || a.line - b.line || a.column - b.column
  return [...faults].sort(before)
}
