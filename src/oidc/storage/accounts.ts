/** Accounts for oidc-provider: the live session's profile, or for tokens without one the user's. */
import { type Account, errors, type FindAccount, type KoaContextWithOIDC } from 'oidc-provider'
import { mayServe } from '../../app/app.ts'
import type { ResolvedSettings } from '../../app/settings.ts'
import { type AppAccessPorts, refusedAccess } from '../../broker/access/app-access.ts'
import type { Ports } from '../../broker/ports/core-ports.ts'
import type { SessionCheckPorts } from '../../broker/session/check-session.ts'
import { endGrant } from '../../broker/session/end-grant.ts'
import type { EndSessionPorts } from '../../broker/session/end-session.ts'
import { permissionView, profileIn, withCurrentPermissions } from '../../broker/session/permissions.ts'
import { isLive, type Session } from '../../broker/session/session.ts'
import { profileView } from '../../http/views.ts'
import { assertFactorAtRefresh } from '../policy/assurance.ts'
import { appOf, settingsFor } from './clients.ts'
import { requestCache } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

export type AccountPorts = AppAccessPorts &
  EndSessionPorts &
  Ports<'recordActivity'> &
  Pick<SessionCheckPorts, 'now' | 'sessions' | 'tenants'>

type Person = Pick<Session, 'userId' | 'tenant' | 'profile'> & Pick<Partial<Session>, 'limitedByUpstream' | 'expiresAt'>

export function findAccount(ports: AccountPorts): FindAccount {
  return async (ctx, userId, token) => {
    const session = await sessionOf(ports, token !== undefined && 'sessionUid' in token ? token.sessionUid : undefined)
    const ofUser = session?.userId === userId ? session : undefined
    // policy/prompts.ts checks whether the app serves the user's tenant
    if (token === undefined) return ofUser && accountOf(ofUser, ctx)
    const user = ofUser ?? (await activeUser(ports, userId))
    // an app may lose a tenant, or a tenant be removed, while tokens live
    const isServed =
      user !== undefined && ports.tenants.has(user.tenant) && mayServe(appOf(ctx.oidc.client), user.tenant)
    if (!isServed || (await isAccessLost(ports, ctx, user, token.grantId))) return undefined
    // an app that refreshes is use too: re-checks go on without a session
    ports.recordActivity(user, ports.now())
    assertFactorAtRefresh(ctx, { session: ofUser, tenant: user.tenant }, ports.tenants)
    return accountOf(user, ctx)
  }
}

/** At the token endpoint, losing access to the app ends the grant: throws `invalid_grant`. */
async function isAccessLost(
  ports: AccountPorts,
  { oidc }: KoaContextWithOIDC,
  person: Person,
  grantId: string | undefined,
): Promise<boolean> {
  const isTokenRequest = oidc.params?.['grant_type'] !== undefined
  const at = isTokenRequest ? 'token' : 'userinfo'
  if ((await refusedAccess(ports, appOf(oidc.client), person, at)) === undefined) return false
  if (!isTokenRequest) return true
  const reason = 'the access rules of the app no longer allow the user'
  if (grantId !== undefined) await asOAuthError(endGrant(ports, { grantId, actor: 'system', reason }))
  throw new errors.InvalidGrant(`user: ${reason}`)
}

/** The active user without a session: groups and roles count for `groupsFromOthersSeconds`. */
async function activeUser({ users, tenants, now }: AccountPorts, userId: string): Promise<Person | undefined> {
  const user = await asOAuthError(users.findById(userId))
  if (user === null || user.status !== 'active') return undefined
  const profile = profileIn(user, permissionView(tenants.get(user.tenant), undefined, now()))
  return { userId: user.id, tenant: user.tenant, profile }
}

async function sessionOf({ sessions, now }: AccountPorts, id: string | undefined): Promise<Session | undefined> {
  const cached = requestCache().session
  if (cached !== undefined || id === undefined) return cached
  const session = await asOAuthError(sessions.find(id))
  return session !== null && isLive(session, now()) ? withCurrentPermissions(session, now()) : undefined
}

/** oidc-provider selects the claims of the granted scopes. */
function accountOf(person: Person, { oidc }: KoaContextWithOIDC): Account {
  const { userId, tenant, profile } = person
  return {
    accountId: userId,
    tenant,
    claims: (use, _scope, requested) => {
      const all = { ...profileView(profile), sub: userId, tenant }
      if (use !== 'id_token') return all
      return { ...forIdToken(all, settingsFor(oidc.client), requested), ...sessionExpiryOf(person), sub: userId }
    },
  }
}

/** Claims requested by name (OIDC Core 5.5) are released under every setting. */
function forIdToken<T extends object>(all: T, settings: ResolvedSettings, requested: object): Partial<T> {
  const { scopeClaimsInIdToken, tenantInIdToken } = settings
  const isReleased = (name: string) =>
    Object.hasOwn(requested, name) || (name === 'tenant' ? tenantInIdToken : scopeClaimsInIdToken)
  return Object.fromEntries(Object.entries(all).filter(([name]) => isReleased(name))) as Partial<T>
}

/** OpenID Connect Enterprise Extensions: when the app's session must end, in seconds since 1970. */
function sessionExpiryOf({ limitedByUpstream, expiresAt }: Person): { readonly session_expiry?: number } {
  if (limitedByUpstream !== true || expiresAt === undefined) return {}
  return { session_expiry: Math.floor(expiresAt.getTime() / 1000) }
}
