/**
 * Whether an API token may be used without a new confirmation of its user by the upstream. Pure.
 */
import { type ConnectionSettings, type Tenant, tokenPolicyOf } from '../../../tenant.ts'
import { isSsoConnection, ssoDomainsOf } from '../../access/sso/decide-sso.ts'
import type { User } from '../../ports/users.ts'

/** After a re-check whose result is unclear: no token works until the next sign-in. */
export const unconfirmedSince = new Date(0)

type ConfirmedUser = Pick<User, 'confirmation' | 'emailProven' | 'profile'>

/**
 * Whether a sign-in by the connection is recorded: it is re-checked, or serves an `ssoOnly` domain.
 */
export function confirmsUsers(tenant: Tenant, settings: ConnectionSettings): boolean {
  return settings.recheckSeconds !== undefined || isSsoConnection(tenant, settings)
}

/**
 * When the tokens of a user stopped working, or will stop, without a further confirmation.
 * Undefined: they need none, as the user has not signed in by a connection that confirms users. A
 * user of `ssoOnly` domains needs one by a connection that serves them.
 * @param others addresses of the user's sign-in methods
 */
export function confirmationEndsAt(
  user: ConfirmedUser,
  tenant: Tenant,
  others: readonly string[] = [],
): Date | undefined {
  const { confirmation } = user
  const connection = tenant.connections.find(({ id }) => id === confirmation?.connection)
  const domains = ssoDomainsOf(tenant, user, others)
  if (domains.some((domain) => connection?.domains.includes(domain) !== true)) return unconfirmedSince
  if (confirmation === undefined || connection === undefined || !confirmsUsers(tenant, connection)) return undefined
  if (confirmation.at.getTime() === unconfirmedSince.getTime()) return confirmation.at
  const { confirmWithinSeconds } = tokenPolicyOf(tenant)
  if (confirmWithinSeconds === undefined) return undefined
  return new Date(confirmation.at.getTime() + confirmWithinSeconds * 1000)
}

export function isUnconfirmed(user: ConfirmedUser, tenant: Tenant, now: Date, others: readonly string[] = []): boolean {
  const end = confirmationEndsAt(user, tenant, others)
  return end !== undefined && end.getTime() <= now.getTime()
}
