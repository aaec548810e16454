/** Apps that developers registered, and when their secrets and keys were last used. */
import { type Kysely, sql } from 'kysely'
import type { App, AppKey, ClientSecret } from '../../app/app.ts'
import type { Apps } from '../../broker/ports/durable.ts'
import type { AppRow, Sql, Tables } from './schema.ts'

/** A last use is stored at most this often. */
const recordIntervalMs = 60_000

export function sqlApps({ db }: Sql): Apps {
  return {
    find: async (id) => {
      const row = await db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : appOf(row)
    },
    all: async () =>
      (await db.selectFrom('apps').selectAll().orderBy('created_at', 'desc').orderBy('id').execute()).map(appOf),
    ownedBy: async (tenant, userId) => {
      const owned = db.selectFrom('apps').selectAll()
      const ordered = owned.where(({ and }) => and({ owner_tenant: tenant, owner_user_id: userId }))
      return (await ordered.orderBy('created_at', 'desc').orderBy('id').execute()).map(appOf)
    },
    findBySecret: async (hash) => {
      const joined = db.selectFrom('app_secrets').innerJoin('apps', 'apps.id', 'app_secrets.app_id')
      const row = await joined.selectAll('apps').where('app_secrets.hash', '=', hash).executeTakeFirst()
      return row === undefined ? null : appOf(row)
    },
    create: (app) =>
      db.transaction().execute(async (transaction) => {
        const { id, createdAt, revision } = app
        const result = await transaction
          .insertInto('apps')
          .values({ id, created_at: createdAt.getTime(), revision, ...changeable(app) })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst()
        if (result.numInsertedOrUpdatedRows !== 1n) return false
        await storeSecrets(transaction, app)
        return true
      }),
    update: (app) =>
      db.transaction().execute(async (transaction) => {
        const { id, revision } = app
        const result = await transaction
          .updateTable('apps')
          .set({ ...changeable(app), revision: revision + 1 })
          .where(({ and }) => and({ id, revision }))
          .executeTakeFirst()
        if (result.numUpdatedRows !== 1n) return false
        await storeSecrets(transaction, app)
        return true
      }),
    remove: (id) =>
      db.transaction().execute(async (transaction) => {
        const result = await transaction.deleteFrom('apps').where('id', '=', id).executeTakeFirst()
        await transaction.deleteFrom('app_secrets').where('app_id', '=', id).execute()
        await transaction.deleteFrom('app_credential_uses').where('app_id', '=', id).execute()
        return result.numDeletedRows === 1n
      }),
    recordUse: async (appId, credentialId, at) => {
      const time = at.getTime()
      // the condition avoids a write, and a row lock, for a use within the interval
      await sql`
        insert into app_credential_uses (app_id, credential_id, used_at)
        select cast(${appId} as text), cast(${credentialId} as text), cast(${time} as bigint)
        where not exists (
          select 1 from app_credential_uses as noted
          where noted.app_id = ${appId} and noted.credential_id = ${credentialId}
            and noted.used_at > ${time - recordIntervalMs}
        )
        on conflict (app_id, credential_id) do update set used_at = excluded.used_at
        where app_credential_uses.used_at < excluded.used_at`.execute(db)
    },
    usesOf: async (appId) => {
      const uses = db.selectFrom('app_credential_uses').select(['credential_id', 'used_at'])
      const rows = await uses.where('app_id', '=', appId).execute()
      return new Map(rows.map((row) => [row.credential_id, new Date(row.used_at)]))
    },
  }
}

/** Call it after the change of the app's row, whose lock serializes concurrent changes. */
async function storeSecrets(db: Kysely<Tables>, { id, secrets }: App): Promise<void> {
  await db.deleteFrom('app_secrets').where('app_id', '=', id).execute()
  if (secrets.length === 0) return
  await db
    .insertInto('app_secrets')
    .values(secrets.map(({ hash }) => ({ hash, app_id: id })))
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

function changeable(app: App) {
  return {
    owner_tenant: app.owner?.tenant ?? null,
    owner_user_id: app.owner?.userId ?? null,
    content: JSON.stringify(contentOf(app)),
  }
}

/** The JSON column. Times are milliseconds; undefined members are absent. */
interface Content
  extends Omit<
    App,
    'id' | 'owner' | 'createdAt' | 'disabledAt' | 'revision' | 'logoUri' | 'backchannelLogoutUri' | 'secrets' | 'keys'
  > {
  readonly disabledAt?: number | undefined
  readonly logoUri?: string | undefined
  readonly backchannelLogoutUri?: string | undefined
  readonly secrets: readonly StoredSecret[]
  readonly keys: readonly StoredKey[]
}

interface StoredSecret extends Omit<ClientSecret, 'createdAt' | 'expiresAt'> {
  readonly createdAt: number
  readonly expiresAt?: number | undefined
}

interface StoredKey extends Omit<AppKey, 'createdAt'> {
  readonly createdAt: number
}

function contentOf({ id, owner, createdAt, revision, ...rest }: App): Content {
  return {
    ...rest,
    disabledAt: rest.disabledAt?.getTime(),
    secrets: rest.secrets.map((secret) => ({
      ...secret,
      createdAt: secret.createdAt.getTime(),
      expiresAt: secret.expiresAt?.getTime(),
    })),
    keys: rest.keys.map((key) => ({ ...key, createdAt: key.createdAt.getTime() })),
  }
}

function appOf(row: AppRow): App {
  const { disabledAt, ...content } = JSON.parse(row.content) as Content // written by this file only
  const { owner_tenant: tenant, owner_user_id: userId } = row
  return {
    ...content,
    id: row.id,
    logoUri: content.logoUri,
    backchannelLogoutUri: content.backchannelLogoutUri,
    owner: tenant === null || userId === null ? undefined : { tenant, userId },
    secrets: content.secrets.map(secretOf),
    keys: content.keys.map((key) => ({ ...key, createdAt: new Date(key.createdAt) })),
    createdAt: new Date(row.created_at),
    ...(disabledAt !== undefined && { disabledAt: new Date(disabledAt) }),
    revision: row.revision,
  }
}

function secretOf(stored: StoredSecret): ClientSecret {
  const { createdAt, expiresAt } = stored
  const end = expiresAt === undefined ? undefined : new Date(expiresAt)
  return { ...stored, createdAt: new Date(createdAt), expiresAt: end }
}
