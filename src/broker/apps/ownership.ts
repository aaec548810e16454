/** Who may register apps, and whose an app is. Another's app is as unknown as one that never was (SE-09). */
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import type { Profile } from '../../profile/profile.ts'
import type { Tenant } from '../../tenant.ts'
import type { Parts } from '../parts.ts'
import { profileIn, viewOf } from '../session/permissions.ts'
import type { Session } from '../session/session.ts'

/** The part of the core that the portal needs. */
export type AppParts = Pick<
  Parts,
  | 'apps'
  | 'appLogos'
  | 'appRegistry'
  | 'apis'
  | 'audit'
  | 'connections'
  | 'consents'
  | 'keyRing'
  | 'now'
  | 'publicUrl'
  | 'random'
  | 'signingAlgorithms'
  | 'users'
>

const maxAttempts = 5

/** Throws `developer_refused`. */
export async function requireDeveloper(parts: AppParts, session: Session): Promise<void> {
  if (!(await isDeveloper(parts, session)))
    throw new GatehouseError('developer_refused', `tenant ${session.tenant} does not let this user register apps`)
}

export async function isDeveloper(parts: AppParts, session: Session): Promise<boolean> {
  const { developers = 'nobody' } = parts.connections.tenant(session.tenant)
  if (typeof developers === 'string') return developers === 'everyone'
  const user = await parts.users.find(session.tenant, session.userId)
  if (user === null || user.status !== 'active') return false
  const view = viewOf(parts.connections.tenant(session.tenant), session.connection, parts.now())
  return isListed(developers, profileIn(user, view))
}

/** By an email that is proven, or by a group. */
function isListed(developers: Exclude<Tenant['developers'], string | undefined>, profile: Profile): boolean {
  const { email, groups = [] } = profile
  const address = email?.verified === true ? email.address : undefined
  return developers.some((entry) => (entry.includes('@') ? entry === address : groups.includes(entry)))
}

/** Who registered an app, for a user who is asked for consent; undefined for an app of the operator. */
export async function registrantOf(
  { users, connections }: Pick<Parts, 'users' | 'connections'>,
  { owner }: Pick<App, 'owner'>,
): Promise<{ readonly developer: string; readonly tenant: string } | undefined> {
  if (owner === undefined) return undefined
  const tenant = connections.tenants().find(({ id }) => id === owner.tenant)
  const user = await users.find(owner.tenant, owner.userId)
  // a name is what the developer says it is; a proven address is not
  const address = user?.emailProven === true ? user.profile.email?.address : undefined
  const name = user?.profile.name
  const developer = name === undefined || address === undefined ? (name ?? address) : `${name} (${address})`
  return { developer: developer ?? 'a developer', tenant: tenant?.name ?? owner.tenant }
}

/** As stored now. Throws `app_unknown`. */
export async function ownApp(parts: AppParts, session: Session, id: string): Promise<App> {
  await requireDeveloper(parts, session)
  const app = await parts.apps.find(id)
  const isOwn = app?.owner?.tenant === session.tenant && app.owner.userId === session.userId
  if (app === null || !isOwn) throw new GatehouseError('app_unknown', 'no such app of this user')
  return app
}

export async function ownApps(parts: AppParts, session: Session): Promise<readonly App[]> {
  await requireDeveloper(parts, session)
  return parts.apps.ownedBy(session.tenant, session.userId)
}

export interface AppEvent {
  readonly action: `app.${string}`
  readonly details?: Readonly<Record<string, string>>
}

/**
 * Stores what `change` makes of the app, trying again on what is stored by then when somebody else was faster. `change` may throw.
 */
export async function changeOwnApp(
  parts: AppParts,
  session: Session,
  id: string,
  change: (app: App) => App | Promise<App>,
  event: AppEvent,
): Promise<App> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const changed = await change(await ownApp(parts, session, id))
    if (!(await parts.apps.update(changed))) continue
    parts.appRegistry.forget(id)
    await auditApp(parts, session, id, event)
    return { ...changed, revision: changed.revision + 1 }
  }
  throw new GatehouseError('busy', 'the app keeps being changed at the same moment', { retryAfterSeconds: 1 })
}

export function auditApp(parts: AppParts, session: Session, id: string, event: AppEvent): Promise<void> {
  const { action, details = {} } = event
  return parts.audit.add({
    at: parts.now(),
    tenant: session.tenant,
    action,
    actor: session.userId,
    target: id,
    details: { ...details, by: session.id },
  })
}
