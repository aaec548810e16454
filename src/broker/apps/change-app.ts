/**
 * The one place that changes a registered app: by its revision, audited, and emailed to its owner.
 */
import type { App } from '../../app/app.ts'
import { GatehouseError } from '../../errors.ts'
import type { AuditAction } from '../audit/actions.ts'
import { changedFields, type ShownFields } from '../audit/changed-fields.ts'
import { type AuditPorts, deploymentTenant, recordAudit } from '../audit/record.ts'
import { mailOwnerOf } from '../identity/notify-owner.ts'
import type { AuditValues } from '../ports/audit.ts'
import type { AppChangeAction } from '../ports/core-ports.ts'
import { retryUpdate } from '../secrets/retry-update.ts'
import { type AppActor, type OwnershipPorts, ownApp } from './ownership.ts'

type Details = Readonly<Record<string, string>>

export interface AppChange {
  readonly action: AppChangeAction
  readonly details?: Details
  /** May throw; runs again after a concurrent change. */
  readonly apply: (app: App) => App | Promise<App>
}

export async function changeOwnApp(ports: OwnershipPorts, actor: AppActor, id: string, change: AppChange) {
  const { action, apply } = change
  return retryUpdate('the app', async () => {
    const before = await ownApp(ports, actor, id)
    const after = await apply(before)
    if (!(await ports.apps.update(after))) return null
    ports.appRegistry.forget(id)
    const { names, ...values } = changedSettings(before, after)
    const mail = 'app' in actor ? await mailOwner(ports, after, action, names) : undefined
    const details = { ...change.details, ...(mail !== undefined && { mail }) }
    await auditApp(ports, actor, after, { action, details, ...values })
    return { result: { ...after, revision: after.revision + 1 } }
  })
}

/** Secrets and keys have events of their own. A logo is an image of up to 64 kB. */
const shownFields: ShownFields<App> = {
  id: 'never',
  name: 'value',
  kind: 'value',
  logoUri: 'presence',
  redirectUris: 'value',
  postLogoutRedirectUris: 'value',
  backchannelLogoutUri: 'value',
  tenants: 'value',
  scopes: 'value',
  firstParty: 'value',
  owner: 'value',
  secrets: 'never',
  keys: 'never',
  createdAt: 'never',
  disabledAt: 'value',
  revision: 'never',
  profile: 'value',
  mfa: 'value',
  pkce: 'value',
  grants: 'value',
  responseModes: 'value',
  idTokenSignedResponseAlg: 'value',
  requirePushedAuthorizationRequests: 'value',
  requireSignedRequestObject: 'value',
  dpopBoundAccessTokens: 'value',
  tokenEndpointAuthMethod: 'value',
  clientAssertionAudience: 'value',
  refreshTokenRotation: 'value',
  scopeClaimsInIdToken: 'value',
  tenantInIdToken: 'value',
  restrictRedirectUrisToOwner: 'value',
  corsOrigins: 'value',
  allow: 'value',
  allowPerTenant: 'value',
}

/** @param before undefined for a new app. @param after undefined for a deleted one */
export const changedSettings = (before: App | undefined, after: App | undefined) =>
  changedFields(shownFields, before, after)

/** Never throws: the change is done. Returns what became of the email. */
async function mailOwner(ports: OwnershipPorts, app: App, action: AppChangeAction, settings: readonly string[]) {
  const { owner, id, name: appName } = app
  if (owner === undefined) return 'none: the app has no owner'
  const link = new URL(`/developer/apps/${encodeURIComponent(id)}`, ports.publicUrl).href
  return mailOwnerOf(ports, owner, (mail) => ports.mailer.appChanged({ ...mail, appName, action, settings, link }))
}

export interface AppEvent {
  readonly action: AuditAction & `app.${string}`
  readonly details?: Details
  readonly before?: AuditValues
  readonly after?: AuditValues
}

/**
 * The actor of an app's own call is `app:<id>`; `by` is the session, secret or key that it used.
 */
export function auditApp(ports: AuditPorts, actor: AppActor, app: App, event: AppEvent): Promise<void> {
  const by = 'app' in actor ? actor.credential : actor.id
  const details = { ...event.details, by }
  return recordAudit(ports, { ...event, ...partyOf(actor, app), target: app.id, details })
}

function partyOf(actor: AppActor, { id, owner }: App) {
  return 'app' in actor
    ? { actor: `app:${id}`, tenant: owner?.tenant ?? deploymentTenant }
    : { actor: actor.userId, tenant: actor.tenant }
}

/** The list without the item of this id. Throws `app_unknown`. */
export function withoutId<Item extends { readonly id: string }>(items: readonly Item[], id: string): readonly Item[] {
  if (!items.some((item) => item.id === id)) throw new GatehouseError('app_unknown', `the app has no ${id}`)
  return items.filter((item) => item.id !== id)
}
