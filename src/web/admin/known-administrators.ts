/**
 * The administrators that this process served lately, so that they can read what is wrong while a
 * store is unavailable.
 */
import { grantedRoles } from '../../broker/access/authorize.ts'
import { decide } from '../../broker/access/decide.ts'
import type { Permission, Role } from '../../broker/access/permission.ts'
import { namesOf } from '../../broker/access/roles-of.ts'
import type { Administrator, KnownAdministrator } from '../../broker/access/target.ts'
import { isLive } from '../../broker/session/session.ts'
import { tokenId } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { tokenFromCookie } from '../../http/presented-credential.ts'
import { asGatehouseError } from '../../http/problem.ts'
import type { Call } from '../shell.ts'

type RequestCall = Pick<Call, 'shell' | 'request'>

const keyOf = ({ shell, request }: RequestCall): string | undefined => {
  const token = tokenFromCookie(shell, request.headers.cookie)
  return token === null ? undefined : tokenId(token)
}

export const isOutage = (error: unknown) => asGatehouseError(error).code === 'store_unavailable'

export async function remember(call: RequestCall, by: Administrator): Promise<Administrator> {
  const key = keyOf(call)
  const { tenant, userId } = by.session
  const user = await call.shell.parts.users.find(tenant, userId)
  if (key !== undefined) call.shell.administrators.set(key, { ...by, epoch: user?.epoch ?? 0 })
  return by
}

/** The request has no live session, or its user may no longer do this. */
export function forget(call: RequestCall): void {
  const key = keyOf(call)
  if (key !== undefined) call.shell.administrators.delete(key)
}

/**
 * No longer than they would be without the outage. Undefined: unknown here, or their sign-in is too
 * long ago. Throws `permission_refused` if the database answers that they may no longer do this.
 */
export async function knownAdministrator(
  call: RequestCall,
  permission: Permission,
  maxSignInAgeMs: number,
): Promise<Administrator | undefined> {
  const key = keyOf(call)
  const known = key === undefined ? undefined : call.shell.administrators.get(key)
  if (known === undefined) return undefined
  const { session } = known
  const now = call.shell.parts.now()
  const isRecent = now.getTime() - session.authenticatedAt.getTime() <= maxSignInAgeMs
  if (!isRecent || !isLive(session, now)) return undefined
  const roles = await currentRoles(call, known)
  if (decide({ roles, credential: session, permission }) === 'allowed') return { session, roles }
  forget(call)
  throw new GatehouseError('permission_refused', 'no role of the user has it any more')
}

/**
 * Roles as stored, or as last seen if the database does not answer. None after all sessions were
 * ended.
 */
async function currentRoles({ shell: { parts } }: RequestCall, known: KnownAdministrator): Promise<readonly Role[]> {
  const { tenant, userId } = known.session
  try {
    const [user, granted] = await Promise.all([parts.users.find(tenant, userId), grantedRoles(parts, known.session)])
    return user !== null && (user.epoch ?? 0) === known.epoch ? namesOf(granted) : []
  } catch (error) {
    if (!isOutage(error)) throw error
    return known.roles
  }
}
