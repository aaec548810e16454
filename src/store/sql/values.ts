/** Values of the core as tables hold them: text, integers, and JSON as text. */
import { GatehouseError } from '../../errors.ts'

/** Times in milliseconds since 1970, 0 or 1, base64, or JSON. */
export function toStored(value: unknown): string | number | bigint | null {
  if (value instanceof Date) return value.getTime()
  if (Buffer.isBuffer(value)) return value.toString('base64')
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'object' && value !== null) return JSON.stringify(value)
  return value as string | number | bigint | null // Kysely passes no others
}

/** Word of a column with a fixed set of words. Another release may have stored an unknown one. */
export function wordOf<Word extends string>(known: readonly Word[], stored: string, otherwise?: NoInfer<Word>): Word {
  const word = known.find((each) => each === stored) ?? otherwise
  if (word !== undefined) return word
  const sentence = `the store has ${JSON.stringify(stored)} where it should have one of ${known.join(', ')}`
  throw new GatehouseError('internal', `${sentence}: run the release that wrote it`)
}

const jsonColumns: ReadonlySet<string> = new Set([
  'profile',
  'details',
  'scopes',
  'ranges',
  'transports',
  'before',
  'after',
])

type Read = (stored: unknown) => unknown

const time: Read = (stored) => (typeof stored === 'number' ? new Date(stored) : stored)
const flag: Read = (stored) => (typeof stored === 'number' ? stored === 1 : stored)
/** Written by `toStored` only. */
const json: Read = (stored) => (typeof stored === 'string' ? JSON.parse(stored) : stored)
const bytes: Read = (stored) => (typeof stored === 'string' ? Buffer.from(stored, 'base64') : stored)
const asStored: Read = (stored) => stored

/** How to read the values of a column. @param column in camelCase */
export function readerOf(column: string): Read {
  if (column === 'at' || column.endsWith('At')) return time
  if (column === 'emailProven') return flag
  if (jsonColumns.has(column)) return json
  return column === 'sealed' ? bytes : asStored
}
