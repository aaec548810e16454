/** Changed fields in audit events: only those that a table names, never a secret. */
import type { AuditValue, AuditValues } from '../ports/audit.ts'

/** The value, only whether there is one (`true`), or nothing. */
export type Shown = 'value' | 'presence' | 'never'

/** A new field needs a decision: the compiler asks for it. */
export type ShownFields<T> = Readonly<Record<keyof T, Shown>>

export interface ChangedFields {
  /** Names of the shown fields that differ. */
  readonly names: readonly string[]
  readonly before?: AuditValues
  readonly after?: AuditValues
}

/** @param before undefined if it is new. @param after undefined if it is removed */
export function changedFields<T extends object>(
  fields: ShownFields<T>,
  before: T | undefined,
  after: T | undefined,
): ChangedFields {
  const all = (Object.keys(fields) as (keyof T & string)[]).filter((name) => fields[name] !== 'never')
  const names = all.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]))
  if (names.length === 0) return { names }
  const valuesOf = (value: T) => Object.fromEntries(names.map((name) => [name, shownValue(value[name], fields[name])]))
  return {
    names,
    ...(before !== undefined && { before: valuesOf(before) }),
    ...(after !== undefined && { after: valuesOf(after) }),
  }
}

function shownValue(value: unknown, shown: Shown): AuditValue {
  if (value === undefined || value === null) return null
  return shown === 'presence' ? true : (JSON.parse(JSON.stringify(value)) as AuditValue)
}
