/** Consents: one row for each user and app. */
import { sql } from 'kysely'
import type { Consents } from '../../../broker/ports/durable.ts'
import { having, type Sql } from '../schema.ts'

export function sqlConsents({ db }: Sql): Consents {
  const consents = db.selectFrom('consents').selectAll()
  return {
    find: async (tenant, userId, appId) =>
      (await consents.where(having({ tenant, userId, appId })).executeTakeFirst()) ?? null,
    ofUser: (tenant, userId) => {
      const ofUser = consents.where(having({ tenant, userId }))
      return ofUser.orderBy('grantedAt', 'desc').orderBy('appId').execute()
    },
    ofApp: (appId, { limit, after }) => {
      const ofApp = consents.where('appId', '=', appId)
      const rest =
        after === undefined
          ? ofApp
          : ofApp.where(
              sql<boolean>`(first_granted_at, user_id) < (cast(${after.firstGrantedAt.getTime()} as bigint), ${after.userId})`,
            )
      return rest.orderBy('firstGrantedAt', 'desc').orderBy('userId', 'desc').limit(limit).execute()
    },
    count: async (appId, max) => {
      const some = db.selectFrom('consents').select('userId').where('appId', '=', appId).limit(max)
      const { count } = await db
        .selectFrom(some.as('some'))
        .select(sql<number | string>`count(*)`.as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
    give: ({ scopes, grantedAt, ...key }) =>
      db.transaction().execute(async (transaction) => {
        // the upsert locks the row: a concurrent consent waits, and adds to the scopes stored here
        const before = await transaction
          .insertInto('consents')
          .values({ ...key, scopes: [], firstGrantedAt: grantedAt, grantedAt })
          .onConflict((conflict) => conflict.columns(['tenant', 'userId', 'appId']).doUpdateSet({ grantedAt }))
          .returning('scopes')
          .executeTakeFirstOrThrow()
        const update = transaction.updateTable('consents').set({ scopes: [...new Set([...before.scopes, ...scopes])] })
        await update.where(having(key)).execute()
      }),
    revoke: async (tenant, userId, appId) => {
      const remove = db.deleteFrom('consents').where(having({ tenant, userId, appId }))
      return (await remove.executeTakeFirst()).numDeletedRows === 1n
    },
    forgetApp: async (appId) => {
      await db.deleteFrom('consents').where('appId', '=', appId).execute()
    },
  }
}
