/** Refuses users whom an app is not for, with an audit event. */
import { type AccessCandidate, accessText, type MissingAccess, missingAccess } from '../../app/access.ts'
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import { recordAuditLater } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'

export type AppAccessPorts = Ports<'audit' | 'counters' | 'now'>

/** Endpoint at which the user was refused. */
export type AccessPoint = 'sign-in' | 'token' | 'userinfo' | 'session exchange' | 'forward auth'

interface AppUser extends UserKey, AccessCandidate {}

/** An app that polls would fill the audit log: one event per user, app and place in this time. */
const auditEverySeconds = 600

/** Undefined: the user may use the app. A refusal is audited. */
export async function refusedAccess(
  ports: AppAccessPorts,
  app: App,
  user: AppUser,
  at: AccessPoint,
): Promise<MissingAccess | undefined> {
  const missing = missingAccess(app, user)
  if (missing !== undefined) await auditRefusal(ports, app, user, at)
  return missing
}

/** Throws `app_access_refused`. */
export async function assertAppAccess(ports: AppAccessPorts, app: App, user: AppUser, at: AccessPoint): Promise<void> {
  const missing = await refusedAccess(ports, app, user, at)
  if (missing !== undefined) throw appAccessError(app, missing)
}

export function appAccessError({ id, name }: Pick<App, 'id' | 'name'>, missing: MissingAccess): GatehouseError {
  const expected = accessText(missing)
  return new GatehouseError('app_access_refused', `app ${id} is for ${expected}`, {
    check: { name: `access to ${id}`, ok: false, expected, got: 'none of them' },
    text: `${name} is for ${expected}.`,
  })
}

async function auditRefusal(
  ports: AppAccessPorts,
  { id: app }: App,
  { tenant, userId: actor }: UserKey,
  at: AccessPoint,
): Promise<void> {
  const key = `app-access:${tenant}/${actor}/${app}/${at}`
  // an event too many is better than none
  const { count } = await ports.counters.hit(key, auditEverySeconds).catch(() => ({ count: 1 }))
  if (count === 1)
    recordAuditLater(ports, { tenant, action: 'app.access_refused', actor, target: app, details: { at } })
}
