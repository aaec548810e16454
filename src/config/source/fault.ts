/** What is wrong with the configuration, and where: `config/tenants/acme.yaml:14:5: connections.okta.issuer: must be an https URL`. */

export type Path = readonly (string | number)[]

/** Lines and columns count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface ConfigFault extends Place {
  readonly file: string
  /** Where in the file's content, such as `connections.okta.domains[0]`; empty for the file as a whole. */
  readonly path: string
  /** What is wrong and what is allowed. Never holds the value of a secret. */
  readonly message: string
  /** A value that a tenant's file may not fill in: `gatehouse check` sums these up. */
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

/** A key as it may be printed: one line, of a bearable length. */
export function keyText(key: string): string {
  return /^[\w-]{1,80}$/.test(key) ? key : JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key)
}

/** One fault a line. */
export function formatFaults(faults: readonly ConfigFault[]): string {
  return faults.map(formatFault).join('\n')
}

function formatFault({ file, line, column, path, message }: ConfigFault): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`
}

/** In the order of reading: files as they were given, then line, then column. */
export function inReadingOrder(faults: readonly ConfigFault[]): readonly ConfigFault[] {
  const files = new Map([...new Set(faults.map(({ file }) => file))].map((file, index) => [file, index]))
  const placeOf = ({ file }: ConfigFault) => files.get(file) ?? 0
  const before = (a: ConfigFault, b: ConfigFault) => placeOf(a) - placeOf(b) || a.line - b.line || a.column - b.column
  return [...faults].sort(before)
}
