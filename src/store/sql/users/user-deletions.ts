/** Requested deletions of users, and the deletion of all rows about a user. */
import type { UserDeletions } from '../../../broker/ports/user-deletions.ts'
import { prepared } from '../prepared.ts'
import { having, type Sql } from '../schema.ts'

/**
 * Every table with a `user_id` whose rows a deletion removes; a test compares it with the tables.
 */
export const erasedTables = [
  'identities',
  'unlinked_identities',
  'revoked_identities',
  'authenticators',
  'recovery_codes',
  'remembered_devices',
  'recoveries',
  'undo_links',
  'upstream_grants',
  'api_tokens',
  'developer_secrets',
  'developer_secret_revisions',
  'consents',
  'role_assignments',
  'user_deletions',
] as const

export function sqlUserDeletions(sqlOf: Sql): UserDeletions {
  const { db } = sqlOf
  const all = db.selectFrom('user_deletions').selectAll()
  const selectOwn = prepared(sqlOf, () => all.where(having({ tenant: '', userId: '' })))
  return {
    find: async ({ tenant, userId }) => (await selectOwn([tenant, userId]))[0] ?? null,
    put: async ({ tenant, userId, requestedAt, dueAt }) => {
      await db
        .insertInto('user_deletions')
        .values({ tenant, userId, requestedAt, dueAt })
        .onConflict((conflict) => conflict.columns(['tenant', 'userId']).doUpdateSet({ requestedAt, dueAt }))
        .execute()
    },
    cancel: async ({ tenant, userId }, now) => {
      const canceled = db.deleteFrom('user_deletions').where(having({ tenant, userId })).where('dueAt', '>', now)
      return (await canceled.executeTakeFirst()).numDeletedRows === 1n
    },
    cancelUnlessBegun: async ({ tenant, userId }) => {
      const canceled = db.deleteFrom('user_deletions').where(having({ tenant, userId }))
      return (await canceled.whereRef('dueAt', '>', 'requestedAt').executeTakeFirst()).numDeletedRows === 1n
    },
    due: (now, limit, after) => {
      const due = all.where('dueAt', '<=', now).orderBy('dueAt').orderBy('tenant').orderBy('userId').limit(limit)
      if (after === undefined) return due.execute()
      const { dueAt, tenant, userId } = after
      return due
        .where('dueAt', '>=', dueAt)
        .where(({ eb, or, and }) =>
          or([
            eb('dueAt', '>', dueAt),
            eb('tenant', '>', tenant),
            and([eb('tenant', '=', tenant), eb('userId', '>', userId)]),
          ]),
        )
        .execute()
    },
    erase: ({ tenant, userId }) =>
      db.transaction().execute(async (transaction) => {
        // a password is kept by the subject of its identity
        await transaction
          .deleteFrom('passwords')
          .where('tenant', '=', tenant)
          .where('subject', 'in', ({ selectFrom }) =>
            selectFrom('identities').select('subject').where(having({ tenant, userId })),
          )
          .execute()
        for (const table of ['api_token_networks', 'api_token_reminders'] as const)
          await transaction
            .deleteFrom(table)
            .where('tokenId', 'in', ({ selectFrom }) =>
              selectFrom('api_tokens').select('id').where(having({ tenant, userId })),
            )
            .execute()
        for (const table of erasedTables)
          await transaction.deleteFrom(table).where('tenant', '=', tenant).where('userId', '=', userId).execute()
        const user = transaction.deleteFrom('users').where(having({ tenant, id: userId }))
        return (await user.executeTakeFirst()).numDeletedRows === 1n
      }),
  }
}
