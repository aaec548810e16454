/**
 * Members of an upstream's answer that a login can do without. A value that is null, empty or of another type counts as absent, so
 * that it never fails a login. docs/leniency.md lists what is read so.
 */
import { z } from 'zod'

export const optionalText = z.string().trim().min(1).optional().catch(undefined)

/** A list of texts; one text alone is a list of one. Entries of other types are left out. */
export const optionalTexts = z
  .preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    z.array(z.unknown()).transform((entries) => entries.filter((entry) => typeof entry === 'string')),
  )
  .optional()
  .catch(undefined)

/** Some write a flag as a text. */
export const optionalFlag = z
  .preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean())
  .optional()
  .catch(undefined)

export function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members that say something: null and empty texts count as absent. */
export function presentMembers(answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isSaid = ([, value]: readonly [string, unknown]) => value !== null && value !== undefined && value !== ''
  return Object.entries(answer).every(isSaid) ? answer : Object.fromEntries(Object.entries(answer).filter(isSaid))
}
