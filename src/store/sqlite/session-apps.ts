/** What apps hold of sessions and users, in the embedded file. */
import { maxPredecessors, type SessionApp, type SessionApps } from '../../broker/ports/volatile.ts'
import type { Session } from '../../broker/session/session.ts'
import { blindKey } from '../one-time-codec.ts'
import { cachingOpen } from '../sealed-json.ts'
import {
  appField,
  grantField,
  grantQueries,
  grantsSeconds,
  mergeConnections,
  openGrant,
  openSessionApp,
  type StoredGrant,
  sealGrant,
  sealSessionApp,
} from '../session-app-codec.ts'
import { sealedOf, type VolatileFile } from './volatile-file.ts'

export function sqliteSessionApps({ file, keyRing, time }: VolatileFile): SessionApps {
  const { database, exclusive, transaction, read } = file
  const open = cachingOpen(keyRing)
  const find = database.prepare('select app_key, sealed from session_apps where session_id = ? and ends_at > ?')
  const insert = database.prepare(`
    insert or replace into session_apps select :id, :app, :sealed, :end
    where exists (select 1 from sessions where id = :id and ends_at > :now)`)
  const forget = database.prepare('delete from session_apps where session_id = ?')
  const findSession = database.prepare('select 1 from sessions where id = ? and ends_at > ?')
  const insertSuccessor = database.prepare('insert or replace into session_successors values (?, ?, ?, ?)')
  const moveSuccessors = database.prepare(`
    update session_successors set successor = :to, ends_at = :end
    where successor = :from and ends_at > :now and id in (
      select id from session_successors where successor = :from order by since desc limit ${maxPredecessors - 1})`)
  const findSuccessor = database.prepare('select successor from session_successors where id = ? and ends_at > ?')
  const insertGrant = database.prepare('insert or replace into user_grants values (?, ?, ?, ?, ?, ?)')
  // grants whose session has ended, and which have no artifact left
  const deleteEnded = database.prepare(`
    delete from user_grants where user_key = :user and session_ends_at <= :now and not exists (
      select 1 from artifacts where artifacts.grant_key = user_grants.grant_key and artifacts.ends_at > :now)`)
  const findGrant = database.prepare('select sealed from user_grants where user_key = ? and key = ? and ends_at > ?')
  const listGrants = database.prepare('select key, sealed from user_grants where user_key = ? and ends_at > ?')

  function appsOf(sessionId: string): ReadonlyMap<string, SessionApp> {
    const apps = find.all(sessionId, time()).map((row) => {
      const sealed = sealedOf(row)
      return sealed && openSessionApp(open, sessionId, String(row['app_key']), sealed)
    })
    return new Map(apps.filter((app) => app !== null))
  }

  /** Within a transaction. */
  function putApp({ id, tenant, userId, connection, expiresAt }: Session, appId: string, app: SessionApp): void {
    const { grantId } = app
    const [user, end, now] = [blindKey(tenant, userId), expiresAt.getTime(), time()]
    const field = grantField(appId, grantId)
    deleteEnded.run({ user, now })
    const before = openGrant(keyRing, user, field, sealedOf(findGrant.get(user, field, now)))
    const grant = { appId, grantId, sessionEndsAt: Math.ceil(end / 1000), connections: [connection] }
    const sealed = sealGrant(keyRing, user, mergeConnections(before, grant))
    insertGrant.run(user, field, blindKey(grantId), sealed, end, now + grantsSeconds * 1000)
    insert.run({ id, app: appField(appId), sealed: sealSessionApp(keyRing, id, appId, app), end, now })
  }

  /** Within a transaction. */
  function setSuccessor(from: Session, to: Session): void {
    const [end, now] = [to.expiresAt.getTime(), time()]
    moveSuccessors.run({ from: from.id, to: to.id, end, now })
    insertSuccessor.run(from.id, to.id, now, end)
  }

  async function grantsOfUser(tenant: string, userId: string): Promise<readonly StoredGrant[]> {
    const user = blindKey(tenant, userId)
    const rows = await exclusive(() => {
      deleteEnded.run({ user, now: time() })
      return listGrants.all(user, time())
    })
    return rows
      .map((row) => openGrant(keyRing, user, String(row['key']), sealedOf(row)))
      .filter((grant) => grant !== null)
  }

  return {
    of: (sessionId) => read(() => appsOf(sessionId)),
    put: async (session, appId, app) => {
      await transaction(() => putApp(session, appId, app))
    },
    carryOver: async (from, to) => {
      if (from.tenant !== to.tenant || from.userId !== to.userId) return
      if ((await read(() => appsOf(from.id))).size === 0) return
      await transaction(() => {
        if (findSession.get(to.id, time()) === undefined) return
        for (const [appId, app] of appsOf(from.id)) putApp(to, appId, app)
        setSuccessor(from, to)
      })
    },
    successorOf: async (sessionId) => {
      const row = await read(() => findSuccessor.get(sessionId, time()))
      return typeof row?.['successor'] === 'string' ? row['successor'] : null
    },
    forget: async (sessionId) => {
      await exclusive(() => forget.run(sessionId))
    },
    ...grantQueries(grantsOfUser),
  }
}
