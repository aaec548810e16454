/** Blocking, revocation and suspension, and the epoch that invalidates logins in progress. */
import { isDeepStrictEqual } from 'node:util'
import { type Kysely, sql } from 'kysely'
import type { IdentityKey, User, Users } from '../../../broker/ports/users.ts'
import type { UserProfile } from '../../../profile/profile.ts'
import { having, type Sql, type Tables } from '../schema.ts'

type UserKey = Pick<User, 'tenant' | 'id'>
type UserAccess = Pick<
  Users,
  | 'setStatus'
  | 'revoke'
  | 'reinstate'
  | 'suspend'
  | 'confirm'
  | 'nextEpoch'
  | 'recordConfirmation'
  | 'renewConfirmation'
  | 'confirmByLastLogin'
>

export function sqlUserAccess({ db }: Sql): UserAccess {
  return {
    setStatus: (tenant, id, status) =>
      db.transaction().execute(async (transaction) => {
        const changed = await changeStatus(transaction, { tenant, id }, status, ['active', 'blocked', 'revoked'])
        if (status === 'active') await deleteRevocations(transaction, { tenant, id }).execute()
        return changed
      }),
    revoke: (user, identities, at) =>
      db.transaction().execute(async (transaction) => {
        await lockUser(transaction, user) // a concurrent reinstate has committed by now
        await changeStatus(transaction, user, 'revoked', ['active'])
        for (const { issuer, subject } of identities)
          await transaction
            .insertInto('revoked_identities')
            .values({ tenant: user.tenant, userId: user.id, issuer, subject, revokedAt: at })
            .onConflict((conflict) =>
              conflict.columns(['tenant', 'userId', 'issuer', 'subject']).doUpdateSet({ revokedAt: at }),
            )
            .execute()
      }),
    reinstate: (user, { issuer, subject }, since) =>
      db.transaction().execute(async (transaction) => {
        await lockUser(transaction, user)
        await deleteRevocations(transaction, user)
          .where(having({ issuer, subject }))
          .where('revokedAt', '<', since)
          .execute()
        const left = await transaction
          .selectFrom('revoked_identities')
          .select('issuer')
          .where(having({ tenant: user.tenant, userId: user.id }))
          .executeTakeFirst()
        if (left === undefined) await changeStatus(transaction, user, 'active', ['revoked'])
        return (await accessOf(transaction, user))?.status === 'active'
      }),
    suspend: (user, identities, at) =>
      db.transaction().execute(async (transaction) => {
        for (const identity of identities)
          await setSuspendedAt(transaction, user, identity, at).where('suspendedAt', 'is', null).execute()
      }),
    confirm: (user, identity) =>
      db.transaction().execute(async (transaction) => {
        await lockUser(transaction, user)
        if (!(await hasSameAccess(transaction, user))) return false
        const confirmed = setSuspendedAt(transaction, user, identity, null).where('suspendedAt', 'is not', null)
        return (await confirmed.executeTakeFirst()).numUpdatedRows === 1n
      }),
    nextEpoch: async (tenant, id) => {
      const row = await db
        .updateTable('users')
        .set(({ eb }) => ({ epoch: eb('epoch', '+', 1) }))
        .where(having({ tenant, id }))
        .returning('epoch')
        .executeTakeFirst()
      return row?.epoch ?? 0
    },
    recordConfirmation: async ({ tenant, id }, { at, connection }) => {
      const update = db.updateTable('users').set({ confirmedAt: at, confirmedBy: connection })
      await update.where(having({ tenant, id })).execute()
    },
    renewConfirmation: async ({ tenant, id }, { at, connection }) => {
      const update = db.updateTable('users').set({ confirmedAt: at })
      const own = update.where(having({ tenant, id })).where('confirmedBy', '=', connection)
      await own.where('confirmedAt', '>', new Date(0)).execute()
    },
    confirmByLastLogin: async (tenant, connection) => {
      const result = await sql`
        update users set confirmed_by = ${connection}, confirmed_at = (
          select max(last_login_at) from identities
          where identities.tenant = users.tenant and identities.user_id = users.id and connection = ${connection})
        where tenant = ${tenant} and confirmed_at is null and exists (
          select 1 from identities
          where identities.tenant = users.tenant and identities.user_id = users.id and connection = ${connection})`.execute(
        db,
      )
      return Number(result.numAffectedRows)
    },
  }
}

/** Holds the user's row lock until the transaction ends. */
export async function lockUser(db: Kysely<Tables>, { tenant, id }: UserKey): Promise<void> {
  await db
    .updateTable('users')
    .set(({ ref }) => ({ status: ref('status') }))
    .where(having({ tenant, id }))
    .execute()
}

/** Whether the stored user is active and has the epoch of `user`. */
export async function hasSameAccess(db: Kysely<Tables>, user: User): Promise<boolean> {
  const row = await accessOf(db, user)
  return row?.status === 'active' && row.epoch === (user.epoch ?? 0)
}

/**
 * Whether the stored profile and emailProven are those of `known`, whenever permissions were
 * supplied.
 */
export async function hasSameProfile(
  db: Kysely<Tables>,
  { tenant, id }: UserKey,
  known: Pick<User, 'profile' | 'emailProven'>,
): Promise<boolean> {
  const stored = db.selectFrom('users').select(['profile', 'emailProven']).where(having({ tenant, id }))
  const row = await stored.executeTakeFirst()
  return (
    row?.emailProven === known.emailProven && isDeepStrictEqual(withoutTimes(row.profile), withoutTimes(known.profile))
  )
}

/** Each sign-in changes the times. */
function withoutTimes({ supplied = {}, ...profile }: UserProfile) {
  const permissions = Object.entries(supplied).map(([connection, { at: _, ...rest }]) => [connection, rest])
  return { ...profile, supplied: Object.fromEntries(permissions) }
}

function accessOf(db: Kysely<Tables>, { tenant, id }: UserKey) {
  return db.selectFrom('users').select(['status', 'epoch']).where(having({ tenant, id })).executeTakeFirst()
}

function setSuspendedAt(
  db: Kysely<Tables>,
  { tenant, id }: UserKey,
  { issuer, subject }: IdentityKey,
  suspendedAt: Date | null,
) {
  return db
    .updateTable('identities')
    .set({ suspendedAt })
    .where(having({ tenant, userId: id, issuer, subject }))
}

/** True when this call changed the status. */
async function changeStatus(
  db: Kysely<Tables>,
  { tenant, id }: UserKey,
  status: User['status'],
  from: readonly User['status'][],
): Promise<boolean> {
  const others = from.filter((one) => one !== status)
  const change = db.updateTable('users').set({ status }).where(having({ tenant, id }))
  return (await change.where('status', 'in', others).executeTakeFirst()).numUpdatedRows === 1n
}

function deleteRevocations(db: Kysely<Tables>, { tenant, id }: UserKey) {
  return db.deleteFrom('revoked_identities').where(having({ tenant, userId: id }))
}
