/** Rows of `users` and `identities`, and the values they stand for. */
import type { Selectable } from 'kysely'
import type { User, UserIdentity } from '../../broker/ports/users.ts'
import type { Profile } from '../../profile/profile.ts'
import type { IdentityRow, UserRow } from './schema.ts'

export function userColumns(user: User) {
  return {
    profile: JSON.stringify(user.profile),
    proven_email: provenEmailOf(user),
    email_proven: Number(user.emailProven),
    verified_email: verifiedEmailOf(user),
  }
}

export function identityColumns(identity: UserIdentity) {
  return {
    connection: identity.connection,
    profile: JSON.stringify(identity.profile),
    last_login_at: identity.lastLoginAt.getTime(),
  }
}

export function provenEmailOf(user: User): string | null {
  return user.emailProven ? (user.profile.email?.address ?? null) : null
}

function verifiedEmailOf({ emailProven, profile: { email } }: User): string | null {
  return !emailProven && email?.verified === true ? email.address : null
}

export function userOf(row: Selectable<UserRow>): User {
  return {
    id: row.id,
    tenant: row.tenant,
    // an unknown status blocks the user
    status: row.status === 'active' || row.status === 'revoked' ? row.status : 'blocked',
    profile: profileOf(row.profile),
    emailProven: row.email_proven === 1,
    createdAt: new Date(row.created_at),
    ...(row.epoch > 0 && { epoch: row.epoch }),
  }
}

export function identityOf(row: IdentityRow): UserIdentity {
  const { issuer, subject, connection, added_at, suspended_at } = row
  return {
    ...{ issuer, subject, connection, profile: profileOf(row.profile), lastLoginAt: new Date(row.last_login_at) },
    ...(added_at !== null && { addedAt: new Date(added_at) }),
    ...(suspended_at !== null && { suspendedAt: new Date(suspended_at) }),
  }
}

function profileOf(json: string): Profile {
  return JSON.parse(json) as Profile // written by this file only
}
