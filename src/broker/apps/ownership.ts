/** Which users may register apps, and whose an app is. Others' apps are unknown (SE-09). */
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import type { Profile } from '../../profile/profile.ts'
import type { Tenant } from '../../tenant.ts'
import { type AuditPorts, recordAudit } from '../audit.ts'
import type { AuditAction } from '../audit-actions.ts'
import type { Ports } from '../ports/core-ports.ts'
import { permissionView, profileIn } from '../session/permissions.ts'
import type { Session } from '../session/session.ts'

type DeveloperPorts = Ports<'connections' | 'now' | 'users'>

export type OwnershipPorts = AuditPorts & Ports<'appRegistry' | 'apps' | 'connections' | 'users'>

const maxAttempts = 5

/** Throws `permission_refused`. */
export async function requireDeveloper(ports: DeveloperPorts, session: Session): Promise<void> {
  if (!(await isDeveloper(ports, session)))
    throw new GatehouseError('permission_refused', `tenant ${session.tenant} does not let this user register apps`)
}

export async function isDeveloper(ports: DeveloperPorts, session: Session): Promise<boolean> {
  const { developers = 'none' } = ports.connections.tenant(session.tenant)
  if (typeof developers === 'string') return developers === 'everyone'
  const user = await ports.users.find(session.tenant, session.userId)
  if (user === null || user.status !== 'active') return false
  const view = permissionView(ports.connections.tenant(session.tenant), session.connection, ports.now())
  return isListed(developers, profileIn(user, view))
}

function isListed(developers: Exclude<Tenant['developers'], string | undefined>, profile: Profile): boolean {
  const { email, groups = [] } = profile
  const address = email?.verified === true ? email.address : undefined
  return developers.some((entry) => (entry.includes('@') ? entry === address : groups.includes(entry)))
}

/** The developer of an app, for the consent page; undefined for an app of the operator. */
export async function registrantOf({ users, connections }: Ports<'users' | 'connections'>, { owner }: App) {
  if (owner === undefined) return undefined
  const tenant = connections.tenants().find(({ id }) => id === owner.tenant)
  const user = await users.find(owner.tenant, owner.userId)
  // the name is the developer's own claim, a proven email is not
  const address = user?.emailProven === true ? user.profile.email?.address : undefined
  const name = user?.profile.name
  const developer = name === undefined || address === undefined ? (name ?? address) : `${name} (${address})`
  return { developer: developer ?? 'a developer', tenant: tenant?.name ?? owner.tenant }
}

/** Reads the store. Throws `app_unknown`. */
export async function ownApp(ports: OwnershipPorts, session: Session, id: string): Promise<App> {
  await requireDeveloper(ports, session)
  const app = await ports.apps.find(id)
  const isOwn = app?.owner?.tenant === session.tenant && app.owner.userId === session.userId
  if (app === null || !isOwn) throw new GatehouseError('app_unknown', 'no such app of this user')
  return app
}

export async function ownApps(ports: OwnershipPorts, session: Session): Promise<readonly App[]> {
  await requireDeveloper(ports, session)
  return ports.apps.ownedBy(session.tenant, session.userId)
}

/** The list without the item of this id. Throws `app_unknown`. */
export function withoutId<Item extends { readonly id: string }>(items: readonly Item[], id: string): readonly Item[] {
  if (!items.some((item) => item.id === id)) throw new GatehouseError('app_unknown', `the app has no ${id}`)
  return items.filter((item) => item.id !== id)
}

export interface AppEvent {
  readonly action: AuditAction & `app.${string}`
  readonly details?: Readonly<Record<string, string>>
}

export interface AppChange extends AppEvent {
  /** May throw; runs again after a concurrent change. */
  readonly apply: (app: App) => App | Promise<App>
}

export async function changeOwnApp(ports: OwnershipPorts, session: Session, id: string, change: AppChange) {
  const { apply, ...event } = change
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const changed = await apply(await ownApp(ports, session, id))
    if (!(await ports.apps.update(changed))) continue
    ports.appRegistry.forget(id)
    await auditApp(ports, session, id, event)
    return { ...changed, revision: changed.revision + 1 }
  }
  throw new GatehouseError('server_busy', 'concurrent changes of the app; try again', { retryAfterSeconds: 1 })
}

export function auditApp(ports: AuditPorts, session: Session, id: string, event: AppEvent): Promise<void> {
  const { tenant, userId: actor, id: by } = session
  const { action, details } = event
  return recordAudit(ports, { tenant, action, actor, target: id, details: { ...details, by } })
}
