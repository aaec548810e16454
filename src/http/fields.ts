/** Reads queries and forms, whose values may be missing, repeated, too long or not text. */
import type { Request } from 'express'
import type { z } from 'zod'
import { GatehouseError } from '../errors.ts'

export type Fields = Readonly<Record<string, unknown>>

export function queryOf(request: Request): Fields {
  return request.query
}

export function formOf(request: Request): Fields {
  const body: unknown = request.body
  return typeof body === 'object' && body !== null ? { ...body } : {}
}

/** The form of a POST, else the query. */
export const fieldsOf = (request: Request): Fields => (request.method === 'POST' ? formOf(request) : queryOf(request))

/** Throws `request_invalid` for a value that is repeated, not text or too long. */
export function textField(fields: Fields, name: string, max = 2048): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (value === undefined) return undefined
  if (typeof value !== 'string')
    throw new GatehouseError('request_invalid', `${name} must be given once, as text`, {
      text: `The ${name} must be given once.`,
    })
  if (value.length > max) throw new GatehouseError('request_invalid', `${name} is longer than ${max} characters`)
  return value
}

/** Throws `request_invalid` when it is missing too. */
export function requiredText(fields: Fields, name: string, max?: number): string {
  const value = textField(fields, name, max)
  if (value === undefined || value === '')
    throw new GatehouseError('request_invalid', `${name} is missing`, { text: `The ${name} is missing.` })
  return value
}

/** Throws `request_invalid` for any other value, and without one. */
export function oneOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const given = textField(fields, name)
  const found = words.find((word) => word === given)
  if (found !== undefined) return found
  const text = `The ${name} must be ${words.join(' or ')}.`
  throw new GatehouseError('request_invalid', `${name} is not one of the known words`, { text })
}

/** Number of a page of a list, from 1. Default, also for an invalid value: 1. */
export function pageNumber(fields: Fields, name: string): number {
  const text = textField(fields, name, 6) ?? ''
  return /^[1-9]\d*$/.test(text) ? Number(text) : 1
}

export function pathPart(request: Request, name: string): string {
  const value = request.params[name]
  return typeof value === 'string' ? value : ''
}

/** Tenant and connection in the path `/t/{tenant}/{connection}/…`. */
export const placeOf = (request: Request) => ({
  tenant: pathPart(request, 'tenant'),
  connection: pathPart(request, 'connection'),
})

/** Parameters for a provider, with repeated values. */
export function parametersOf(fields: Fields): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    for (const item of Array.isArray(value) ? value : [value])
      if (typeof item === 'string') parameters.append(name, item)
  return parameters
}

/** Throws `request_invalid`, which names the first wrong member and never quotes its value. */
export function parseBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  return parseAs('body', schema, body ?? {})
}

/** A session token in the query, where the tenant allows one, is read elsewhere. */
export function parseQuery<S extends z.ZodType>(schema: S, { token: _, ...query }: Fields): z.output<S> {
  return parseAs('query', schema, query)
}

function parseAs<S extends z.ZodType>(what: 'body' | 'query', schema: S, given: unknown): z.output<S> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const problem = describeIssue(what, parsed.error.issues)
  const text = `The ${what} of the request is invalid: ${problem}.`
  throw new GatehouseError('request_invalid', `invalid ${what}: ${problem}`, { text })
}

function describeIssue(what: 'body' | 'query', [issue]: readonly z.core.$ZodIssue[]): string {
  if (issue === undefined) return 'unknown form'
  // for a union, the alternative with the fewest faults
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return describeIssue(what, issue.errors.toSorted((one, other) => one.length - other.length)[0] ?? [])
  const field = issue.path.join('.') || `the ${what}`
  if (issue.code === 'unrecognized_keys')
    return `unknown member ${issue.keys.slice(0, 5).join(', ').slice(0, 100)} in ${field}`
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  if (isMissing || (issue.code === 'too_small' && issue.minimum === 1)) return `${field} is missing`
  return `${field}: ${issue.message}`
}
