/** Apps that developers registered, and when their secrets and keys were last used. */
import { type ExpressionBuilder, type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import type { App } from '../../../app/app.ts'
import type { AppSearch, Apps } from '../../../broker/ports/durable.ts'
import { type AppRow, having, type Sql, type Tables } from '../schema.ts'
import { searchText } from '../users/search-columns.ts'

/** A last use is stored at most this often. */
const recordIntervalMs = 60_000

export function sqlApps({ db }: Sql): Apps {
  const apps = db.selectFrom('apps').selectAll('apps').orderBy('createdAt', 'desc').orderBy('id')

  /** Runs `change`, which returns how many apps it changed, and stores the secrets if it is one. */
  const changed = (app: App, change: (db: Kysely<Tables>) => Promise<bigint | undefined>) =>
    db.transaction().execute(async (transaction) => {
      if ((await change(transaction)) !== 1n) return false
      await storeSecrets(transaction, app)
      return true
    })

  return {
    find: async (id) => {
      const row = await apps.where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : appOf(row)
    },
    all: async () => (await apps.execute()).map(appOf),
    search: async (search) => {
      if (search.owners?.length === 0) return [] // PostgreSQL has no empty list
      const after =
        search.after === undefined ? undefined : await apps.where('id', '=', search.after).executeTakeFirst()
      if (after === undefined && search.after !== undefined) return []
      const found = db.selectFrom('apps').selectAll().where(matches(search, after))
      return (await found.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(search.limit).execute()).map(appOf)
    },
    ownedBy: async (tenant, userId) =>
      (await apps.where(having({ ownerTenant: tenant, ownerUserId: userId })).execute()).map(appOf),
    findBySecret: async (hash) => {
      const joined = apps.innerJoin('app_secrets', 'apps.id', 'app_secrets.appId')
      const row = await joined.where('app_secrets.hash', '=', hash).executeTakeFirst()
      return row === undefined ? null : appOf(row)
    },
    create: (app) =>
      changed(app, async (transaction) => {
        const { id, createdAt, revision } = app
        const insert = transaction.insertInto('apps').values({ id, createdAt, revision, ...changeable(app) })
        const result = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
        return result.numInsertedOrUpdatedRows
      }),
    update: (app) =>
      changed(app, async (transaction) => {
        const { id, revision } = app
        const update = transaction.updateTable('apps').set({ ...changeable(app), revision: revision + 1 })
        return (await update.where(having({ id, revision })).executeTakeFirst()).numUpdatedRows
      }),
    remove: (id) =>
      db.transaction().execute(async (transaction) => {
        const result = await transaction.deleteFrom('apps').where('id', '=', id).executeTakeFirst()
        await transaction.deleteFrom('app_secrets').where('appId', '=', id).execute()
        await transaction.deleteFrom('app_credential_uses').where('appId', '=', id).execute()
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
      const rows = await db.selectFrom('app_credential_uses').selectAll().where('appId', '=', appId).execute()
      return new Map(rows.map(({ credentialId, usedAt }) => [credentialId, usedAt]))
    },
    lastUses: async (appIds) => {
      if (appIds.length === 0) return new Map()
      const uses = db.selectFrom('app_credential_uses').selectAll().where('appId', 'in', appIds)
      const rows = await uses.orderBy('usedAt').execute()
      return new Map(rows.map(({ appId, usedAt }) => [appId, usedAt])) // the last of an app wins
    },
  }
}

function matches({ tenant, name, owners }: AppSearch, after: Selectable<AppRow> | undefined) {
  return (where: ExpressionBuilder<Tables, 'apps'>) =>
    where.and([
      ...(tenant === undefined ? [] : [where('ownerTenant', '=', tenant)]),
      ...(owners === undefined ? [] : [where('ownerUserId', 'in', owners)]),
      ...(name === undefined ? [] : [containsText(name)]),
      ...(after === undefined
        ? []
        : [sql<SqlBool>`(created_at, id) < (cast(${after.createdAt.getTime()} as bigint), ${after.id})`]),
    ])
}

/** Ignores letter case. `%` and `_` are no wildcards. */
function containsText(name: string) {
  const escaped = searchText(name).replace(/[\\%_]/g, '\\$&')
  return sql<SqlBool>`name_search like ${`%${escaped}%`} escape '\\'`
}

/** Call it after the change of the app's row, whose lock serializes concurrent changes. */
async function storeSecrets(db: Kysely<Tables>, { id, secrets }: App): Promise<void> {
  await db.deleteFrom('app_secrets').where('appId', '=', id).execute()
  if (secrets.length === 0) return
  const insert = db.insertInto('app_secrets').values(secrets.map(({ hash }) => ({ hash, appId: id })))
  await insert.onConflict((conflict) => conflict.doNothing()).execute()
}

/** Members with times, which the JSON holds in milliseconds since 1970. */
const times: ReadonlySet<string> = new Set(['createdAt', 'expiresAt', 'disabledAt'])

function changeable({ id, owner, createdAt, revision, ...rest }: App) {
  const content = JSON.stringify(rest, (name, value) =>
    times.has(name) && value !== undefined ? Date.parse(value) : value,
  )
  const nameSearch = searchText(rest.name)
  return { ownerTenant: owner?.tenant ?? null, ownerUserId: owner?.userId ?? null, nameSearch, content }
}

/** JSON has no undefined members, which an app has. */
function appOf({ content, ownerTenant, ownerUserId, nameSearch: _, ...row }: Selectable<AppRow>): App {
  // written by this file only
  const app = JSON.parse(content, (name, value) => (times.has(name) ? new Date(value) : value)) as App
  const owner =
    ownerTenant === undefined || ownerUserId === undefined ? undefined : { tenant: ownerTenant, userId: ownerUserId }
  const secrets = app.secrets.map((secret) => ({ ...secret, expiresAt: secret.expiresAt }))
  return { ...app, logoUri: app.logoUri, backchannelLogoutUri: app.backchannelLogoutUri, secrets, ...row, owner }
}
