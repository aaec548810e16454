/** A new API token as its owner enters it, and its faults. */

import { GatehouseError } from '../../errors.ts'
import { isIpRange } from '../../primitives/ip-ranges.ts'
import type { TokenPolicy } from '../../tenant.ts'
import { isPermission, isSessionOnly, permissionNames } from '../access/permission.ts'
import { endOfLifetime } from './lifetime.ts'

export interface TokenDraft {
  readonly name: string
  /** Default: the maximum of the tenant. */
  readonly expiresAt?: Date | undefined
  /** Permission names. Default: all that the user has, now and later. */
  readonly scopes?: readonly string[] | undefined
  /** CIDR ranges of its clients. Default: all clients. */
  readonly ranges?: readonly string[] | undefined
}

export interface TokenFault {
  readonly field: 'name' | 'expiresAt' | 'scopes' | 'ranges' | 'overlapSeconds'
  readonly index?: number
  /** Follows the field's name; says what was received and what is allowed. */
  readonly message: string
}

/** `token_invalid`, with faults for the user. */
export class TokenRefused extends GatehouseError {
  readonly faults: readonly TokenFault[]

  constructor(faults: readonly TokenFault[]) {
    const text = faults.map(({ field, message }) => `${field} ${message}`).join('; ')
    super('token_invalid', `the API token is refused: ${faults.map(({ field }) => field).join(', ')}`, {
      text: `${text}.`,
    })
    this.faults = faults
  }
}

export const maxNameLength = 60
const maxRanges = 50
/** A token shorter than this expires before its creator can copy it. */
const minLifetimeMs = 60_000
/** Scopes that an API token can have. */
export const tokenScopes = permissionNames.filter((name) => !isSessionOnly(name))

/** @param allowed the scopes that the user has now */
export function tokenFaults(
  draft: TokenDraft,
  policy: TokenPolicy,
  now: Date,
  allowed: readonly string[] = tokenScopes,
): readonly TokenFault[] {
  return [
    ...nameFaults(draft.name),
    ...expiryFaults(draft.expiresAt, policy, now),
    ...scopeFaults(draft.scopes, allowed),
    ...rangeFaults(draft.ranges ?? []),
  ]
}

export function nameFaults(name: string): readonly TokenFault[] {
  const fault = (message: string) => [{ field: 'name', message }] as const
  if (name.trim() === '') return fault('is missing: 1 to 60 characters are needed')
  if (name.length > maxNameLength) return fault(`has ${name.length} characters; at most ${maxNameLength} are allowed`)
  // invisible and bidirectional characters can make one name look like another
  const shown = name.replace(/\p{Extended_Pictographic}\ufe0f/gu, '')
  if (/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u.test(shown))
    return fault(`is ${quoted(name)}; control and invisible characters are not allowed`)
  return /[<>]/.test(name) ? fault(`is ${quoted(name)}; < and > are not allowed`) : []
}

function expiryFaults(expiresAt: Date | undefined, { maxLifetimeSeconds }: TokenPolicy, now: Date) {
  if (expiresAt === undefined) return []
  const [min, max] = [now.getTime() + minLifetimeMs, endOfLifetime(now, maxLifetimeSeconds).getTime()]
  if (expiresAt.getTime() >= min && expiresAt.getTime() <= max) return []
  const allowed = `${new Date(min).toISOString()} to ${new Date(max).toISOString()} is allowed`
  const got = Number.isNaN(expiresAt.getTime()) ? 'no time' : expiresAt.toISOString()
  return [{ field: 'expiresAt', message: `is ${got}; ${allowed}` }] as const
}

function scopeFaults(scopes: readonly string[] | undefined, allowed: readonly string[]): readonly TokenFault[] {
  if (scopes === undefined) return []
  const list = allowed.join(', ')
  if (scopes.length === 0) return [{ field: 'scopes', message: `is empty; leave it out, or choose of: ${list}` }]
  return scopes.flatMap((scope, index) => {
    if (allowed.includes(scope)) return []
    return [{ field: 'scopes', index, message: `has ${quoted(scope)}, which ${whyNot(scope)}; allowed: ${list}` }]
  })
}

function whyNot(scope: string): string {
  if (!isPermission(scope)) return 'is no permission'
  return isSessionOnly(scope) ? 'needs a session' : 'you do not have'
}

function rangeFaults(ranges: readonly string[]): readonly TokenFault[] {
  if (ranges.length > maxRanges)
    return [{ field: 'ranges', message: `has ${ranges.length} entries; at most ${maxRanges} are allowed` }]
  return ranges.flatMap((range, index) => {
    if (isIpRange(range)) return []
    const message = `has ${quoted(range)}; an address such as 192.0.2.7 or a range such as 192.0.2.0/24 is allowed`
    return [{ field: 'ranges', index, message }]
  })
}

const quoted = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60).toWellFormed()}…` : text)
