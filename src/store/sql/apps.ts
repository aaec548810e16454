/** Apps that developers registered, and when their secrets and keys were last used. */
import { type Kysely, sql } from 'kysely'
import type { App, AppKey, ClientSecret } from '../../app/app.ts'
import type { Apps } from '../../broker/ports/apps.ts'
import type { AppRow, Sql, Tables } from './schema.ts'

const recordIntervalMs = 60_000

export function sqlApps({ db, withStoreTimeout }: Sql): Apps {
  return {
    find: (id) =>
      withStoreTimeout(async () => {
        const row = await db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst()
        return row === undefined ? null : appOf(row)
      }),
    all: () =>
      withStoreTimeout(async () => {
        const rows = await db.selectFrom('apps').selectAll().orderBy('created_at', 'desc').orderBy('id').execute()
        return rows.map(appOf)
      }),
    ownedBy: (tenant, userId) =>
      withStoreTimeout(async () => {
        const rows = await db
          .selectFrom('apps')
          .selectAll()
          .where('owner_tenant', '=', tenant)
          .where('owner_user_id', '=', userId)
          .orderBy('created_at', 'desc')
          .orderBy('id')
          .execute()
        return rows.map(appOf)
      }),
    findBySecret: (hash) =>
      withStoreTimeout(async () => {
        const row = await db
          .selectFrom('app_secrets')
          .innerJoin('apps', 'apps.id', 'app_secrets.app_id')
          .selectAll('apps')
          .where('app_secrets.hash', '=', hash)
          .executeTakeFirst()
        return row === undefined ? null : appOf(row)
      }),
    create: (app) =>
      withStoreTimeout(() =>
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
      ),
    update: (app) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          const result = await transaction
            .updateTable('apps')
            .set({ ...changeable(app), revision: app.revision + 1 })
            .where('id', '=', app.id)
            .where('revision', '=', app.revision)
            .executeTakeFirst()
          if (result.numUpdatedRows !== 1n) return false
          await storeSecrets(transaction, app)
          return true
        }),
      ),
    remove: (id) =>
      withStoreTimeout(() =>
        db.transaction().execute(async (transaction) => {
          const result = await transaction.deleteFrom('apps').where('id', '=', id).executeTakeFirst()
          await transaction.deleteFrom('app_secrets').where('app_id', '=', id).execute()
          await transaction.deleteFrom('app_credential_uses').where('app_id', '=', id).execute()
          return result.numDeletedRows === 1n
        }),
      ),
    recordUse: (appId, credentialId, at) =>
      withStoreTimeout(async () => {
        const time = at.getTime()
        // what was noted within the minute is only read: no row is written or locked for it
        await sql`
          insert into app_credential_uses (app_id, credential_id, used_at)
          select cast(${appId} as text), cast(${credentialId} as text), cast(${time} as bigint)
          where not exists (
            select 1 from app_credential_uses as noted
            where noted.app_id = ${appId} and noted.credential_id = ${credentialId} and noted.used_at > ${time - recordIntervalMs}
          )
          on conflict (app_id, credential_id) do update set used_at = excluded.used_at
          where app_credential_uses.used_at < excluded.used_at`.execute(db)
      }),
    usesOf: (appId) =>
      withStoreTimeout(async () => {
        const rows = await db
          .selectFrom('app_credential_uses')
          .select(['credential_id', 'used_at'])
          .where('app_id', '=', appId)
          .execute()
        return new Map(rows.map((row) => [row.credential_id, new Date(row.used_at)]))
      }),
  }
}

/** After the app's own row was changed, which keeps others who change it waiting. */
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

/** What the JSON holds: times are milliseconds, and what is undefined is left out. */
interface Content
  extends Omit<
    App,
    'id' | 'owner' | 'createdAt' | 'disabledAt' | 'revision' | 'mark' | 'backchannelLogoutUri' | 'secrets' | 'keys'
  > {
  readonly disabledAt?: number | undefined
  readonly mark?: string | undefined
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
    mark: content.mark,
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
