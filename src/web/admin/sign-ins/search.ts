/**
 * Search of sign-ins by administrators: the fields of the form, and the filter that they mean.
 * Pure.
 */

import type { StatisticsFilter, TraceFilter } from '../../../broker/ports/sign-ins.ts'
import { countFault } from '../../../broker/sign-ins/counted-failures.ts'
import type { Trace } from '../../../broker/trace.ts'
import { isErrorCode } from '../../../errors.ts'
import { type Fields, textField } from '../../../http/fields.ts'
import { isEmptyPeriod, timeOfExpression } from '../../../primitives/time-expression.ts'
import { canonicalEmail } from '../../../profile/profile.ts'

export const periods = [
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['all', 'All stored'],
] as const

export const outcomes = ['signed in', 'refused', 'started', 'sessions ended'] as const satisfies Trace['outcome'][]

const fieldNames = [
  ...(['tenant', 'connection', 'email', 'user', 'app', 'code', 'cause', 'outcome'] as const),
  ...(['period', 'since', 'until'] as const),
] as const

export type SearchField = (typeof fieldNames)[number]

/** Values as given; undefined for empty fields. */
export type SearchValues = Readonly<Partial<Record<SearchField, string | undefined>>>

export interface SearchFault {
  readonly field: SearchField
  readonly message: string
}

export interface Search {
  readonly values: SearchValues
  readonly faults: readonly SearchFault[]
  readonly filter: Omit<TraceFilter, 'tenant' | 'limit' | 'after'>
}

const maxLength = 254

/** Throws `request_invalid` for a value that is repeated or too long. */
export function readSearchValues(fields: Fields): SearchValues {
  const given = fieldNames.flatMap((name) => {
    const text = textField(fields, name, maxLength)?.trim() ?? ''
    return text === '' ? [] : [[name, text] as const]
  })
  return Object.fromEntries(given)
}

export function searchOf(given: SearchValues, now: Date): Search {
  const values = { ...given, period: chosenPeriod(given) }
  const { email, outcome, code } = values
  const canonical = email === undefined ? undefined : (canonicalEmail(email) ?? undefined)
  const found = outcomes.find((each) => each === outcome)
  const since = timeOf(given.since, now) ?? timeOf(values.period, now)
  const until = timeOf(given.until, now)
  const isEmpty = isEmptyPeriod(timeOf(given.since, now), until)
  const faults: SearchFault[] = [
    ...faultOf('email', email !== undefined && canonical === undefined, 'Enter a whole email address.'),
    ...faultOf('outcome', outcome !== undefined && found === undefined, 'Choose an outcome of the list.'),
    ...faultOf('code', code !== undefined && !isErrorCode(code), 'There is no such error code.'),
    ...(['since', 'until'] as const).flatMap((field) =>
      faultOf(field, given[field] !== undefined && timeOf(given[field], now) === undefined, timeHint),
    ),
    ...faultOf('until', isEmpty, '“Until” must be later than “From”.'),
  ]
  const { connection, user: userId, app, cause } = values
  const filter = {
    ...{ connection, userId, app, cause, since, email: canonical, outcome: found },
    code: code !== undefined && isErrorCode(code) ? code : undefined,
    until: isEmpty ? undefined : until,
  }
  return { values, faults, filter }
}

const timeHint = 'Enter a time such as 2026-11-22T09:30 (UTC), a day, or a duration such as 7d.'

const faultOf = (field: SearchField, isWrong: boolean, message: string): readonly SearchFault[] =>
  isWrong ? [{ field, message }] : []

/** A person's sign-ins are few: all of them, unless a time is given. */
function chosenPeriod({ period, since, until, email, user }: SearchValues): string | undefined {
  if (since !== undefined || until !== undefined) return undefined
  if (periods.some(([value]) => value === period)) return period
  return email === undefined && user === undefined ? '24h' : 'all'
}

function timeOf(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined
  // a browser's field for a time sends none of the offset
  return timeOfExpression(text, now) ?? timeOfExpression(`${text}Z`, now)
}

/**
 * Why failures by cause cannot be counted for this search, and what to remove. Undefined: they can.
 */
export function notCounted(search: Search, tenant: string | undefined, now: Date): string | undefined {
  const { outcome, userId: user, app, email, code, cause, connection, since } = search.filter
  const uncounted = { user, app, email, code, cause, outcome: outcome === 'refused' ? undefined : outcome }
  const names = Object.entries(uncounted).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (names.length > 0)
    return `Failures are not counted by ${names.join(' and ')}: remove this filter to see the causes.`
  return countFault({ tenant, connection, since }, now)?.text
}

export function statisticsOf({ filter: { connection, since, until } }: Search): Omit<StatisticsFilter, 'tenant'> {
  return { connection, since: since ?? new Date(0), until }
}
