/** Administrators disable and enable apps of their tenant's developers. */
import { setAppDisabled } from '../apps/disable-app.ts'
import type { StoredAppPorts } from '../apps/stored-app-change.ts'
import { type Administrator, type TargetPorts, targetApp } from './target.ts'

export type AppStatePorts = TargetPorts & StoredAppPorts

/** True if that changed. Throws `not_found`, and `app_unknown` for an app of gatehouse.yaml. */
export async function setAppDisabledBy(
  ports: AppStatePorts,
  by: Administrator,
  id: string,
  isDisabled: boolean,
): Promise<boolean> {
  const app = await targetApp(ports, by, id)
  return setAppDisabled(ports, app.id, by.session.userId, isDisabled)
}
