/** Reading queries and forms: every value may be missing, repeated, enormous or no text at all. */
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

/** The one text of this name, or undefined. Throws `request_invalid` when it is repeated, no text, or longer than `max` characters. */
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

/** A path parameter, which Express gives as text. */
export function pathPart(request: Request, name: string): string {
  const value = request.params[name]
  return typeof value === 'string' ? value : ''
}

/** The fields as an answer to a provider: repeated ones stay repeated. */
export function parametersOf(fields: Fields): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    for (const item of Array.isArray(value) ? value : [value])
      if (typeof item === 'string') parameters.append(name, item)
  return parameters
}
