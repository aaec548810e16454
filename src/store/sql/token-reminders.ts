/** Which API tokens need a reminder, and which reminders were sent. */
import { type Kysely, sql } from 'kysely'
import type { ApiTokens, ReminderQuery } from '../../broker/ports/api-tokens.ts'
import type { Tables } from './schema.ts'

type TokenReminders = Pick<ApiTokens, 'tenants' | 'needingReminder' | 'claimReminder' | 'releaseReminder'>

/** @param findAll tokens with their users */
export function sqlTokenReminders(db: Kysely<Tables>, findAll: ApiTokens['findAll']): TokenReminders {
  return {
    tenants: async () => {
      const rows = await db.selectFrom('api_tokens').select('tenant').distinct().execute()
      return rows.map(({ tenant }) => tenant)
    },
    needingReminder: async (query) => findAll(await idsNeedingReminder(db, query)),
    claimReminder: async (tokenId, reason, at) => {
      const insert = db.insertInto('api_token_reminders').values({ tokenId, reason, sentAt: at })
      const result = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
      return result.numInsertedOrUpdatedRows === 1n
    },
    releaseReminder: async (tokenId, reason) => {
      await db.deleteFrom('api_token_reminders').where('tokenId', '=', tokenId).where('reason', '=', reason).execute()
    },
  }
}

/** Live, neither replaced nor suspended, of active users, without a reminder for this reason. */
async function idsNeedingReminder(db: Kysely<Tables>, query: ReminderQuery): Promise<readonly string[]> {
  const { tenant, reason, now, limit, expiresBefore, createdBefore } = query
  const live = db
    .selectFrom('api_tokens')
    .select('id')
    .where('tenant', '=', tenant)
    .where('expiresAt', '>', now)
    .where('endsAt', 'is', null)
    .where('suspendedAt', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('users')
          .select('users.id')
          .whereRef('users.tenant', '=', 'api_tokens.tenant')
          .whereRef('users.id', '=', 'api_tokens.userId')
          .where('users.status', '=', 'active'),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('api_token_reminders')
            .select('tokenId')
            .whereRef('tokenId', '=', 'api_tokens.id')
            .where('reason', '=', reason),
        ),
      ),
    )
  // a token of a shorter lifetime than the notice needs none
  const noticeMs = (expiresBefore?.getTime() ?? 0) - now.getTime()
  const isLongLived = sql<boolean>`expires_at - created_at > ${noticeMs}`
  const expiring = expiresBefore === undefined ? live : live.where('expiresAt', '<=', expiresBefore).where(isLongLived)
  const due = createdBefore === undefined ? expiring : expiring.where('createdAt', '<', createdBefore)
  return (await due.orderBy('expiresAt').orderBy('id').limit(limit).execute()).map(({ id }) => id)
}
