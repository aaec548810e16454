/** The period of a query: `since` and `until`. */
import { z } from 'zod'
import { GatehouseError } from '../../errors.ts'
import { isEmptyPeriod } from '../../primitives/time-expression.ts'

export const instant = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-11-22T09:30:00Z' })

interface WrittenPeriod {
  readonly since?: string | undefined
  readonly until?: string | undefined
}

/** Throws `request_invalid` if it is empty. */
export function readPeriod({ since, until }: WrittenPeriod) {
  const period = { since: timeOf(since), until: timeOf(until) }
  if (isEmptyPeriod(period.since, period.until))
    throw new GatehouseError('request_invalid', 'until is not later than since', {
      text: 'The query of the request is invalid: until: must be later than since.',
    })
  return period
}

const timeOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))
