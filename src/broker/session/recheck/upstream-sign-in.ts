/** Stores the upstream's refresh token and a confirmation at sign-in, for re-checks. */
import { secretHash } from '../../../crypto/token.ts'
import type { Identity, Login } from '../../../provider/provider.ts'
import type { OpenConnection } from '../../connections.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { User } from '../../ports/users.ts'
import { confirmsUsers } from './confirmation.ts'
import { nextRecheckAt } from './schedule.ts'

/**
 * Does nothing for a connection that confirms no users. The newest sign-in replaces earlier ones.
 */
export async function recordUpstreamSignIn(
  ports: Ports<'now' | 'upstreamGrants' | 'users'>,
  { tenant, settings }: Pick<OpenConnection, 'settings' | 'tenant'>,
  user: User,
  { identity, recheck: memo }: Pick<Login, 'identity' | 'recheck'>,
): Promise<void> {
  if (!confirmsUsers(tenant, settings)) return
  const { id: connection, recheckSeconds: seconds } = settings
  const at = ports.now()
  await ports.users.recordConfirmation(user, { at, connection })
  if (memo === undefined || seconds === undefined) return
  const { issuer, subject } = identity
  const key = { tenant: user.tenant, userId: user.id, connection }
  const content = { memo, identity: { hash: identityHash(identity), storedAt: at } }
  await ports.upstreamGrants.put({ ...key, issuer, subject, content }, at, nextRecheckAt(key, seconds, at))
}

/** @param identity mapped */
export function identityHash({ profile, emailVerificationUnknown, groupsOmitted }: Identity): string {
  return secretHash(JSON.stringify([profile, emailVerificationUnknown, groupsOmitted]))
}
