/** Reads queries and forms, whose values may be missing, repeated, too long or not text. */
import type { Request } from 'express'
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
  if (typeof value !== 'string') throw new GatehouseError('request_invalid', `${name} must be given once, as text`)
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

export function pathPart(request: Request, name: string): string {
  const value = request.params[name]
  return typeof value === 'string' ? value : ''
}

/** Of `/t/{tenant}/{connection}/…`. */
export const placeOf = (request: Request) => ({
  tenant: pathPart(request, 'tenant'),
  connection: pathPart(request, 'connection'),
})

/** For a provider; keeps repeated values. */
export function parametersOf(fields: Fields): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    for (const item of Array.isArray(value) ? value : [value])
      if (typeof item === 'string') parameters.append(name, item)
  return parameters
}
