/** Users and their identities. What belongs together is written in one transaction. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { IdentityKey, User, UserIdentity, Users } from '../../broker/ports/users.ts'
import { GatehouseError } from '../../errors.ts'
import type { Profile } from '../../profile/profile.ts'
import { prepared } from './prepared.ts'
import type { IdentityRow, Sql, Tables, UserRow } from './schema.ts'
import { isAsRead, lockUser, sqlUserAccess } from './user-access.ts'

export function sqlUsers(sqlOf: Sql): Users {
  const { db, withStoreTimeout, changesTogether, lock } = sqlOf
  const usersOfEmail = prepared(db, () => withProvenEmail(db, '', '').orderBy('created_at').orderBy('id'))
  const userOfIdentity = prepared(db, () => userByIdentity(db))
  const usersOfVerifiedEmail = prepared(db, () => withVerifiedEmail(db))
  const changeProven = prepared(db, () => changeOfBoth(db, provenUser))
  const changeUnproven = prepared(db, () => changeOfBoth(db, anyUser))

  return {
    ...sqlUserAccess(sqlOf),
    find: (tenant, id) =>
      withStoreTimeout(async () => {
        const row = await db
          .selectFrom('users')
          .selectAll()
          .where('tenant', '=', tenant)
          .where('id', '=', id)
          .executeTakeFirst()
        return row === undefined ? null : userOf(row)
      }),
    findByIdentity: (tenant, issuer, subject) =>
      withStoreTimeout(async () => {
        const [row] = await userOfIdentity([tenant, issuer, subject])
        return row === undefined ? null : { ...userOf(row), ...(row.suspended_at !== null && { isSuspended: true }) }
      }),
    findById: (id) =>
      withStoreTimeout(async () => {
        const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
        return row === undefined ? null : userOf(row)
      }),
    findByProvenEmail: (tenant, email) =>
      withStoreTimeout(async () => {
        const rows = await usersOfEmail([tenant, email])
        return rows.map(userOf)
      }),
    findByVerifiedEmail: (tenant, email, max) =>
      withStoreTimeout(async () => {
        const rows = await usersOfVerifiedEmail([tenant, email, 'active', max])
        return rows.map(userOf)
      }),
    identitiesOf: (tenant, userId) =>
      withStoreTimeout(async () => {
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
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          if (await isEmailTaken(transaction, user)) return false
          if (!(await insertIdentity(transaction, user, identity))) return false
          await insertUser(transaction, user)
          return true
        }),
      ),
    link: (user, identity) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          if (await isEmailTaken(transaction, user)) return false
          await lockUser(transaction, user)
          if (!(await isAsRead(transaction, user))) return false
          if (!(await insertIdentity(transaction, user, identity))) return false
          await forgetUnlinked(transaction, user, identity)
          await userUpdate(transaction, user).execute()
          return true
        }),
      ),
    update: (user, identity) =>
      withStoreTimeout(async () => {
        if (changesTogether && (await changeTogether(user, identity))) return true
        return db.transaction().execute(async (transaction) => {
          const stored = !changesTogether && (await updateUnlessProof(transaction, user))
          if (!stored && (await isEmailTaken(transaction, user))) return false
          if (!stored) await userUpdate(transaction, user).execute()
          await identityUpdate(transaction, user, identity).execute()
          return true
        })
      }),
    unlink: (user, identity, methodIds) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          const isTaken = await isEmailTaken(transaction, user)
          await lockUser(transaction, user)
          if (!(await isAsRead(transaction, user))) return false
          if (!(await hasOtherMethod(transaction, user, identity, methodIds))) return false
          if (!(await removeIdentity(transaction, user, identity))) return false
          await userUpdate(transaction, isTaken ? { ...user, emailProven: false } : user).execute()
          return true
        }),
      ),
    unlinkedBy: (tenant, { issuer, subject }) =>
      withStoreTimeout(async () => {
        const rows = await db
          .selectFrom('unlinked_identities')
          .select('user_id')
          .where('tenant', '=', tenant)
          .where('issuer', '=', issuer)
          .where('subject', '=', subject)
          .execute()
        return rows.map((row) => row.user_id)
      }),
    hasUnlinked: ({ tenant, id }, issuer) =>
      withStoreTimeout(async () => {
        const row = await db
          .selectFrom('unlinked_identities')
          .select('subject')
          .where('tenant', '=', tenant)
          .where('issuer', '=', issuer)
          .where('user_id', '=', id)
          .executeTakeFirst()
        return row !== undefined
      }),
  }

  async function changeTogether(user: User, identity: UserIdentity): Promise<boolean> {
    const change = provenEmailOf(user) === null ? changeUnproven : changeProven
    const changed = await change([...valuesOfKnown(user), ...valuesOfIdentityUpdate(user, identity)])
    return changed.length === 1
  }

  /** Whether another user has proven it; nobody else can begin to until this transaction ends. Locked before rows: so nobody waits in a ring. */
  async function isEmailTaken(transaction: Kysely<Tables>, user: User): Promise<boolean> {
    const email = provenEmailOf(user)
    if (email === null) return false
    await lock(transaction, `${user.tenant}\n${email}`)
    const others = withProvenEmail(transaction, user.tenant, email).where('id', '!=', user.id)
    return (await others.executeTakeFirst()) !== undefined
  }
}

/** Parameters: tenant, issuer, subject. */
function userByIdentity(db: Kysely<Tables>) {
  return db
    .selectFrom('identities')
    .innerJoin('users', (join) =>
      join.onRef('users.tenant', '=', 'identities.tenant').onRef('users.id', '=', 'identities.user_id'),
    )
    .selectAll('users')
    .select('identities.suspended_at')
    .where('identities.tenant', '=', '')
    .where('identities.issuer', '=', '')
    .where('identities.subject', '=', '')
}

function withProvenEmail(db: Kysely<Tables>, tenant: string, email: string) {
  return db.selectFrom('users').selectAll().where('tenant', '=', tenant).where('proven_email', '=', email)
}

/** Parameters: tenant, email, status, how many. `email_proven` once more: an older release, still running, does not keep the column. */
function withVerifiedEmail(db: Kysely<Tables>) {
  return db
    .selectFrom('users')
    .selectAll()
    .where('tenant', '=', '')
    .where('verified_email', '=', '')
    .where('status', '=', '')
    .where('email_proven', '=', sql.lit(0))
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
}

/** False when the identity belongs to somebody already. */
async function insertIdentity(db: Kysely<Tables>, user: User, identity: UserIdentity): Promise<boolean> {
  const { issuer, subject } = identity
  const result = await db
    .insertInto('identities')
    .values({
      ...{ tenant: user.tenant, issuer, subject, user_id: user.id, ...identityColumns(identity) },
      added_at: identity.addedAt?.getTime() ?? null,
      suspended_at: identity.suspendedAt?.getTime() ?? null,
    })
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

/** The update of whoever comes again: only where it proves no email that was not proven before. */
function updateOfKnown(db: Pick<Kysely<Tables>, 'updateTable'>, user: User) {
  const email = provenEmailOf(user)
  const known = db
    .updateTable('users')
    .set(attributes(user))
    .where('tenant', '=', user.tenant)
    .where('id', '=', user.id)
  return email === null ? known : known.where('proven_email', '=', email)
}

async function updateUnlessProof(db: Kysely<Tables>, user: User): Promise<boolean> {
  return (await updateOfKnown(db, user).executeTakeFirst()).numUpdatedRows === 1n
}

/** User and identity in one statement; a row when both were there to be changed. */
function changeOfBoth(db: Kysely<Tables>, user: User) {
  const both = db.with('known', () => updateOfKnown(db, user).returning('id'))
  return identityUpdate(both, user, anyIdentity).where(sql<boolean>`exists (select id from known)`).returning('user_id')
}

const valuesOfKnown = (user: User) => {
  const email = provenEmailOf(user)
  return [...Object.values(attributes(user)), user.tenant, user.id, ...(email === null ? [] : [email])]
}

function identityUpdate(db: Pick<Kysely<Tables>, 'updateTable'>, user: User, identity: UserIdentity) {
  return db
    .updateTable('identities')
    .set(identityColumns(identity))
    .where('tenant', '=', user.tenant)
    .where('issuer', '=', identity.issuer)
    .where('subject', '=', identity.subject)
    .where('user_id', '=', user.id)
}

const valuesOfIdentityUpdate = (user: User, identity: UserIdentity) => [
  ...Object.values(identityColumns(identity)),
  ...[user.tenant, identity.issuer, identity.subject, user.id],
]

async function hasOtherMethod(
  db: Kysely<Tables>,
  { tenant, id }: User,
  { issuer, subject }: IdentityKey,
  methodIds: readonly string[],
): Promise<boolean> {
  const rows = await db
    .selectFrom('identities')
    .select(['issuer', 'subject', 'connection'])
    .where('tenant', '=', tenant)
    .where('user_id', '=', id)
    .where('suspended_at', 'is', null)
    .execute()
  return rows.some((row) => (row.issuer !== issuer || row.subject !== subject) && methodIds.includes(row.connection))
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
    verified_email: verifiedEmailOf(user),
  }
}

function identityColumns(identity: UserIdentity) {
  return {
    connection: identity.connection,
    profile: JSON.stringify(identity.profile),
    last_login_at: identity.lastLoginAt.getTime(),
  }
}

function provenEmailOf(user: User): string | null {
  return user.emailProven ? (user.profile.email?.address ?? null) : null
}

function verifiedEmailOf({ emailProven, profile: { email } }: User): string | null {
  return !emailProven && email?.verified === true ? email.address : null
}

function userOf(row: Selectable<UserRow>): User {
  return {
    id: row.id,
    tenant: row.tenant,
    // anything but `active` keeps a person out
    status: row.status === 'active' || row.status === 'revoked' ? row.status : 'blocked',
    profile: profileOf(row.profile),
    emailProven: row.email_proven === 1,
    createdAt: new Date(row.created_at),
    ...(row.epoch > 0 && { epoch: row.epoch }),
  }
}

function identityOf(row: IdentityRow): UserIdentity {
  const { issuer, subject, connection, added_at, suspended_at } = row
  return {
    ...{ issuer, subject, connection, profile: profileOf(row.profile), lastLoginAt: new Date(row.last_login_at) },
    ...(added_at !== null && { addedAt: new Date(added_at) }),
    ...(suspended_at !== null && { suspendedAt: new Date(suspended_at) }),
  }
}

function profileOf(json: string): Profile {
  return JSON.parse(json) as Profile // written by this file only
}

/** To write statements with. */
const anyUser: User = {
  ...{ id: '', tenant: '', status: 'active', profile: {}, emailProven: false },
  createdAt: new Date(0),
}
const provenUser: User = {
  ...anyUser,
  profile: { email: { address: 'any@example.test', verified: true } },
  emailProven: true,
}
const anyIdentity: UserIdentity = {
  ...{ issuer: '', subject: '', connection: '', profile: {} },
  lastLoginAt: new Date(0),
}
