/** What apps got of sessions in the embedded file, and the grants they hold of a user. */
import { maxPredecessors, type SessionApp, type SessionApps } from '../../broker/ports/session-apps.ts'
import type { Session } from '../../broker/session/session.ts'
import { blindKey } from '../one-time-codec.ts'
import { cachingOpen } from '../sealed-json.ts'
import {
  appField,
  grantField,
  isOfConnection,
  openGrant,
  openSessionApp,
  type StoredGrant,
  sealGrant,
  sealSessionApp,
} from '../session-app-codec.ts'
import { blob, inTransaction, type VolatileFile } from './volatile.ts'

/** 400 days: offline access that was not renewed that long is none. */
const grantsMs = 400 * 86_400_000

export function sqliteSessionApps({ file, keyRing, now }: VolatileFile): SessionApps {
  const { database, exclusive, read: readNow } = file
  const open = cachingOpen(keyRing)
  const find = database.prepare('select app_key, sealed from session_apps where session_id = ? and ends_at > ?')
  const insert = database.prepare(`
    insert or replace into session_apps select :id, :app, :sealed, :end
    where exists (select 1 from sessions where id = :id and ends_at > :now)`)
  const forget = database.prepare('delete from session_apps where session_id = ?')
  const isThere = database.prepare('select 1 from sessions where id = ? and ends_at > ?')
  const insertSuccessor = database.prepare('insert or replace into session_successors values (?, ?, ?, ?)')
  const moveSuccessors = database.prepare(`
    update session_successors set successor = :to, ends_at = :end
    where successor = :from and ends_at > :now
    and id in (select id from session_successors where successor = :from order by since desc limit ${maxPredecessors - 1})`)
  const findSuccessor = database.prepare('select successor from session_successors where id = ? and ends_at > ?')
  const storeGrant = database.prepare('insert or replace into user_grants values (?, ?, ?, ?, ?, ?)')
  // those whose session is over and of which no artefact lives
  const removeExpired = database.prepare(`
    delete from user_grants where user_key = :user and session_ends_at <= :now
    and not exists (select 1 from artefacts where artefacts.grant_key = user_grants.grant_key and artefacts.ends_at > :now)`)
  const findGrant = database.prepare('select sealed from user_grants where user_key = ? and key = ? and ends_at > ?')
  const grants = database.prepare('select key, sealed from user_grants where user_key = ? and ends_at > ?')
  const time = () => now().getTime()

  function appsOf(sessionId: string): ReadonlyMap<string, SessionApp> {
    const apps = find.all(sessionId, time()).map((row) => {
      const sealed = blob(row['sealed'])
      return sealed && openSessionApp(open, sessionId, String(row['app_key']), sealed)
    })
    return new Map(apps.filter((app) => app !== null))
  }

  /** Those of the sessions the grant was filed with before, and of this one. */
  function connectionsOf({ connection }: Session, user: string, field: string): readonly string[] | undefined {
    const sealed = blob(findGrant.get(user, field, time())?.['sealed'])
    const before = sealed && openGrant(keyRing, user, field, sealed)
    return before === null ? [connection] : before.connections && [...new Set([...before.connections, connection])]
  }

  /** Within a transaction. */
  function putApp(session: Session, appId: string, got: SessionApp): void {
    const { id, tenant, userId, expiresAt } = session
    const { grantId } = got
    const [user, end] = [blindKey(tenant, userId), expiresAt.getTime()]
    const sealed = sealSessionApp(keyRing, id, appId, got)
    removeExpired.run({ user, now: time() })
    const connections = connectionsOf(session, user, grantField(appId, grantId))
    const filed = sealGrant(keyRing, user, { appId, grantId, sessionEndsAt: Math.ceil(end / 1000), connections })
    storeGrant.run(user, grantField(appId, grantId), blindKey(grantId), filed, end, time() + grantsMs)
    insert.run({ id, app: appField(appId), sealed, end, now: time() })
  }

  /** Within a transaction. */
  function lead(from: Session, to: Session): void {
    const [end, at] = [to.expiresAt.getTime(), time()]
    moveSuccessors.run({ from: from.id, to: to.id, end, now: at })
    insertSuccessor.run(from.id, to.id, at, end)
  }

  async function living(tenant: string, userId: string): Promise<readonly StoredGrant[]> {
    const user = blindKey(tenant, userId)
    const rows = await exclusive(() => {
      removeExpired.run({ user, now: time() })
      return grants.all(user, time())
    })
    return rows
      .map((row) => openGrant(keyRing, user, String(row['key']), blob(row['sealed']) ?? Buffer.alloc(0)))
      .filter((grant) => grant !== null)
  }

  return {
    of: (sessionId) => readNow(() => appsOf(sessionId)),
    put: async (session, appId, got) => {
      await exclusive(() => inTransaction(database, () => putApp(session, appId, got)))
    },
    carryOver: async (from, to) => {
      if (from.tenant !== to.tenant || from.userId !== to.userId) return
      if ((await readNow(() => appsOf(from.id))).size === 0) return
      await exclusive(() =>
        inTransaction(database, () => {
          if (isThere.get(to.id, time()) === undefined) return
          for (const [appId, got] of appsOf(from.id)) putApp(to, appId, got)
          lead(from, to)
        }),
      )
    },
    successorOf: async (sessionId) => {
      const row = await readNow(() => findSuccessor.get(sessionId, time()))
      return typeof row?.['successor'] === 'string' ? row['successor'] : null
    },
    forget: async (sessionId) => {
      await exclusive(() => forget.run(sessionId))
    },
    grantsOf: async (tenant, userId, appId) => {
      const grants = await living(tenant, userId)
      return grants.filter((grant) => appId === undefined || grant.appId === appId).map(({ grantId }) => grantId)
    },
    grantsOfConnection: async (tenant, userId, connection) => {
      const grants = await living(tenant, userId)
      return grants.filter((grant) => isOfConnection(grant, connection)).map(({ grantId }) => grantId)
    },
  }
}
