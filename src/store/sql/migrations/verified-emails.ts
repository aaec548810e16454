/** Adds `users.verified_email` and fills it from the stored profiles. */
import type { Kysely } from 'kysely'
import type { Profile } from '../../../profile/profile.ts'

export async function addVerifiedEmails(db: Kysely<never>): Promise<void> {
  const { sql } = await import('kysely')
  await sql`alter table users add column verified_email text`.execute(db)
  const { rows } = await sql<UnprovenRow>`select tenant, id, profile from users where email_proven = 0`.execute(db)
  for (const { tenant, id, profile } of rows) {
    const { email } = JSON.parse(profile) as Profile // written by the store only
    if (email?.verified === true)
      await sql`update users set verified_email = ${email.address} where tenant = ${tenant} and id = ${id}`.execute(db)
  }
  await sql`create index users_by_verified_email on users (tenant, verified_email)`.execute(db)
}

interface UnprovenRow {
  readonly tenant: string
  readonly id: string
  readonly profile: string
}
