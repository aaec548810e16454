/** An operator disables and enables a developer's app. */
import { GatehouseError } from '../../errors.ts'
import { recordAudit } from '../audit.ts'
import type { Ports } from '../ports/core-ports.ts'

type DisableAppPorts = Ports<'apps' | 'appRegistry' | 'audit' | 'now'>

const maxAttempts = 5

/** Rejects an app's sign-ins, tokens and secrets until it is enabled. True if that changed. */
export async function setAppDisabled(ports: DisableAppPorts, id: string, actor: string, isDisabled: boolean) {
  const disabledAt = isDisabled ? ports.now() : undefined
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
