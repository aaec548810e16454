/** An operator disables and enables a developer's app. */
import { changeStoredApp, type StoredAppPorts } from './stored-app-change.ts'

/** Rejects an app's sign-ins, tokens and secrets until it is enabled. True if that changed. */
export async function setAppDisabled(ports: StoredAppPorts, id: string, actor: string, isDisabled: boolean) {
  const disabledAt = isDisabled ? ports.now() : undefined
  const action = isDisabled ? 'app.disabled' : 'app.enabled'
  return changeStoredApp(ports, id, actor, (app) =>
    (app.disabledAt !== undefined) === isDisabled
      ? null
      : { after: { ...app, disabledAt }, action, details: { name: app.name } },
  )
}
