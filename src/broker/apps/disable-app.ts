/** An operator switches a developer's app off, and on again. */
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import type { CorePorts } from '../ports/core-ports.ts'

type DisableAppParts = Pick<CorePorts, 'apps' | 'appRegistry' | 'audit' | 'now'>

const maxAttempts = 5

/** Disables an app: its sign-ins, tokens and secrets are rejected. True if it was enabled. */
export function disableApp(ports: DisableAppParts, id: string, actor: string): Promise<boolean> {
  return setDisabled(ports, id, actor, 'app.disabled', (app) =>
    app.disabledAt === undefined ? { ...app, disabledAt: ports.now() } : null,
  )
}

/** True when it was disabled. Tokens it had and that are not over say something again. */
export function enableApp(ports: DisableAppParts, id: string, actor: string): Promise<boolean> {
  return setDisabled(ports, id, actor, 'app.enabled', (app) =>
    app.disabledAt === undefined ? null : { ...app, disabledAt: undefined },
  )
}

async function setDisabled(
  ports: DisableAppParts,
  id: string,
  actor: string,
  action: string,
  change: (app: App) => App | null,
): Promise<boolean> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const app = await ports.apps.find(id)
    if (app?.owner === undefined) throw new GatehouseError('app_unknown', `no developer registered an app ${id}`)
    const changed = change(app)
    if (changed === null) return false
    if (!(await ports.apps.update(changed))) continue
    ports.appRegistry.forget(id)
    const { tenant } = app.owner
    await ports.audit.add({ at: ports.now(), tenant, action, actor, target: id, details: { name: app.name } })
    return true
  }
  throw new GatehouseError('server_busy', 'the app keeps being changed at the same moment', { retryAfterSeconds: 1 })
}
