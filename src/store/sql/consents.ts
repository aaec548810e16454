/** Consents: one row for each user and app. */
import type { Consent, Consents } from '../../broker/ports/durable.ts'
import type { ConsentRow, Sql } from './schema.ts'

export function sqlConsents({ db }: Sql): Consents {
  const key = (tenant: string, userId: string, appId: string) => ({ tenant, user_id: userId, app_id: appId })
  return {
    find: async (tenant, userId, appId) => {
      const consents = db.selectFrom('consents').selectAll()
      const row = await consents.where(({ and }) => and(key(tenant, userId, appId))).executeTakeFirst()
      return row === undefined ? null : consentOf(row)
    },
    ofUser: async (tenant, userId) => {
      const consents = db.selectFrom('consents').selectAll()
      const ofUser = consents.where(({ and }) => and({ tenant, user_id: userId }))
      return (await ofUser.orderBy('granted_at', 'desc').orderBy('app_id').execute()).map(consentOf)
    },
    give: ({ tenant, userId, appId, scopes, grantedAt }) =>
      db.transaction().execute(async (transaction) => {
        const granted_at = grantedAt.getTime()
        // the upsert locks the row: a concurrent consent waits, and adds to the scopes stored here
        const before = await transaction
          .insertInto('consents')
          .values({ ...key(tenant, userId, appId), scopes: '[]', first_granted_at: granted_at, granted_at })
          .onConflict((conflict) => conflict.columns(['tenant', 'user_id', 'app_id']).doUpdateSet({ granted_at }))
          .returning('scopes')
          .executeTakeFirstOrThrow()
        await transaction
          .updateTable('consents')
          .set({ scopes: JSON.stringify([...new Set([...scopesOf(before.scopes), ...scopes])]) })
          .where(({ and }) => and(key(tenant, userId, appId)))
          .execute()
      }),
    withdraw: async (tenant, userId, appId) => {
      const remove = db.deleteFrom('consents').where(({ and }) => and(key(tenant, userId, appId)))
      return (await remove.executeTakeFirst()).numDeletedRows === 1n
    },
    forgetApp: async (appId) => {
      await db.deleteFrom('consents').where('app_id', '=', appId).execute()
    },
  }
}

function scopesOf(json: string): readonly string[] {
  return JSON.parse(json) as readonly string[] // written by this file only
}

function consentOf(row: ConsentRow): Consent {
  return {
    tenant: row.tenant,
    userId: row.user_id,
    appId: row.app_id,
    scopes: scopesOf(row.scopes),
    firstGrantedAt: new Date(row.first_granted_at),
    grantedAt: new Date(row.granted_at),
  }
}
