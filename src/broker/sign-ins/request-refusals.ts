/**
 * Refused requests of signed-in users and programs: found by reference, they count as no sign-ins.
 */
import type { ErrorCode } from '../../errors.ts'
import type { Trace } from '../trace.ts'

export const requestRefusalCodes: readonly ErrorCode[] = [
  'permission_refused',
  'api_token_refused',
  'fresh_sign_in_required',
  'token_invalid',
  'token_rotated',
  'token_suspended',
  'tokens_full',
  'app_invalid',
  'app_declared',
  'app_owner_only',
]

/** A login has a connection, and may end with one of these codes too. */
export function isRequestRefusal({ connection, code }: Pick<Trace, 'connection' | 'code'>): boolean {
  return connection === 'unknown' && code !== undefined && requestRefusalCodes.includes(code)
}
