/**
 * Service accounts: users of a program that no person signs in as. An admin creates them and
 * their API tokens, which outlive the admin.
 */

import { GatehouseError } from '../../errors.ts'
import type { Administrator, TargetPorts } from '../access/target.ts'
import { assertReachableRoles, recordedTenant, targetTenant, targetUser } from '../access/target.ts'
import { recordAudit } from '../audit/record.ts'
import { requireStepUp } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User, UserSearch } from '../ports/users.ts'
import { assertSession } from './create-token.ts'
import { nameFaults, TokenRefused } from './token-draft.ts'

type ServiceAccountPorts = TargetPorts & Ports<'now' | 'random'>

/**
 * Throws `token_invalid` for the name, `not_found`, `fresh_sign_in_required`, `api_token_refused`.
 */
export async function createServiceAccount(
  ports: ServiceAccountPorts,
  by: Administrator,
  draft: { readonly name: string; readonly tenant?: string | undefined },
): Promise<User> {
  await assertAdministration(ports, by)
  const tenant = await targetTenant(ports, by, draft.tenant)
  const faults = nameFaults(draft.name)
  if (faults.length > 0) throw new TokenRefused(faults)
  const user: User = {
    id: ports.random(10).toString('hex'),
    tenant,
    kind: 'service',
    status: 'active',
    profile: { name: draft.name.trim() },
    emailProven: false,
    createdAt: ports.now(),
  }
  await ports.users.createService(user)
  const details = { kind: 'service', name: user.profile.name ?? '' }
  const { userId: actor } = by.session
  await recordAudit(ports, { tenant, action: 'user.created', actor, target: user.id, details })
  return user
}

type ServiceAccountPage = Pick<UserSearch, 'tenant' | 'after' | 'limit'>

/** Newest first. Throws `not_found`. */
export async function serviceAccounts(ports: TargetPorts, by: Administrator, page: ServiceAccountPage) {
  const tenant = await recordedTenant(ports, by, page.tenant)
  return ports.users.search({ ...page, tenant, kind: 'service' })
}

/** A person's tokens are their own: their id is not found here. Throws `not_found`. */
export async function serviceAccount(ports: TargetPorts, by: Administrator, id: string): Promise<User> {
  const user = await targetUser(ports, by, id)
  if (user.kind === 'service') return user
  throw new GatehouseError('not_found', `user ${user.id} is no service account`, {
    text: 'There is no such service account.',
  })
}

/**
 * The service account to be changed: an API token creates no credential (AP-02), and an admin none
 * of an operator (AD-01).
 */
export async function changeableServiceAccount(
  ports: ServiceAccountPorts & Ports<'roleAssignments'>,
  by: Administrator,
  id: string,
): Promise<User> {
  await assertAdministration(ports, by)
  const account = await serviceAccount(ports, by, id)
  await assertReachableRoles(ports, by, account)
  return account
}

async function assertAdministration(ports: ServiceAccountPorts, { session }: Administrator): Promise<void> {
  assertSession(session)
  await requireStepUp(ports, session)
}
