/** Changes a developer's app for the operator or the system, audited. */
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import type { AuditAction } from '../audit/actions.ts'
import { recordAudit } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import { retryUpdate } from '../secrets/retry-update.ts'
import { changedSettings } from './change-app.ts'

export type StoredAppPorts = Ports<'apps' | 'appRegistry' | 'audit' | 'now'>

export interface StoredAppChange {
  readonly after: App
  readonly action: AuditAction & `app.${string}`
  readonly details: Readonly<Record<string, string>>
}

/**
 * True if this call changed it. Throws `app_unknown`, also for apps of gatehouse.yaml.
 * @param change null: there is nothing to change; runs again after a concurrent change
 */
export async function changeStoredApp(
  ports: StoredAppPorts,
  id: string,
  actor: string,
  change: (app: App) => StoredAppChange | null,
): Promise<boolean> {
  return retryUpdate('the app', async () => {
    const app = await ports.apps.find(id)
    if (app?.owner === undefined) throw new GatehouseError('app_unknown', `no developer registered an app ${id}`)
    const changed = change(app)
    if (changed === null) return { result: false }
    if (!(await ports.apps.update(changed.after))) return null
    ports.appRegistry.forget(id)
    const { action, details } = changed
    const { names: _, ...values } = changedSettings(app, changed.after)
    await recordAudit(ports, { tenant: app.owner.tenant, action, actor, target: id, details, ...values })
    return { result: true }
  })
}
