/** Client secrets of an app: create, show to the owner, rotate with an overlap, revoke. */
import { type App, canKeepSecret } from '../../app/app.ts'
import { AppRefused } from '../../app/draft.ts'
import { isFresh } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import {
  isLiveSecret,
  type NewSecret,
  newSecret,
  type Rotation,
  revealedIds,
  rotated,
  type SecretForm,
  shownSecret,
} from '../secrets/client-secret.ts'
import type { Session } from '../session/session.ts'
import { auditApp, changeOwnApp, withoutId } from './change-app.ts'
import { type AppActor, type OwnershipPorts, ownApp, requireStepUpOfActor } from './ownership.ts'
import { changeStoredApp, type StoredAppPorts } from './stored-app-change.ts'

type ClientSecretPorts = OwnershipPorts & Ports<'keyRing' | 'random'>

const formOf = (appId: string): SecretForm => ({
  prefix: 'gth_c_',
  context: (id) => `client secret ${appId} ${id}`,
})

/**
 * Adds a secret and returns its text; the previous one works for `overlapSeconds` more. Throws
 * `fresh_sign_in_required`.
 */
export async function rotateSecret(
  ports: ClientSecretPorts,
  actor: AppActor,
  appId: string,
  rotation: Rotation = {},
): Promise<NewSecret> {
  const created = newSecret(ports, formOf(appId))
  const apply = async (app: App): Promise<App> => {
    if (app.secrets.length > 0) await requireStepUpOfActor(ports, actor)
    return withSecret(app, created, rotation)
  }
  const details = { secret: created.secret.id }
  await changeOwnApp(ports, actor, appId, { action: 'app.secret_created', details, apply })
  return created
}

function withSecret(app: App, { secret }: NewSecret, rotation: Rotation): App {
  const fault = (message: string) => new AppRefused([{ field: 'secret', message }])
  if (!canKeepSecret(app)) throw fault(`is not for a ${app.kind} app, which cannot keep one: use PKCE alone`)
  const next = rotated(app.secrets, secret, rotation)
  if (!next.ok) throw fault(next.wrong)
  return { ...app, secrets: next.secrets }
}

/** Takes effect at once. Throws `app_unknown`, `fresh_sign_in_required`. */
export async function revokeSecret(ports: ClientSecretPorts, actor: AppActor, appId: string, id: string) {
  await requireStepUpOfActor(ports, actor)
  const apply = (app: App): App => ({ ...app, secrets: withoutId(app.secrets, id) })
  await changeOwnApp(ports, actor, appId, { action: 'app.secret_revoked', details: { secret: id }, apply })
}

/** True if this call ended a developer's app's secret. @param actor for the audit log */
export function endAppSecret(ports: StoredAppPorts, appId: string, id: string, actor: string): Promise<boolean> {
  return changeStoredApp(ports, appId, actor, (app) => {
    const secrets = app.secrets.filter((secret) => secret.id !== id)
    if (secrets.length === app.secrets.length) return null
    return { after: { ...app, secrets }, action: 'app.secret_revoked', details: { secret: id } }
  })
}

/**
 * The live secrets for their owner: one just created in any session, others after a recent sign-in.
 */
export async function revealSecrets(ports: ClientSecretPorts, session: Session, appId: string) {
  const app = await ownApp(ports, session, appId)
  const viewer = { session, isFresh: await isFresh(ports, session) }
  const live = app.secrets.filter((secret) => isLiveSecret(secret, ports.now()))
  const shown = live.map((secret) => shownSecret(ports, formOf(appId), secret, viewer))
  const secrets = revealedIds(shown)
  if (secrets !== '') await auditApp(ports, session, app, { action: 'app.secrets_revealed', details: { secrets } })
  return shown
}
