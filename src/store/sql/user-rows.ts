/** Rows of `users` and `identities`, and the values they stand for. */
import type { Selectable } from 'kysely'
import type { User, UserIdentity } from '../../broker/ports/users.ts'
import type { IdentityRow, UserRow } from './schema.ts'

/** In the order of the parameters of a prepared statement. */
export function userColumns(user: User) {
  const { profile, emailProven } = user
  const isVerified = !emailProven && profile.email?.verified === true
  const verifiedEmail = isVerified ? profile.email.address : null
  return { profile, provenEmail: provenEmailOf(user), emailProven, verifiedEmail }
}

export function identityColumns({ connection, profile, lastLoginAt }: UserIdentity) {
  return { connection, profile, lastLoginAt }
}

export function provenEmailOf(user: User): string | null {
  return user.emailProven ? (user.profile.email?.address ?? null) : null
}

export function userOf({ provenEmail, verifiedEmail, status, epoch, ...user }: Selectable<UserRow>): User {
  // an unknown status blocks the user
  const known = status === 'active' || status === 'revoked' ? status : 'blocked'
  return { ...user, status: known, ...(epoch > 0 && { epoch }) }
}

export function identityOf({ tenant, userId, ...identity }: Selectable<IdentityRow>): UserIdentity {
  return identity as UserIdentity // times that are null are absent
}
