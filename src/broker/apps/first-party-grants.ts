/** Grants of first-party apps: made without consent, revoked like others (ASVS 10.4.9). */

import type { Ports } from '../ports/core-ports.ts'
import type { Consent } from '../ports/durable.ts'
import type { UserKey } from '../session/session.ts'

/** More than a user's sessions and apps come to; the rest is listed once these are revoked. */
const maxGrants = 500

/**
 * Access of first-party apps, one entry per app, latest first. Apps with a consent are not listed.
 */
export async function firstPartyGrants(
  { sessionApps, artifacts, appRegistry }: Ports<'sessionApps' | 'artifacts' | 'appRegistry'>,
  { tenant, userId }: UserKey,
): Promise<readonly Consent[]> {
  const ids = await sessionApps.grantsOf(tenant, userId)
  const found = await Promise.all(ids.slice(0, maxGrants).map((id) => artifacts.find('Grant', id)))
  const byApp = new Map<string, Consent>()
  for (const { content } of found.filter((grant) => grant !== null)) {
    const { clientId: appId, iat } = content
    if (typeof appId !== 'string') continue
    const at = new Date(typeof iat === 'number' ? iat * 1000 : 0)
    const before = byApp.get(appId)
    byApp.set(appId, {
      tenant,
      userId,
      appId,
      scopes: [...new Set([...(before?.scopes ?? []), ...scopesOf(content)])],
      firstGrantedAt: before === undefined || at < before.firstGrantedAt ? at : before.firstGrantedAt,
      grantedAt: before === undefined || at > before.grantedAt ? at : before.grantedAt,
    })
  }
  const apps = await Promise.all([...byApp.keys()].map((id) => appRegistry.find(id)))
  return apps
    .flatMap((app) => (app?.firstParty === true ? [byApp.get(app.id)] : []))
    .filter((grant) => grant !== undefined)
    .toSorted((one, other) => other.grantedAt.getTime() - one.grantedAt.getTime())
}

function scopesOf({ openid, resources }: Readonly<Record<string, unknown>>): readonly string[] {
  const own = isRecord(openid) ? [openid['scope']] : []
  const ofApis = isRecord(resources) ? Object.values(resources) : []
  return [...own, ...ofApis].flatMap((scope) => (typeof scope === 'string' ? scope.split(' ').filter(Boolean) : []))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
