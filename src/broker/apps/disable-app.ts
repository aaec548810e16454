/** An operator disables and enables a developer's app. */
import { GatehouseError } from '../../errors.ts'
import { recordAudit } from '../audit.ts'
import type { Ports } from '../ports/core-ports.ts'

type DisableAppPorts = Ports<'apps' | 'appRegistry' | 'audit' | 'now'>

const maxAttempts = 5

/** Disables an app: its sign-ins, tokens and secrets are rejected. True if it was enabled. */
export function disableApp(ports: DisableAppPorts, id: string, actor: string): Promise<boolean> {
  return setDisabledAt(ports, id, actor, ports.now())
}

/** True if it was disabled. Its unexpired tokens work again. */
export function enableApp(ports: DisableAppPorts, id: string, actor: string): Promise<boolean> {
  return setDisabledAt(ports, id, actor, undefined)
}

async function setDisabledAt(ports: DisableAppPorts, id: string, actor: string, disabledAt: Date | undefined) {
  const action = disabledAt === undefined ? 'app.enabled' : 'app.disabled'
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const app = await ports.apps.find(id)
    if (app?.owner === undefined) throw new GatehouseError('app_unknown', `no developer registered an app ${id}`)
    if ((app.disabledAt === undefined) === (disabledAt === undefined)) return false
    if (!(await ports.apps.update({ ...app, disabledAt }))) continue
    ports.appRegistry.forget(id)
    const { tenant } = app.owner
    await recordAudit(ports, { tenant, action, actor, target: id, details: { name: app.name } })
    return true
  }
  throw new GatehouseError('server_busy', 'concurrent changes of the app; try again', { retryAfterSeconds: 1 })
}
