/**
 * Refuses requests with control characters (400): databases refuse some, such as U+0000 in
 * PostgreSQL, and logs misread others. Node's parser refuses them in headers.
 */
import type { RequestHandler } from 'express'
import { GatehouseError } from '../../errors.ts'

/** Encoded C0 and DEL. */
const pathPattern = /%(?:[01][\da-f]|7f)/i
/** The pattern above without tab, LF and CR, which some identity providers put into base64. */
const queryPattern = /%(?:0[0-8bcef]|1[\da-f]|7f)/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
const textPattern = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

/** @param url as in the request line */
export function hasControlCharacter(url: string): boolean {
  if (!url.includes('%')) return false
  const query = url.indexOf('?')
  return query === -1
    ? pathPattern.test(url)
    : pathPattern.test(url.slice(0, query)) || queryPattern.test(url.slice(query))
}

/** Checks member names and texts of a parsed body at every depth. */
export function bodyHasControlCharacter(body: unknown): boolean {
  const left: unknown[] = [body] // no recursion: JSON may be nested deeper than the stack
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string' && textPattern.test(value)) return true
    if (Array.isArray(value)) for (const item of value) left.push(item)
    else if (typeof value === 'object' && value !== null)
      for (const [name, item] of Object.entries(value)) {
        // a password is only hashed (PW-04)
        const isPassword = /^(password|currentPassword)$/.test(name) && typeof item === 'string'
        left.push(name, isPassword ? '' : item)
      }
  }
  return false
}

const refusal = () =>
  new GatehouseError('request_invalid', 'a control character in the request', {
    text: 'The request contains a control character, such as %00. Remove it and send the request again.',
  })

export const refuseControlCharactersInUrl: RequestHandler = (request, _response, next) =>
  next(hasControlCharacter(request.url) ? refusal() : undefined)

export const refuseControlCharactersInBody: RequestHandler = (request, _response, next) =>
  next(bodyHasControlCharacter(request.body) ? refusal() : undefined)
