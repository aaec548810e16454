/** Users and their identities. Rows that belong together are written in one transaction. */
import type { Kysely } from 'kysely'
import type { IdentityKey, User, UserIdentity, Users } from '../../../broker/ports/users.ts'
import { GatehouseError } from '../../../errors.ts'
import { having, type Sql, type Tables } from '../schema.ts'
import { hasSameAccess, hasSameProfile, lockUser, sqlUserAccess } from './user-access.ts'
import { sqlUserSearch } from './user-search.ts'
import {
  identityColumns,
  identityOf,
  prepareUserStatements,
  provenEmailOf,
  selectByProvenEmail,
  updateIdentity,
  updateUser,
  updateUserUnlessNewProof,
  userColumns,
  userOf,
} from './user-statements.ts'

export function sqlUsers(sqlOf: Sql): Users {
  const { db, changesTogether, lock } = sqlOf
  const statements = prepareUserStatements(sqlOf)

  /** Whether another user has proven this email. Takes a lock on it, before any row lock. */
  async function isEmailTaken(transaction: Kysely<Tables>, user: User): Promise<boolean> {
    const email = provenEmailOf(user)
    if (email === null) return false
    await lock(transaction, `${user.tenant}\n${email}`)
    const others = selectByProvenEmail(transaction, user.tenant, email).where('id', '!=', user.id)
    return (await others.executeTakeFirst()) !== undefined
  }

  return {
    ...sqlUserAccess(sqlOf),
    ...sqlUserSearch(sqlOf),
    find: async (tenant, id) => {
      const row = await db.selectFrom('users').selectAll().where(having({ tenant, id })).executeTakeFirst()
      return row === undefined ? null : userOf(row)
    },
    findByIdentity: async (tenant, issuer, subject) => {
      const [row] = await statements.byIdentity([tenant, issuer, subject])
      if (row === undefined) return null
      const { suspendedAt, hasAuthenticator, isDeletionRequested, ...user } = row
      return {
        ...userOf(user),
        hasAuthenticator: Boolean(hasAuthenticator),
        isDeletionRequested: Boolean(isDeletionRequested),
        ...(suspendedAt !== undefined && { isSuspended: true }),
      }
    },
    findById: async (id) => {
      const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : userOf(row)
    },
    findByProvenEmail: async (tenant, email) => (await statements.byProvenEmail([tenant, email])).map(userOf),
    findByVerifiedEmail: async (tenant, email, max) =>
      (await statements.byVerifiedEmail([tenant, email, 'active', max])).map(userOf),
    identitiesOf: async (tenant, userId) => {
      const identities = db.selectFrom('identities').selectAll().where(having({ tenant, userId }))
      return (await identities.orderBy('issuer').orderBy('subject').execute()).map(identityOf)
    },
    identitiesOfAll: async (tenant, userIds) => {
      if (userIds.length === 0) return new Map()
      const identities = db.selectFrom('identities').selectAll().where(having({ tenant }))
      const rows = await identities.where('userId', 'in', userIds).orderBy('issuer').orderBy('subject').execute()
      const byUser = Map.groupBy(rows, ({ userId }) => userId)
      return new Map([...byUser].map(([userId, own]) => [userId, own.map(identityOf)]))
    },
    create: (user, identity) =>
      db.transaction().execute(async (transaction) => {
        if (await isEmailTaken(transaction, user)) return false
        if (!(await insertIdentity(transaction, user, identity))) return false
        await insertUser(transaction, user)
        return true
      }),
    createService: (user) => insertUser(db, user),
    link: (user, identity) =>
      db.transaction().execute(async (transaction) => {
        if (await isEmailTaken(transaction, user)) return false
        await lockUser(transaction, user)
        if (!(await hasSameAccess(transaction, user))) return false
        if (!(await insertIdentity(transaction, user, identity))) return false
        await transaction
          .deleteFrom('unlinked_identities')
          .where(having(identityKey(user, identity)))
          .execute()
        await updateUser(transaction, user).execute()
        return true
      }),
    update: async (user, identity, known) => {
      if (changesTogether && (await statements.updateBoth(user, identity, known))) return true
      return db.transaction().execute(async (transaction) => {
        // SQLite has one writer at a time; elsewhere the lock on an email precedes that on a row
        if (changesTogether && (await isEmailTaken(transaction, user))) return false
        if (changesTogether) await lockUser(transaction, user)
        if (known !== undefined && !(await hasSameProfile(transaction, user, known))) return false
        const stored = !changesTogether && (await updateUnlessNewProof(transaction, user))
        if (!stored && !changesTogether && (await isEmailTaken(transaction, user))) return false
        if (!stored) await updateUser(transaction, user).execute()
        await updateIdentity(transaction, user, identity).execute()
        return true
      })
    },
    updateProfile: (user, known) =>
      db.transaction().execute(async (transaction) => {
        if (await isEmailTaken(transaction, user)) return false
        await lockUser(transaction, user)
        if (!(await hasSameAccess(transaction, user))) return false
        if (!(await hasSameProfile(transaction, user, known))) return false
        await updateUser(transaction, user).execute()
        return true
      }),
    unlink: (user, identity, methodIds) =>
      db.transaction().execute(async (transaction) => {
        const isTaken = await isEmailTaken(transaction, user)
        await lockUser(transaction, user)
        if (!(await hasSameAccess(transaction, user))) return false
        if (!(await hasOtherMethod(transaction, user, identity, methodIds))) return false
        if (!(await removeIdentity(transaction, user, identity))) return false
        await updateUser(transaction, isTaken ? { ...user, emailProven: false } : user).execute()
        return true
      }),
    unlinkedBy: async (tenant, { issuer, subject }) => {
      const unlinked = db.selectFrom('unlinked_identities').select('userId')
      const rows = await unlinked.where(having({ tenant, issuer, subject })).execute()
      return rows.map((row) => row.userId)
    },
    hasUnlinked: async ({ tenant, id }, issuer) => {
      const unlinked = db.selectFrom('unlinked_identities').select('subject')
      return (await unlinked.where(having({ tenant, issuer, userId: id })).executeTakeFirst()) !== undefined
    },
  }
}

const identityKey = ({ tenant, id }: User, { issuer, subject }: IdentityKey) => ({
  tenant,
  issuer,
  subject,
  userId: id,
})

/** False when the identity belongs to a user already. */
async function insertIdentity(db: Kysely<Tables>, user: User, identity: UserIdentity): Promise<boolean> {
  const result = await db
    .insertInto('identities')
    .values({
      ...identityKey(user, identity),
      ...identityColumns(identity),
      addedAt: identity.addedAt,
      suspendedAt: identity.suspendedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

async function insertUser(db: Kysely<Tables>, user: User): Promise<void> {
  const { tenant, id, kind, status, createdAt } = user
  const result = await db
    .insertInto('users')
    .values({ tenant, id, kind: kind ?? null, status, createdAt, ...userColumns(user) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (result.numInsertedOrUpdatedRows !== 1n) throw new GatehouseError('internal', `user id ${id} exists already`)
}

async function updateUnlessNewProof(db: Kysely<Tables>, user: User): Promise<boolean> {
  return (await updateUserUnlessNewProof(db, user).executeTakeFirst()).numUpdatedRows === 1n
}

async function hasOtherMethod(
  db: Kysely<Tables>,
  { tenant, id }: User,
  { issuer, subject }: IdentityKey,
  methodIds: readonly string[],
): Promise<boolean> {
  const rows = await db
    .selectFrom('identities')
    .select(['issuer', 'subject', 'connection'])
    .where(having({ tenant, userId: id }))
    .where('suspendedAt', 'is', null)
    .execute()
  return rows.some((row) => (row.issuer !== issuer || row.subject !== subject) && methodIds.includes(row.connection))
}

/** False when the user has no such identity. */
async function removeIdentity(db: Kysely<Tables>, user: User, identity: IdentityKey): Promise<boolean> {
  const key = identityKey(user, identity)
  const result = await db.deleteFrom('identities').where(having(key)).executeTakeFirst()
  if (result.numDeletedRows !== 1n) return false
  await db
    .insertInto('unlinked_identities')
    .values(key)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return true
}
