/** An unusual upstream response and the expected result, from public bug reports. */
import type { ErrorCode } from '../../src/errors.ts'
import type { Behavior, Members } from '../support/servers/openid-provider.ts'

export interface Row {
  /** Of the finding it belongs to. */
  readonly id: string
  readonly name: string
  /** Who sends it, or who reported it. */
  readonly source: string
  readonly sends: Behavior
  /** More lines of the connection. */
  readonly connection?: Members
  /** Members of the profile, or the refusal: its code and what the trace says. */
  readonly expected: { readonly profile?: Members } | { readonly refused: ErrorCode; readonly says: RegExp }
}

export const without =
  (...names: readonly string[]) =>
  (members: Members): Members =>
    Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)))
export const withMembers =
  (changes: Members) =>
  (members: Members): Members => ({ ...members, ...changes })
export const minimalClaims = without('email', 'email_verified', 'name')
export const signedIn = {}

export const row = (
  id: string,
  name: string,
  source: string,
  sends: Behavior,
  expected: Row['expected'] = signedIn,
  connection: Members = {},
): Row => ({ id, name, source, sends, expected, connection })

export const discovery = (changes: Members): Behavior => ({ discovery: withMembers(changes) })
export const token = (changes: Members): Behavior => ({ token: withMembers(changes) })
export const claims = (changes: Members): Behavior => ({ claims: withMembers(changes) })
export const userinfo = (changes: Members): Behavior => ({ claims: minimalClaims, userinfo: withMembers(changes) })
export const invalid = (says: RegExp): Row['expected'] => ({ refused: 'upstream_invalid', says })
export const refused = (says: RegExp): Row['expected'] => ({ refused: 'upstream_refused', says })
