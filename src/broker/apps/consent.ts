/** Consent: a user's yes to what an app will see and do. Asked for once, remembered, listed on `/account` and taken back there. */
import type { App } from '../app.ts'
import type { Parts } from '../parts.ts'
import type { Consent } from '../ports.ts'
import { revokeGrants } from '../session/revoke-grants.ts'
import { firstPartyGrants } from './first-party-grants.ts'

/**
 * Whether this person has agreed to what an app asks; else the scopes they are to be asked about. The organisation's own apps need
 * no yes, but for staying in when the person has signed out (`offline_access`).
 */
export function resolveConsent(
  app: Pick<App, 'firstParty'>,
  consent: Pick<Consent, 'scopes'> | null,
  asked: readonly string[],
): 'given' | readonly string[] {
  const needed = app.firstParty ? asked.filter((scope) => scope === 'offline_access') : asked
  const missing = needed.filter((scope) => consent?.scopes.includes(scope) !== true)
  return missing.length === 0 ? 'given' : missing
}

/** Who agrees: the session's user. */
export interface ConsentSubject {
  readonly tenant: string
  readonly userId: string
}

/** Adds to what was agreed to before. */
export async function giveConsent(
  parts: Pick<Parts, 'consents' | 'audit' | 'now'>,
  by: ConsentSubject,
  appId: string,
  scopes: readonly string[],
): Promise<void> {
  const { tenant, userId } = by
  await parts.consents.give({ tenant, userId, appId, scopes, givenAt: parts.now() })
  await audit(parts, by, 'consent.given', appId, { scopes: scopes.join(' ') })
}

/**
 * Takes it back: the app's grants and tokens of this person end at once, and the app is told. A first-party app has grants without a
 * consent. False when there was neither.
 */
export async function withdrawConsent(parts: Parts, by: ConsentSubject, appId: string): Promise<boolean> {
  const { tenant, userId } = by
  const held = await firstPartyGrants(parts, by)
  const isHeld = held.some((grant) => grant.appId === appId)
  const revoke = async () => revokeGrants(parts, await parts.sessionApps.grantsOf(tenant, userId, appId))
  await notifyApp(parts, by, appId)
  // before: while something is left of it, it is still on the person's page to be taken back again
  await revoke()
  const retireUnconfigured = await parts.consents.withdraw(tenant, userId, appId)
  // again, for a grant made of it meanwhile
  await revoke()
  if (retireUnconfigured) await audit(parts, by, 'consent.withdrawn', appId, {})
  else if (isHeld) await audit(parts, by, 'grant.revoked', appId, {})
  return retireUnconfigured || isHeld
}

async function notifyApp(parts: Parts, { tenant, userId }: ConsentSubject, appId: string): Promise<void> {
  const app = await parts.appRegistry.find(appId)
  if (app?.backchannelLogoutUri === undefined) return
  const sessions = await parts.sessions.list(tenant, userId)
  const known = await Promise.all(sessions.map(async ({ id }) => (await parts.sessionApps.of(id)).get(appId)))
  const notifications = known.flatMap((got) => (got === undefined ? [] : [{ appId, subject: userId, sid: got.sid }]))
  if (notifications.length > 0) await parts.logouts.add(notifications, parts.now())
}

async function audit(
  parts: Pick<Parts, 'audit' | 'now'>,
  by: ConsentSubject,
  action: string,
  target: string,
  details: Readonly<Record<string, string>>,
): Promise<void> {
  await parts.audit.add({ at: parts.now(), tenant: by.tenant, action, actor: by.userId, target, details })
}
