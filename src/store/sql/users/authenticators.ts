/** Second factors of users. Each single use is one conditional statement. */
import type { ExpressionBuilder, Selectable } from 'kysely'
import {
  type Authenticator,
  type AuthenticatorKey,
  type Authenticators,
  authenticatorKinds,
  maxAuthenticators,
  type Passkey,
  type RecoveryCodes,
  type RememberedDevices,
  type Totp,
} from '../../../broker/ports/authenticators.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { prepared } from '../prepared.ts'
import { having, type Sql, type Tables } from '../schema.ts'
import { wordOf } from '../values.ts'
import { lockUser } from './user-access.ts'

export function sqlAuthenticators(sqlOf: Sql): Authenticators {
  const { db } = sqlOf
  const present = db.selectFrom('authenticators').selectAll().where('removedAt', 'is', null)
  const update = (user: UserKey, id: string) =>
    db.updateTable('authenticators').where(ofUser(user)).where('id', '=', id)
  const selectOwn = prepared(sqlOf, () => present.where(ofUser(anyUser)).orderBy('createdAt').orderBy('id'))
  return {
    of: async ({ tenant, userId }) => (await selectOwn([tenant, userId])).map(authenticatorOf),
    passkeyUsersOf: async (tenant, userIds) => {
      if (userIds.length === 0) return new Set()
      const passkeys = db.selectFrom('authenticators').select('userId').where('removedAt', 'is', null)
      const own = passkeys.where(having<'authenticators'>({ tenant, kind: 'passkey' })).where('userId', 'in', userIds)
      return new Set((await own.execute()).map(({ userId }) => userId))
    },
    findPasskey: async (tenant, credentialId) => {
      const row = await present.where(having<'authenticators'>({ tenant, credentialId })).executeTakeFirst()
      return row === undefined ? null : passkeyOf(row)
    },
    add: (authenticator) =>
      db.transaction().execute(async (transaction) => {
        const { tenant, userId } = authenticator
        await lockUser(transaction, { tenant, id: userId })
        const own = transaction.selectFrom('authenticators').select('id').where(ofUser({ tenant, userId }))
        if ((await own.where('removedAt', 'is', null).execute()).length >= maxAuthenticators) return 'full'
        const insert = transaction.insertInto('authenticators').values(rowOf(authenticator))
        const { numInsertedOrUpdatedRows } = await insert
          .onConflict((conflict) => conflict.columns(['tenant', 'credentialId']).doNothing())
          .executeTakeFirst()
        return numInsertedOrUpdatedRows === 1n ? 'added' : 'duplicate'
      }),
    rename: async (user, id, name) => {
      const renamed = update(user, id).set({ name }).where('removedAt', 'is', null)
      return (await renamed.executeTakeFirst()).numUpdatedRows === 1n
    },
    remove: async (user, id, at) => {
      const removed = update(user, id).set({ removedAt: at }).where('removedAt', 'is', null)
      return (await removed.executeTakeFirst()).numUpdatedRows === 1n
    },
    removeAll: async (user, at) => {
      const all = db.updateTable('authenticators').set({ removedAt: at }).where(ofUser(user))
      return Number((await all.where('removedAt', 'is', null).executeTakeFirst()).numUpdatedRows)
    },
    restore: async (user, id, since) => {
      const restored = update(user, id).set({ removedAt: null }).where('removedAt', '>=', since)
      return (await restored.executeTakeFirst()).numUpdatedRows === 1n
    },
    useTotpStep: async (user, id, step, at) => {
      const used = update(user, id).set({ lastStep: step, lastUsedAt: at })
      const newer = used.where('removedAt', 'is', null).where('lastStep', '<', step)
      return (await newer.executeTakeFirst()).numUpdatedRows === 1n
    },
    usePasskey: async (passkey, counter, backedUp, at) => {
      const used = update(passkey, passkey.id).set({ counter, backedUp: Number(backedUp), lastUsedAt: at })
      const greater = used.where('removedAt', 'is', null).where((row) => {
        return counter === 0 ? row('counter', '=', 0) : row('counter', '<', counter)
      })
      return (await greater.executeTakeFirst()).numUpdatedRows === 1n
    },
    suspendPasskeys: async (user, since, at) => {
      const own = db.updateTable('authenticators').set({ suspendedAt: at }).where(ofUser(user))
      const added = own.where('kind', '=', 'passkey').where('createdAt', '>=', since).where('suspendedAt', 'is', null)
      const rows = await added.where('removedAt', 'is', null).returningAll().execute()
      return rows.map(passkeyOf)
    },
    confirmPasskey: async (user, id) => {
      const confirmed = update(user, id).set({ suspendedAt: null }).where('suspendedAt', 'is not', null)
      return (await confirmed.where('removedAt', 'is', null).executeTakeFirst()).numUpdatedRows === 1n
    },
    totpAfter: async (after, limit) => {
      const all = db.selectFrom('authenticators').selectAll().where('kind', '=', 'totp')
      const rest = after === undefined ? all : all.where(isAfter(after))
      const rows = await rest.orderBy('tenant').orderBy('userId').orderBy('id').limit(limit).execute()
      return rows.map(totpOf)
    },
    reseal: async (totp, sealed) => {
      const resealed = update(totp, totp.id).set({ sealed }).where('sealed', '=', totp.sealed)
      return (await resealed.executeTakeFirst()).numUpdatedRows === 1n
    },
    forgetRemovedBefore: async (date, limit) => {
      const oldest = db.selectFrom('authenticators').select(['tenant', 'userId', 'id']).where('removedAt', '<', date)
      const rows = await oldest.orderBy('removedAt').limit(limit).execute()
      for (const { tenant, userId, id } of rows) {
        const forget = db.deleteFrom('authenticators').where(having<'authenticators'>({ tenant, userId, id }))
        await forget.where('removedAt', '<', date).execute() // not one that was restored meanwhile
      }
      return rows.length
    },
  }
}

export function sqlRecoveryCodes({ db }: Sql): RecoveryCodes {
  return {
    replace: ({ tenant, userId }, hashes, createdAt) =>
      db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('recovery_codes').where(having({ tenant, userId })).execute()
        const rows = hashes.map((hash) => ({ tenant, userId, hash, createdAt }))
        if (rows.length > 0) await transaction.insertInto('recovery_codes').values(rows).execute()
      }),
    use: async ({ tenant, userId }, hash, at) => {
      const use = db.updateTable('recovery_codes').set({ usedAt: at }).where(having({ tenant, userId, hash }))
      return (await use.where('usedAt', 'is', null).executeTakeFirst()).numUpdatedRows === 1n
    },
    stateOf: async ({ tenant, userId }) => {
      const rows = await db.selectFrom('recovery_codes').selectAll().where(having({ tenant, userId })).execute()
      const [first] = rows
      if (first === undefined) return undefined
      return { remaining: rows.filter(({ usedAt }) => usedAt === undefined).length, createdAt: first.createdAt }
    },
    removeAll: async ({ tenant, userId }) => {
      await db.deleteFrom('recovery_codes').where(having({ tenant, userId })).execute()
    },
  }
}

export function sqlRememberedDevices({ db }: Sql): RememberedDevices {
  const devices = db.selectFrom('remembered_devices').selectAll()
  return {
    put: async (device) => {
      await db.insertInto('remembered_devices').values(device).execute()
    },
    find: async ({ tenant, userId }, hash) =>
      (await devices.where(having({ tenant, userId, hash })).executeTakeFirst()) ?? null,
    recordUse: async ({ tenant, userId }, id, at) => {
      const update = db.updateTable('remembered_devices').set({ lastUsedAt: at })
      await update.where(having({ tenant, userId, id })).execute()
    },
    of: ({ tenant, userId }, now) => {
      const own = devices.where(having({ tenant, userId })).where('expiresAt', '>', now)
      return own.orderBy('createdAt', 'desc').orderBy('id').execute()
    },
    remove: async ({ tenant, userId }, id) => {
      const remove = db.deleteFrom('remembered_devices').where(having({ tenant, userId, id }))
      return (await remove.executeTakeFirst()).numDeletedRows === 1n
    },
    removeAll: async ({ tenant, userId }) => {
      const remove = db.deleteFrom('remembered_devices').where(having({ tenant, userId }))
      return Number((await remove.executeTakeFirst()).numDeletedRows)
    },
    forgetBefore: async (date, limit) => {
      const ended = db.selectFrom('remembered_devices').select('hash').where('expiresAt', '<', date)
      const hashes = (await ended.orderBy('expiresAt').limit(limit).execute()).map(({ hash }) => hash)
      if (hashes.length > 0) await db.deleteFrom('remembered_devices').where('hash', 'in', hashes).execute()
      return hashes.length
    },
  }
}

/** Whether a row comes after this one by tenant, user and ID. */
const isAfter =
  ({ tenant, userId, id }: AuthenticatorKey) =>
  (row: ExpressionBuilder<Tables, 'authenticators'>) =>
    row.or([
      row('tenant', '>', tenant),
      row.and([row('tenant', '=', tenant), row('userId', '>', userId)]),
      row.and([row('tenant', '=', tenant), row('userId', '=', userId), row('id', '>', id)]),
    ])

/** Of a user alone, also where the value given is an authenticator. */
const anyUser: UserKey = { tenant: '', userId: '' }

const ofUser = ({ tenant, userId }: UserKey) => having<'authenticators'>({ tenant, userId })

function rowOf({ tenant, userId, id, name, createdAt, lastUsedAt, ...rest }: Authenticator) {
  const common = { tenant, userId, id, name, createdAt, lastUsedAt }
  if (rest.kind === 'totp') return { ...common, kind: rest.kind, sealed: rest.sealed, lastStep: rest.lastStep }
  const { backedUp, ...passkey } = rest
  return { ...common, ...passkey, backedUp: Number(backedUp) }
}

type Row = Selectable<Tables['authenticators']>

function authenticatorOf(row: Row): Authenticator {
  return wordOf(authenticatorKinds, row.kind) === 'totp' ? totpOf(row) : passkeyOf(row)
}

const commonOf = ({ tenant, userId, id, name, createdAt, lastUsedAt }: Row) => ({
  ...{ tenant, userId, id, name, createdAt },
  ...(lastUsedAt !== undefined && { lastUsedAt }),
})

function totpOf(row: Row): Totp {
  const { sealed = Buffer.alloc(0), lastStep = 0 } = row
  return { ...commonOf(row), kind: 'totp', sealed, lastStep: Number(lastStep) }
}

function passkeyOf(row: Row): Passkey {
  const { credentialId = '', publicKey = '', counter = 0, transports = [], backedUp = 0, aaguid = '' } = row
  return {
    ...commonOf(row),
    ...{ kind: 'passkey', credentialId, publicKey, counter: Number(counter), transports, aaguid },
    backedUp: backedUp === 1,
    ...(row.suspendedAt !== undefined && { suspendedAt: row.suspendedAt }),
  }
}
