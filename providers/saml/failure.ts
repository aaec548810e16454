/** Errors of this engine. They name the failed check and never quote the message. */
import { GatehouseError } from '../../src/errors.ts'
import { textOf } from '../../src/profile/profile.ts'
import { XmlFault } from './xml/characters.ts'

/** Throws `callback_invalid` with the failed check. */
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

/** Maps XML faults to `callback_malformed`. */
export function unreadable(error: unknown): unknown {
  return error instanceof XmlFault ? malformed(error.what, error.expected, error.got) : error
}

/** A value for traces: readable, short, never empty. */
export function wordOf(value: string | undefined): string {
  return textOf(value) ?? 'none'
}
