/** Statements on users and their identities, and the prepared ones that run at every login. */
import { type Kysely, type Selectable, sql } from 'kysely'
import type { User, UserIdentity } from '../../../broker/ports/users.ts'
import { prepared } from '../prepared.ts'
import { having, type IdentityRow, type Sql, type Tables, type UserRow } from '../schema.ts'
import { wordOf } from '../values.ts'
import { searchColumns } from './search-columns.ts'

type KnownUser = Pick<User, 'profile' | 'emailProven'>
type Updater = Pick<Kysely<Tables>, 'updateTable'>

export function prepareUserStatements(sqlOf: Pick<Sql, 'db' | 'run'>) {
  const { db } = sqlOf
  const updates = [placeholderUser, placeholderUserWithEmail].map((user) => ({
    always: prepared(sqlOf, () => updateUserAndIdentity(db, user)),
    ifKnown: prepared(sqlOf, () => updateUserAndIdentity(db, user, placeholderUser)),
  }))
  return {
    /** Parameters: tenant, email. */
    byProvenEmail: prepared(sqlOf, () => selectByProvenEmail(db, '', '').orderBy('createdAt').orderBy('id')),
    /** Parameters: tenant, issuer, subject. */
    byIdentity: prepared(sqlOf, () =>
      db
        .selectFrom('identities')
        .innerJoin('users', (join) =>
          join.onRef('users.tenant', '=', 'identities.tenant').onRef('users.id', '=', 'identities.userId'),
        )
        .select(storedColumns)
        .select(['identities.suspendedAt'])
        .select(({ exists, selectFrom }) => [
          exists(
            selectFrom('authenticators')
              .select('authenticators.id')
              .whereRef('authenticators.tenant', '=', 'users.tenant')
              .whereRef('authenticators.userId', '=', 'users.id')
              .where('authenticators.removedAt', 'is', null),
          ).as('hasAuthenticator'),
          exists(
            selectFrom('user_deletions')
              .select('user_deletions.userId')
              .whereRef('user_deletions.tenant', '=', 'users.tenant')
              .whereRef('user_deletions.userId', '=', 'users.id'),
          ).as('isDeletionRequested'),
        ])
        .where(having({ 'identities.tenant': '', 'identities.issuer': '', 'identities.subject': '' })),
    ),
    /** Parameters: tenant, email, status, limit. An older release fills `email_proven` only. */
    byVerifiedEmail: prepared(sqlOf, () =>
      db
        .selectFrom('users')
        .selectAll()
        .where(having({ tenant: '', verifiedEmail: '', status: '' }))
        .where('emailProven', '=', sql<boolean>`0`)
        .orderBy('createdAt')
        .orderBy('id')
        .limit(1),
    ),
    /**
     * One round trip. False when a row is missing, an email would be newly proven, or the stored
     * profile is not written exactly as `known`.
     */
    updateBoth: async (user: User, identity: UserIdentity, known?: KnownUser): Promise<boolean> => {
      const email = provenEmailOf(user)
      const update = updates[email === null ? 0 : 1]
      const rows = await (known === undefined ? update?.always : update?.ifKnown)?.([
        ...Object.values(userColumns(user)),
        user.tenant,
        user.id,
        ...(email === null ? [] : [email]),
        ...(known === undefined ? [] : [known.profile, known.emailProven]),
        ...Object.values(identityColumns(identity)),
        user.tenant,
        identity.issuer,
        identity.subject,
        user.id,
      ])
      return rows?.length === 1
    },
  }
}

export function selectByProvenEmail(db: Kysely<Tables>, tenant: string, email: string) {
  return db
    .selectFrom('users')
    .selectAll()
    .where(having({ tenant, provenEmail: email }))
}

export function updateUser(db: Updater, user: User) {
  return db
    .updateTable('users')
    .set(userColumns(user))
    .where(having({ tenant: user.tenant, id: user.id }))
}

/** Updates nothing when the update would prove an email that was not proven before. */
export function updateUserUnlessNewProof(db: Updater, user: User) {
  const email = provenEmailOf(user)
  const update = updateUser(db, user)
  return email === null ? update : update.where('provenEmail', '=', email)
}

export function updateIdentity(db: Updater, { tenant, id }: User, identity: UserIdentity) {
  const { issuer, subject } = identity
  return db
    .updateTable('identities')
    .set(identityColumns(identity))
    .where(having({ tenant, issuer, subject, userId: id }))
}

function updateUserAndIdentity(db: Kysely<Tables>, user: User, known?: KnownUser) {
  const update = updateUserUnlessNewProof(db, user)
  const ofKnown =
    known === undefined
      ? update
      : update.where('profile', '=', known.profile).where('emailProven', '=', known.emailProven)
  const both = db.with('known', () => ofKnown.returning('id'))
  return updateIdentity(both, user, placeholderIdentity)
    .where(sql<boolean>`exists (select id from known)`)
    .returning('userId')
}

const placeholderUser: User = {
  id: '',
  tenant: '',
  status: 'active',
  profile: {},
  emailProven: false,
  createdAt: new Date(0),
}
const placeholderUserWithEmail: User = {
  ...placeholderUser,
  profile: { email: { address: 'any@example.test', verified: true } },
  emailProven: true,
}
const placeholderIdentity: UserIdentity = {
  issuer: '',
  subject: '',
  connection: '',
  profile: {},
  lastLoginAt: new Date(0),
}

/** Values in the order of the parameters of a prepared statement. */
export function userColumns(user: User) {
  const { profile, emailProven } = user
  const isVerified = !emailProven && profile.email?.verified === true
  const verifiedEmail = isVerified ? profile.email.address : null
  return { profile, provenEmail: provenEmailOf(user), emailProven, verifiedEmail, ...searchColumns(profile) }
}

export function identityColumns({ connection, profile, lastLoginAt }: UserIdentity) {
  return { connection, profile, lastLoginAt }
}

export function provenEmailOf(user: User): string | null {
  return user.emailProven ? (user.profile.email?.address ?? null) : null
}

/** Other columns serve searches only. */
const storedColumns = [
  'users.id',
  'users.tenant',
  'users.kind',
  'users.status',
  'users.profile',
  'users.emailProven',
  'users.epoch',
  'users.createdAt',
  'users.confirmedAt',
  'users.confirmedBy',
] as const

type StoredUser = Omit<Selectable<UserRow>, 'provenEmail' | 'verifiedEmail' | 'emailSearch' | 'nameSearch'>

export function userOf(row: StoredUser): User {
  const { id, tenant, kind, status, profile, emailProven, epoch, createdAt, confirmedAt: at, confirmedBy } = row
  // an unknown status blocks the user
  const known = wordOf(['active', 'blocked', 'revoked'], status, 'blocked')
  const user = { id, tenant, status: known, profile, emailProven, createdAt }
  return {
    ...user,
    ...(epoch > 0 && { epoch }),
    ...(kind === 'service' && { kind }),
    ...(at !== undefined && confirmedBy !== undefined && { confirmation: { at, connection: confirmedBy } }),
  }
}

export function identityOf({ tenant, userId, ...identity }: Selectable<IdentityRow>): UserIdentity {
  return identity as UserIdentity // times that are null are absent
}
