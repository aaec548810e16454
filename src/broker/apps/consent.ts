/** Consent: a user's approval of an app's scopes, listed and revoked on `/account`. */
import { recordAudit } from '../audit/record.ts'
import type { AuditValues } from '../ports/audit.ts'
import type { Ports } from '../ports/core-ports.ts'
import { revokeGrants } from '../session/end-session.ts'
import type { UserKey } from '../session/session.ts'

export type ConsentPorts = Ports<
  'appRegistry' | 'artifacts' | 'audit' | 'consents' | 'logouts' | 'now' | 'sessionApps' | 'sessions'
>

/** Adds the scopes to earlier consents. */
export async function giveConsent(
  ports: Ports<'consents' | 'audit' | 'now'>,
  by: UserKey,
  appId: string,
  scopes: readonly string[],
): Promise<void> {
  const { tenant, userId } = by
  const before = await ports.consents.find(tenant, userId, appId)
  await ports.consents.give({ tenant, userId, appId, scopes, grantedAt: ports.now() })
  const details = { scopes: scopes.join(' ') }
  const after = { scopes: [...new Set([...(before?.scopes ?? []), ...scopes])] }
  const change = { details, ...(before !== null && { before: { scopes: before.scopes } }), after }
  await recordAudit(ports, { tenant, action: 'consent.given', actor: userId, target: appId, ...change })
}

/** Ends the app's grants and tokens of this user and notifies it. False if there were none. */
export async function revokeConsent(ports: ConsentPorts, by: UserKey, appId: string): Promise<boolean> {
  const { tenant, userId } = by
  const event = await endConsent(ports, by, appId)
  if (event !== undefined) await recordAudit(ports, { ...event, tenant, actor: userId, target: appId })
  return event !== undefined
}

export interface ConsentEnd {
  readonly action: 'consent.revoked' | 'grant.revoked'
  readonly before?: AuditValues
}

/** Returns what the caller records: the revoked consent, else ended grants, else nothing. */
export async function endConsent(ports: ConsentPorts, user: UserKey, appId: string): Promise<ConsentEnd | undefined> {
  const { tenant, userId } = user
  const consent = await ports.consents.find(tenant, userId, appId)
  // before the revocation: after a failure the consent is still listed and can be revoked again
  const ended = await endGrants(ports, user, appId)
  const isRevoked = await ports.consents.revoke(tenant, userId, appId)
  const late = await ports.sessionApps.grantsOf(tenant, userId, appId)
  await revokeGrants(ports, late)
  if (isRevoked) return { action: 'consent.revoked', before: { scopes: consent?.scopes ?? [] } }
  return ended > 0 ? { action: 'grant.revoked' } : undefined
}

/**
 * Ends the user's sessions and tokens at this app alone and notifies it. Returns how many grants
 * ended.
 */
export async function endGrants(ports: ConsentPorts, user: UserKey, appId: string): Promise<number> {
  const grants = await ports.sessionApps.grantsOf(user.tenant, user.userId, appId)
  // a grant that has ended is listed until the scheduled end of its session
  const found = await Promise.all(grants.map((grant) => ports.artifacts.find('Grant', grant)))
  await notifyApp(ports, user, appId)
  await revokeGrants(ports, grants)
  return found.filter((grant) => grant !== null).length
}

async function notifyApp(ports: ConsentPorts, { tenant, userId }: UserKey, appId: string): Promise<void> {
  const app = await ports.appRegistry.find(appId)
  if (app?.backchannelLogoutUri === undefined) return
  const sessions = await ports.sessions.list(tenant, userId)
  const uses = await Promise.all(sessions.map(async ({ id }) => (await ports.sessionApps.of(id)).get(appId)))
  const notifications = uses.flatMap((use) => (use === undefined ? [] : [{ appId, subject: userId, sid: use.sid }]))
  if (notifications.length > 0) await ports.logouts.add(notifications, ports.now())
}
