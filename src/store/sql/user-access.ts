/** Whether a user may sign in, and which of their logins under way may still open a session. */
import type { Kysely } from 'kysely'
import type { IdentityKey, User, Users } from '../../broker/ports/users.ts'
import type { Sql, Tables } from './schema.ts'

type UserKey = Pick<User, 'tenant' | 'id'>

type UserAccess = Pick<Users, 'setStatus' | 'revoke' | 'reinstate' | 'suspend' | 'confirm' | 'nextEpoch'>

export function sqlUserAccess({ db, withStoreTimeout }: Sql): UserAccess {
  return {
    setStatus: (tenant, id, status) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          const changed = await changeStatus(transaction, { tenant, id }, status, ['active', 'blocked', 'revoked'])
          if (status === 'active') await identityFlags(transaction, { tenant, id }).execute()
          return changed
        }),
      ),
    revoke: (user, identities, at) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          await lockUser(transaction, user) // one that is being reinstated is active by then
          await changeStatus(transaction, user, 'revoked', ['active'])
          const revoked_at = at.getTime()
          for (const { issuer, subject } of identities)
            await transaction
              .insertInto('revoked_identities')
              .values({ tenant: user.tenant, user_id: user.id, issuer, subject, revoked_at })
              .onConflict((conflict) =>
                conflict.columns(['tenant', 'user_id', 'issuer', 'subject']).doUpdateSet({ revoked_at }),
              )
              .execute()
        }),
      ),
    reinstate: (user, { issuer, subject }, since) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          await lockUser(transaction, user)
          await identityFlags(transaction, user)
            .where('issuer', '=', issuer)
            .where('subject', '=', subject)
            .where('revoked_at', '<', since.getTime())
            .execute()
          const left = await transaction
            .selectFrom('revoked_identities')
            .select('issuer')
            .where('tenant', '=', user.tenant)
            .where('user_id', '=', user.id)
            .executeTakeFirst()
          if (left === undefined) await changeStatus(transaction, user, 'active', ['revoked'])
          const row = await transaction
            .selectFrom('users')
            .select('status')
            .where('tenant', '=', user.tenant)
            .where('id', '=', user.id)
            .executeTakeFirst()
          return row?.status === 'active'
        }),
      ),
    suspend: (user, identities, at) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          for (const identity of identities)
            await suspension(transaction, user, identity, at.getTime()).where('suspended_at', 'is', null).execute()
        }),
      ),
    confirm: (user, identity) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          await lockUser(transaction, user)
          if (!(await isAsRead(transaction, user))) return false
          const confirmed = suspension(transaction, user, identity, null).where('suspended_at', 'is not', null)
          return (await confirmed.executeTakeFirst()).numUpdatedRows === 1n
        }),
      ),
    nextEpoch: (tenant, id) =>
      withStoreTimeout(async () => {
        const row = await db
          .updateTable('users')
          .set(({ eb }) => ({ epoch: eb('epoch', '+', 1) }))
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .returning('epoch')
          .executeTakeFirst()
        return row?.epoch ?? 0
      }),
  }
}

/** Others that change the user's access or identities wait until this transaction ends, and then see what it left. */
export async function lockUser(db: Kysely<Tables>, { tenant, id }: UserKey): Promise<void> {
  await db
    .updateTable('users')
    .set(({ ref }) => ({ status: ref('status') }))
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .execute()
}

/** Whether the stored user is active, and no sessions of theirs were ended since `user` was read. */
export async function isAsRead(db: Kysely<Tables>, { tenant, id, epoch = 0 }: User): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select(['status', 'epoch'])
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.status === 'active' && row.epoch === epoch
}

function suspension(
  db: Kysely<Tables>,
  { tenant, id }: UserKey,
  { issuer, subject }: IdentityKey,
  suspended_at: number | null,
) {
  return db
    .updateTable('identities')
    .set({ suspended_at })
    .where('tenant', '=', tenant)
    .where('user_id', '=', id)
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
}

/** True when this changed it. */
async function changeStatus(
  db: Kysely<Tables>,
  { tenant, id }: UserKey,
  status: User['status'],
  from: readonly User['status'][],
): Promise<boolean> {
  const result = await db
    .updateTable('users')
    .set({ status })
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where(
      'status',
      'in',
      from.filter((one) => one !== status),
    )
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

function identityFlags(db: Kysely<Tables>, { tenant, id }: UserKey) {
  return db.deleteFrom('revoked_identities').where('tenant', '=', tenant).where('user_id', '=', id)
}
