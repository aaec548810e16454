/** What users agreed to: one row for each user and app. */
import type { Consent, Consents } from '../../broker/ports/consents.ts'
import type { ConsentRow, Sql } from './schema.ts'

export function sqlConsents({ db, withStoreTimeout }: Sql): Consents {
  return {
    find: (tenant, userId, appId) =>
      withStoreTimeout(async () => {
        const row = await db
          .selectFrom('consents')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('user_id', '=', userId)
          .where('app_id', '=', appId)
          .executeTakeFirst()
        return row === undefined ? null : consentOf(row)
      }),
    ofUser: (tenant, userId) =>
      withStoreTimeout(async () => {
        const rows = await db
          .selectFrom('consents')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('user_id', '=', userId)
          .orderBy('given_at', 'desc')
          .orderBy('app_id')
          .execute()
        return rows.map(consentOf)
      }),
    give: ({ tenant, userId, appId, scopes, givenAt }) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          const given_at = givenAt.getTime()
          // the row is held from here on: another yes at the same time waits, and adds to what this one stores
          const before = await transaction
            .insertInto('consents')
            .values({ tenant, user_id: userId, app_id: appId, scopes: '[]', first_given_at: given_at, given_at })
            .onConflict((conflict) => conflict.columns(['tenant', 'user_id', 'app_id']).doUpdateSet({ given_at }))
            .returning('scopes')
            .executeTakeFirstOrThrow()
          await transaction
            .updateTable('consents')
            .set({ scopes: JSON.stringify([...new Set([...scopesOf(before.scopes), ...scopes])]) })
            .where('tenant', '=', tenant)
            .where('user_id', '=', userId)
            .where('app_id', '=', appId)
            .execute()
        }),
      ),
    withdraw: (tenant, userId, appId) =>
      withStoreTimeout(async () => {
        const result = await db
          .deleteFrom('consents')
          .where('tenant', '=', tenant)
          .where('user_id', '=', userId)
          .where('app_id', '=', appId)
          .executeTakeFirst()
        return result.numDeletedRows === 1n
      }),
    forgetApp: (appId) =>
      withStoreTimeout(async () => {
        await db.deleteFrom('consents').where('app_id', '=', appId).execute()
      }),
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
    firstGivenAt: new Date(row.first_given_at),
    givenAt: new Date(row.given_at),
  }
}
