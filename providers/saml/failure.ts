/** Errors of this engine. They name the failed check and never quote the message. */
import { GatehouseError } from '../../src/errors.ts'
import { textOf } from '../../src/profile/profile.ts'
import { XmlFault } from './xml/characters.ts'
import { childrenOf, type XmlElement } from './xml/xml.ts'

/** Throws `callback_invalid` with the failed check. */
export function refuse(name: string, expected: string, got: string): never {
  throw refusal(name, expected, got)
}

/**
 * The only child of this name; refuses another count.
 * @param owner names the element in the check
 */
export function onlyChild(
  element: XmlElement | undefined,
  namespace: string,
  local: string,
  owner: string,
): XmlElement {
  const [first, ...more] = element === undefined ? [] : childrenOf(element, namespace, local)
  if (first !== undefined && more.length === 0) return first
  return refuse(`${local} of the ${owner}`, 'one', `${first === undefined ? 0 : more.length + 1}`)
}

export function refusal(name: string, expected: string, got: string, cause?: unknown): GatehouseError {
  const check = { name, ok: false, expected, got: wordOf(got) }
  return new GatehouseError('callback_invalid', `the SAML message did not pass the check of ${name}`, { check, cause })
}

export function malformedError(name: string, expected: string, got: string): GatehouseError {
  const check = { name, ok: false, expected, got }
  return new GatehouseError('callback_malformed', `the SAML message cannot be read: ${name}`, { check })
}

/** Maps XML faults to `callback_malformed`. */
export function unreadable(error: unknown): unknown {
  return error instanceof XmlFault ? malformedError(error.what, error.expected, error.got) : error
}

/** A value for traces: readable, short, never empty. */
export function wordOf(value: string | undefined): string {
  return textOf(value) ?? 'none'
}
