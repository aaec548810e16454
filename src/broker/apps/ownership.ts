/** The owners of apps. Others' apps are unknown (SE-09). */
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import type { AuditPorts } from '../audit/record.ts'
import { requireStepUpOfSession, type StepUpPorts } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'

export type OwnershipPorts = AuditPorts &
  Ports<'appRegistry' | 'apps' | 'connections' | 'mailer' | 'now' | 'publicUrl' | 'users'>

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

/** The app itself, authenticated by one of its own secrets or keys. */
export interface CallingApp {
  readonly app: App
  /** Id of the secret or key. */
  readonly credential: string
}

/** The developer of an app, or the app itself. */
export type AppActor = Session | CallingApp

/** Reads the store. Throws `app_unknown`, and for the app itself `app_declared`. */
export function ownApp(ports: OwnershipPorts, actor: AppActor, id: string): Promise<App> {
  return 'app' in actor ? storedApp(ports, actor, id) : appOfDeveloper(ports, actor, id)
}

async function appOfDeveloper(ports: OwnershipPorts, session: Session, id: string): Promise<App> {
  const app = await ports.apps.find(id)
  const isOwn = app?.owner?.tenant === session.tenant && app.owner.userId === session.userId
  if (app === null || !isOwn) throw new GatehouseError('app_unknown', 'no such app of this user')
  return app
}

/** The app as stored now, so that a credential revoked since its check changes nothing. */
async function storedApp(ports: OwnershipPorts, { app, credential }: CallingApp, id: string): Promise<App> {
  if (app.id !== id) throw new GatehouseError('app_unknown', 'not the app that calls')
  if (ports.appRegistry.declared.has(id)) throw new GatehouseError('app_declared', 'gatehouse.yaml declares this app')
  const stored = await ports.apps.find(id)
  const credentials = stored === null ? [] : [...stored.secrets, ...stored.keys]
  if (stored === null || stored.disabledAt !== undefined || !credentials.some((each) => each.id === credential))
    throw new GatehouseError('app_authentication_failed', 'the app or its credential was removed meanwhile')
  return stored
}

/**
 * Before secrets, keys and redirect URIs change, and before an app is deleted (ASVS 7.5.3). An app
 * that calls proves its credential with each call. Throws `fresh_sign_in_required`.
 */
export async function requireStepUpOfActor(ports: StepUpPorts, actor: AppActor): Promise<void> {
  if (!('app' in actor)) await requireStepUpOfSession(ports, actor)
}

export async function ownApps(ports: OwnershipPorts, session: Session): Promise<readonly App[]> {
  return ports.apps.ownedBy(session.tenant, session.userId)
}
