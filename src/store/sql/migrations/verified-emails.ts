/** A column and its index: whoever comes with an email that somebody has, verified by their upstream and proven by nobody, is asked. */
import { type Kysely, sql } from 'kysely'
import type { Profile } from '../../../profile/profile.ts'
import type { UserRow } from '../schema.ts'

export async function addVerifiedEmails(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable('users').addColumn('verified_email', 'text').execute()
  const { rows } = await sql<UnprovenRow>`select tenant, id, profile from users where email_proven = 0`.execute(db)
  for (const { tenant, id, profile } of rows) {
    const email = verifiedEmailIn(profile)
    if (email !== undefined)
      await sql`update users set verified_email = ${email} where tenant = ${tenant} and id = ${id}`.execute(db)
  }
  await db.schema.createIndex('users_by_verified_email').on('users').columns(['tenant', 'verified_email']).execute()
}

type UnprovenRow = Pick<UserRow, 'tenant' | 'id' | 'profile'>

function verifiedEmailIn(json: string): string | undefined {
  const { email } = JSON.parse(json) as Profile // written by users.ts only
  return email?.verified === true ? email.address : undefined
}
