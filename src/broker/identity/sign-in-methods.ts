import { secretHash } from '../../crypto/token.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserIdentity } from '../ports/users.ts'

/** The connections of these users' identities, in the tenant's order. */
export async function signInMethods(ports: Ports<'connections' | 'users'>, tenant: string, ...userIds: string[]) {
  const identities = await Promise.all(userIds.map((userId) => ports.users.identitiesOf(tenant, userId)))
  const live = identities.flat().filter(({ suspendedAt }) => suspendedAt === undefined)
  const used = new Set(live.map(({ connection }) => connection))
  return ports.connections.all(ports.connections.tenant(tenant)).filter(({ settings }) => used.has(settings.id))
}

/** The name of an identity on pages: a hash that reveals nothing. */
export function identityName({ issuer, subject }: Pick<UserIdentity, 'issuer' | 'subject'>): string {
  return secretHash(`${issuer}\n${subject}`).slice(0, 22)
}
