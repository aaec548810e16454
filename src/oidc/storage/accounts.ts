/** Who an app is told about. While the session lives its profile counts, and nothing durable is read; offline access reads the user. */
import type { Account, FindAccount, KoaContextWithOIDC } from 'oidc-provider'
import { mayServe } from '../../app/app.ts'
import type { ResolvedSettings } from '../../app/settings.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../../broker/session/check-session.ts'
import { profileIn, viewOf, withCurrentPermissions } from '../../broker/session/permissions.ts'
import { isLive, type Session } from '../../broker/session/session.ts'
import { profileView } from '../../http/views.ts'
import type { Profile } from '../../profile/profile.ts'
import { appOf, settingsFor } from './clients.ts'
import { readsOfRequest } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

export function findAccount(parts: CorePorts, { tenants }: Pick<SessionCheckParts, 'tenants'>): FindAccount {
  return async (ctx, userId, token) => {
    const session = await sessionOf(parts, token !== undefined && 'sessionUid' in token ? token.sessionUid : undefined)
    const belongsToUser = session?.userId === userId
    if (token === undefined) return belongsToUser ? accountOf(session, ctx) : undefined // whom the app may serve: see policy/prompts.ts
    const user = belongsToUser ? session : await activeUser(parts, tenants, userId)
    return user !== undefined && isServed(tenants, ctx, user.tenant) ? accountOf(user, ctx) : undefined
  }
}

/** Without a session no connection vouches for groups and roles: those count that any supplied lately, where the tenant allows it. */
async function activeUser(
  parts: CorePorts,
  tenants: SessionCheckParts['tenants'],
  userId: string,
): Promise<Person | undefined> {
  const user = await asOAuthError(parts.users.findById(userId))
  if (user === null || user.status !== 'active') return undefined
  const profile = profileIn(user, viewOf(tenants.get(user.tenant), undefined, parts.now()))
  return { userId: user.id, tenant: user.tenant, profile }
}

/** As things are now: an app may lose a tenant, and a tenant may go, while tokens live. */
function isServed(tenants: SessionCheckParts['tenants'], { oidc }: KoaContextWithOIDC, tenant: string): boolean {
  return tenants.has(tenant) && mayServe(appOf(oidc.client), tenant)
}

/** The one this request has read already, or else that of the token. */
async function sessionOf(parts: CorePorts, id: string | undefined): Promise<Session | undefined> {
  const notFoundAsUndefined = readsOfRequest().session
  if (notFoundAsUndefined !== undefined || id === undefined) return notFoundAsUndefined
  const session = await asOAuthError(parts.sessions.find(id))
  return session !== null && isLive(session, parts.now()) ? withCurrentPermissions(session, parts.now()) : undefined
}

interface Person extends Pick<Partial<Session>, 'limitedByUpstream' | 'expiresAt'> {
  readonly userId: string
  readonly tenant: string
  readonly profile: Profile
}

/** What goes to an app is picked from this by the scopes that were consented to. */
function accountOf(person: Person, { oidc }: KoaContextWithOIDC): Account {
  const { userId, tenant, profile } = person
  return {
    accountId: userId,
    tenant,
    claims: (use, _scope, asked) => {
      const all = { ...profileView(profile), sub: userId, tenant }
      if (use !== 'id_token') return all
      return { ...forIdToken(all, settingsFor(oidc.client), asked), ...sessionExpiryOf(person), sub: userId }
    },
  }
}

/** Claims that the app asks for by name (`claims` parameter, OIDC Core 5.5) are in the ID token under every setting. */
function forIdToken<T extends object>(all: T, settings: ResolvedSettings, asked: object): Partial<T> {
  const { scopeClaimsInIdToken, tenantInIdToken } = settings
  const isReleased = (name: string) =>
    Object.hasOwn(asked, name) || (name === 'tenant' ? tenantInIdToken : scopeClaimsInIdToken)
  const released = Object.entries(all).filter(([name]) => isReleased(name))
  return Object.fromEntries(released) as Partial<T>
}

/** OpenID Connect Enterprise Extensions: when the app's session has to end, in seconds since 1970. */
function sessionExpiryOf({ limitedByUpstream, expiresAt }: Person): { readonly session_expiry?: number } {
  if (limitedByUpstream !== true || expiresAt === undefined) return {}
  return { session_expiry: Math.floor(expiresAt.getTime() / 1000) }
}
