/** The filter of the page, as text of its address. */
import type { Request } from 'express'
import { auditActions } from '../../../broker/audit/actions.ts'
import { definedOnly, withQuery } from '../../../http/destination.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { isEmptyPeriod, timeOfExpression } from '../../../primitives/time-expression.ts'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { sections } from '../sections.ts'

export const filterNames = ['tenant', 'user', 'action', 'since', 'until'] as const
type FilterName = (typeof filterNames)[number]

/** Typed or chosen values; empty ones are absent. */
export type FilterTexts = Readonly<Partial<Record<FilterName, string>>>

export interface AuditQuery {
  readonly texts: FilterTexts
  readonly cursor: string | undefined
}

export function readAuditQuery(request: Request): AuditQuery {
  const query = queryOf(request)
  const given = (name: string) => textField(query, name, 320)?.trim() || undefined
  const texts = Object.fromEntries(filterNames.map((name) => [name, given(name)]))
  return { texts: definedOnly(texts), cursor: given('cursor') }
}

export const auditPath = sections.audit.path
export const exportPath = `${auditPath}/export`

/** The address of a page with this filter, and more. */
export const auditHref = (texts: FilterTexts, more: Readonly<Record<string, string | undefined>> = {}) =>
  withQuery(auditPath, { ...texts, ...more })

export interface Fault {
  readonly field: FilterName
  readonly message: string
}

export interface ReadFilter {
  readonly action: string | undefined
  readonly since: Date | undefined
  readonly until: Date | undefined
  readonly faults: readonly Fault[]
}

/** Pure. */
export function filterOfTexts(texts: FilterTexts, now: Date): ReadFilter {
  const { action } = texts
  const [since, until] = [timeOfText(texts.since, now), timeOfText(texts.until, now)]
  const faults: readonly (Fault | false)[] = [
    action !== undefined &&
      !Object.hasOwn(auditActions, action) && { field: 'action', message: 'There is no such action.' },
    since === null && { field: 'since', message: notATime(texts.since) },
    until === null && { field: 'until', message: notATime(texts.until) },
    isEmptyPeriod(since ?? undefined, until ?? undefined) && {
      field: 'until',
      message: '“Before” must be later than “From”.',
    },
  ]
  return {
    action,
    since: since ?? undefined,
    until: until ?? undefined,
    faults: faults.filter((fault) => fault !== false),
  }
}

const notATime = (text = '') =>
  `“${truncate(text, 40)}” is not a time. Enter a time such as 2026-11-22T09:30, a day, or a duration such as 7d.`

/** Null if it is no time. What a browser's field for times sends is in UTC here. */
export function timeOfText(text: string | undefined, now: Date): Date | undefined | null {
  if (text === undefined) return undefined
  const isLocal = /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text)
  return timeOfExpression(isLocal ? `${text}Z` : text, now) ?? null
}
