/** `/verify?app=`: whether an app serves the user's tenant, and its access rules allow the user. */
import { type MissingAccess, missingAccess } from '../../app/access.ts'
import { type App, mayServe } from '../../app/app.ts'
import { type AppAccessPorts, appAccessError, refusedAccess } from '../../broker/access/app-access.ts'
import type { AppRegistry } from '../../broker/apps/registry.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'

export interface VerifyAccessPorts extends AppAccessPorts {
  readonly appRegistry: Pick<AppRegistry, 'find'>
}

export interface AppRefusal {
  readonly app: App
  readonly missing: MissingAccess
}

/** Throws `request_invalid`: an unknown or disabled app lets no user in. */
export async function requestedApp({ appRegistry }: VerifyAccessPorts, id: string | undefined) {
  if (id === undefined) return undefined
  const app = await appRegistry.find(id)
  if (app === null) throw new GatehouseError('request_invalid', 'the question to /verify has an unknown app')
  return app
}

export function servesTenantOf(app: App | undefined, { tenant }: Session): boolean {
  return app === undefined || mayServe(app, tenant)
}

/** Undefined: the user may use it. A refusal is audited behind the response. */
export function appRefusal(ports: VerifyAccessPorts, app: App | undefined, session: Session): AppRefusal | undefined {
  const missing = app === undefined ? undefined : missingAccess(app, session)
  if (app === undefined || missing === undefined) return undefined
  void refusedAccess(ports, app, session, 'forward auth')
  return { app, missing }
}

export const appRefusalError = ({ app, missing }: AppRefusal) => appAccessError(app, missing)

/** The page that says whom the app is for. */
export function accessPageAddress(publicUrl: URL, { id }: App, requestedUrl: URL | null): string {
  return new URL(withQuery(`/access/${encodeURIComponent(id)}`, { return_to: requestedUrl?.href }), publicUrl).href
}
