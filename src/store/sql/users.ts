/** Users and their identities. What belongs together is written in one transaction. */
import type { Kysely } from 'kysely'
import type { IdentityKey, User, UserIdentity, Users } from '../../broker/ports.ts'
import { GatehouseError } from '../../errors.ts'
import type { Profile } from '../../profile.ts'
import type { IdentityRow, Sql, Tables, UserRow } from './schema.ts'

export function sqlUsers({ db, reach, changesTogether, lockEmail }: Sql): Users {
  return {
    find: (tenant, id) =>
      reach(async () => {
        const row = await db
          .selectFrom('users')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .executeTakeFirst()
        return row === undefined ? null : userOf(row)
      }),
    findByIdentity: (tenant, issuer, subject) =>
      reach(async () => {
        const row = await db
          .selectFrom('identities')
          .innerJoin('users', (join) =>
            join.onRef('users.tenant', '=', 'identities.tenant').onRef('users.id', '=', 'identities.user_id'),
          )
          .selectAll('users')
          .where('identities.tenant', '=', tenant)
          .where('identities.issuer', '=', issuer)
          .where('identities.subject', '=', subject)
          .executeTakeFirst()
        return row === undefined ? null : userOf(row)
      }),
    findByProvenEmail: (tenant, email) =>
      reach(async () => {
        const rows = await withProvenEmail(db, tenant, email).orderBy('created_at').orderBy('id').execute()
        return rows.map(userOf)
      }),
    identitiesOf: (tenant, userId) =>
      reach(async () => {
        const rows = await db
          .selectFrom('identities')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('user_id', '=', userId)
          .orderBy('issuer')
          .orderBy('subject')
          .execute()
        return rows.map(identityOf)
      }),
    create: (user, identity) =>
      reach(() =>
        db.transaction().execute(async (transaction) => {
          if (await isEmailTaken(transaction, user)) return false
          if (!(await insertIdentity(transaction, user, identity))) return false
          await insertUser(transaction, user)
          return true
        }),
      ),
    link: (user, identity) =>
      reach(() =>
        db.transaction().execute(async (transaction) => {
          if (!(await insertIdentity(transaction, user, identity))) return false
          await forgetUnlinked(transaction, user, identity)
          await userUpdate(transaction, user).execute()
          return true
        }),
      ),
    update: (user, identity) =>
      reach(async () => {
        if (changesTogether) {
          const both = db.with('changed', () => userUpdate(db, user))
          await identityUpdate(both, user, identity).execute()
          return
        }
        await db.transaction().execute(async (transaction) => {
          await userUpdate(transaction, user).execute()
          await identityUpdate(transaction, user, identity).execute()
        })
      }),
    unlink: (user, identity, waysIn) =>
      reach(() =>
        db.transaction().execute(async (transaction) => {
          await lockUser(transaction, user)
          if (!(await hasOtherWayIn(transaction, user, identity, waysIn))) return false
          if (!(await removeIdentity(transaction, user, identity))) return false
          await userUpdate(transaction, user).execute()
          return true
        }),
      ),
    unlinkedBy: (tenant, { issuer, subject }) =>
      reach(async () => {
        const rows = await db
          .selectFrom('unlinked_identities')
          .select('user_id')
          .where('tenant', '=', tenant)
          .where('issuer', '=', issuer)
          .where('subject', '=', subject)
          .execute()
        return rows.map((row) => row.user_id)
      }),
  }

  async function isEmailTaken(transaction: Kysely<Tables>, user: User): Promise<boolean> {
    const email = provenEmailOf(user)
    if (email === null) return false
    await lockEmail(transaction, user.tenant, email)
    return (await withProvenEmail(transaction, user.tenant, email).executeTakeFirst()) !== undefined
  }
}

function withProvenEmail(db: Kysely<Tables>, tenant: string, email: string) {
  return db.selectFrom('users').selectAll().where('tenant', '=', tenant).where('proven_email', '=', email)
}

/** False when the identity belongs to somebody already. */
async function insertIdentity(db: Kysely<Tables>, user: User, identity: UserIdentity): Promise<boolean> {
  const { issuer, subject } = identity
  const result = await db
    .insertInto('identities')
    .values({ tenant: user.tenant, issuer, subject, user_id: user.id, ...sayings(identity) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

async function insertUser(db: Kysely<Tables>, user: User): Promise<void> {
  const { tenant, id, status } = user
  const result = await db
    .insertInto('users')
    .values({ tenant, id, status, created_at: user.createdAt.getTime(), ...attributes(user) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  if (result.numInsertedOrUpdatedRows !== 1n) throw new GatehouseError('internal', `user id ${id} exists already`)
}

function userUpdate(db: Kysely<Tables>, user: User) {
  return db.updateTable('users').set(attributes(user)).where('tenant', '=', user.tenant).where('id', '=', user.id)
}

function identityUpdate(db: Pick<Kysely<Tables>, 'updateTable'>, user: User, identity: UserIdentity) {
  return db
    .updateTable('identities')
    .set(sayings(identity))
    .where('tenant', '=', user.tenant)
    .where('issuer', '=', identity.issuer)
    .where('subject', '=', identity.subject)
    .where('user_id', '=', user.id)
}

/** Of several who unlink at once, the second waits here for the first, and then sees what is left. */
async function lockUser(db: Kysely<Tables>, { tenant, id }: User): Promise<void> {
  await db
    .updateTable('users')
    .set(({ ref }) => ({ status: ref('status') }))
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .execute()
}

async function hasOtherWayIn(
  db: Kysely<Tables>,
  { tenant, id }: User,
  { issuer, subject }: IdentityKey,
  waysIn: readonly string[],
): Promise<boolean> {
  const rows = await db
    .selectFrom('identities')
    .select(['issuer', 'subject', 'connection'])
    .where('tenant', '=', tenant)
    .where('user_id', '=', id)
    .execute()
  return rows.some((row) => (row.issuer !== issuer || row.subject !== subject) && waysIn.includes(row.connection))
}

/** False when it is not theirs. */
async function removeIdentity(
  db: Kysely<Tables>,
  { tenant, id }: User,
  { issuer, subject }: IdentityKey,
): Promise<boolean> {
  const result = await db
    .deleteFrom('identities')
    .where('tenant', '=', tenant)
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .where('user_id', '=', id)
    .executeTakeFirst()
  if (result.numDeletedRows !== 1n) return false
  await db
    .insertInto('unlinked_identities')
    .values({ tenant, issuer, subject, user_id: id })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return true
}

async function forgetUnlinked(
  db: Kysely<Tables>,
  { tenant, id }: User,
  { issuer, subject }: IdentityKey,
): Promise<void> {
  await db
    .deleteFrom('unlinked_identities')
    .where('tenant', '=', tenant)
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .where('user_id', '=', id)
    .execute()
}

function attributes(user: User) {
  return {
    profile: JSON.stringify(user.profile),
    proven_email: provenEmailOf(user),
    email_proven: Number(user.emailProven),
  }
}

function sayings(identity: UserIdentity) {
  return {
    connection: identity.connection,
    profile: JSON.stringify(identity.profile),
    last_login_at: identity.lastLoginAt.getTime(),
  }
}

function provenEmailOf(user: User): string | null {
  return user.emailProven ? (user.profile.email?.address ?? null) : null
}

function userOf(row: UserRow): User {
  return {
    id: row.id,
    tenant: row.tenant,
    // anything but `active` keeps a person out
    status: row.status === 'active' ? 'active' : 'blocked',
    profile: profileOf(row.profile),
    emailProven: row.email_proven === 1,
    createdAt: new Date(row.created_at),
  }
}

function identityOf(row: IdentityRow): UserIdentity {
  const { issuer, subject, connection } = row
  return { issuer, subject, connection, profile: profileOf(row.profile), lastLoginAt: new Date(row.last_login_at) }
}

function profileOf(json: string): Profile {
  return JSON.parse(json) as Profile // written by this file only
}
