/**
 * Lenient parsing of optional members: null, empty or wrongly typed values count as absent, so they
 * never fail a login. docs/reference/leniency.md lists them.
 */
import { z } from 'zod'

export const optionalText = z.string().trim().min(1).optional().catch(undefined)

/** A list of strings; one string is a list of its words. Other entries are dropped. */
export const optionalTexts = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.split(/[\s,]+/) : value),
    z.array(z.unknown()).transform((entries) => entries.filter((entry) => typeof entry === 'string')),
  )
  .optional()
  .catch(undefined)

const flags: Readonly<Record<string, boolean>> = { true: true, false: false }

/** Some upstreams send booleans as strings, Python's as "True". */
export const optionalFlag = z
  .preprocess((value) => (typeof value === 'string' ? flags[value.toLowerCase()] : value), z.boolean())
  .optional()
  .catch(undefined)

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members without those that are null, undefined or an empty string. */
export function presentMembers(answer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isPresent = ([, value]: readonly [string, unknown]) => value !== null && value !== undefined && value !== ''
  return Object.entries(answer).every(isPresent) ? answer : Object.fromEntries(Object.entries(answer).filter(isPresent))
}
