/** Parses the body of a request by a schema. */
import type { z } from 'zod'
import { GatehouseError } from '../errors.ts'

/** Throws `request_invalid`, which names the first wrong member and never quotes its value. */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  const problem = describeIssue(parsed.error.issues)
  const text = `The body of the request is invalid: ${problem}.`
  throw new GatehouseError('request_invalid', `invalid body: ${problem}`, { text })
}

function describeIssue([issue]: readonly z.core.$ZodIssue[]): string {
  if (issue === undefined) return 'unknown form'
  // of the alternatives of a union, the one that is nearest to what was sent
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return describeIssue(issue.errors.toSorted((one, other) => one.length - other.length)[0] ?? [])
  const field = issue.path.join('.') || 'the body'
  if (issue.code === 'unrecognized_keys')
    return `unknown member ${issue.keys.slice(0, 5).join(', ').slice(0, 100)} in ${field}`
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  if (isMissing || (issue.code === 'too_small' && issue.minimum === 1)) return `${field} is missing`
  return `${field}: ${issue.message}`
}
