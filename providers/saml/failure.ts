/** How this engine says no: always with the comparison that failed, never with a piece of what was sent. */
import { GatehouseError } from '../../src/errors.ts'
import { textOf } from '../../src/profile/profile.ts'
import { XmlFault } from './xml/xml.ts'

/** Throws `callback_invalid` with the check that failed. */
export function refuse(name: string, expected: string, got: string): never {
  throw refusal(name, expected, got)
}

export function refusal(name: string, expected: string, got: string, cause?: unknown): GatehouseError {
  const check = { name, ok: false, expected, got: wordOf(got) }
  return new GatehouseError('callback_invalid', `the SAML message did not pass the check of ${name}`, { check, cause })
}

export function malformed(name: string, expected: string, got: string): GatehouseError {
  const check = { name, ok: false, expected, got }
  return new GatehouseError('callback_malformed', `the SAML message cannot be read: ${name}`, { check })
}

/** What could not be read, as the error it is. */
export function unreadable(error: unknown): unknown {
  return error instanceof XmlFault ? malformed(error.what, error.expected, error.got) : error
}

/** A value for the trace: readable, short, never empty. */
export function wordOf(value: string | undefined): string {
  return textOf(value) ?? 'none'
}
