/**
 * The grant of a session's app: what was agreed to, as the provider keeps it. Made from the consent, which is durable, so that nobody is
 * asked again in a new session. Its id follows from session and app: tabs that sign in to one app at once get the same grant.
 */
import { createHash } from 'node:crypto'
import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import { type App, mayAskFor, servesUsersOf } from '../../app/app.ts'
import { claimsOfScopes, identityScopeNames } from '../../app/scopes.ts'
import type { Consent } from '../../broker/ports/consents.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionApp } from '../../broker/ports/session-apps.ts'
import { revokeGrants } from '../../broker/session/revoke-grants.ts'
import type { Session } from '../../broker/session/session.ts'
import { appOf } from './clients.ts'
import { offlineGrantSeconds } from './refresh-rotation.ts'
import { readsOfRequest } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

export function loadExistingGrant(parts: CorePorts): NonNullable<Configuration['loadExistingGrant']> {
  return async (ctx) => {
    const { session } = readsOfRequest()
    const { provider, client } = ctx.oidc
    if (session === undefined || client === undefined) return undefined
    const app = appOf(client)
    const notFoundAsUndefined = heldBy(ctx, app)
    const before =
      notFoundAsUndefined === undefined ? undefined : await provider.Grant.find(notFoundAsUndefined.grantId)
    const lasts = (before?.exp ?? 0) * 1000 >= session.expiresAt.getTime() // not one of the session before a new sign-in
    if (notFoundAsUndefined !== undefined && before !== undefined && lasts && coversScopes(before, askedScopes(ctx)))
      return before

    const consent = await asOAuthError(parts.consents.find(session.tenant, session.userId, app.id))
    const agreed = agreedScopes(app, consent)
    if (agreed.length === 0) return before
    const got =
      before === undefined || notFoundAsUndefined === undefined
        ? nextOf(session, app, notFoundAsUndefined)
        : notFoundAsUndefined
    const grant = before ?? new provider.Grant({ clientId: app.id, accountId: session.userId })
    grant.jti = got.grantId
    grantScopes(grant, app, parts, session.tenant, agreed)
    grant.exp = Math.floor(grantExpiry(session, agreed, parts.now()) / 1000)
    // known to the session first: a grant that is in use can always be found and revoked
    if (got !== notFoundAsUndefined) await asOAuthError(parts.sessionApps.put(session, app.id, got))
    await grant.save()
    // taken back meanwhile, by someone who could not see this grant yet: as if never agreed to
    const still = agreedScopes(app, await asOAuthError(parts.consents.find(session.tenant, session.userId, app.id)))
    if (agreed.some((scope) => !still.includes(scope))) {
      await asOAuthError(revokeGrants(parts, [got.grantId]))
      return undefined
    }
    ctx.oidc.session?.sidFor(app.id, got.sid)
    return grant
  }
}

/** What this app got of the session before. */
function heldBy({ oidc: { session } }: KoaContextWithOIDC, app: App): SessionApp | undefined {
  const sid = session?.sidFor(app.id)
  const grantId = session?.grantIdFor(app.id)
  return sid === undefined || grantId === undefined ? undefined : { sid, grantId }
}

/** The organisation's own apps need no yes, but for staying in when the person has signed out (broker/apps/consent.ts). */
export function agreedScopes(app: App, consent: Consent | null): readonly string[] {
  const given = consent?.scopes ?? []
  return app.scopes.filter((scope) => given.includes(scope) || (app.firstParty && scope !== 'offline_access'))
}

/** After a revoked grant comes another: what was made from the revoked one stays dead. */
function nextOf(session: Session, app: App, before: SessionApp | undefined): SessionApp {
  const name = (what: string) =>
    createHash('sha256')
      .update([what, session.id, app.id, before?.grantId ?? ''].join('\n'))
      .digest('base64url')
  return { sid: before?.sid ?? name('sid').slice(0, 22), grantId: name('grant') }
}

function grantScopes(grant: Grant, app: App, { apis }: CorePorts, tenant: string, agreed: readonly string[]): void {
  const identity = agreed.filter((scope) => identityScopeNames.includes(scope))
  if (identity.length > 0) grant.addOIDCScope(identity)
  grant.addOIDCClaims([...claimsOfScopes(identity)])
  Object.assign(grant, { rejected: undefined }) // as the app is now: what it may ask for grows too
  // claims the app may not ask for at all are no reason to ask the person
  const never = claimsOfScopes(identityScopeNames.filter((scope) => !app.scopes.includes(scope)))
  grant.rejectOIDCClaims([...never].filter((claimLogouts) => !claimsOfScopes(identity).has(claimLogouts)))
  for (const api of apis) {
    if (!mayAskFor(app, api) || !servesUsersOf(api, tenant)) continue
    const scopes = agreed.filter((scope) => Object.hasOwn(api.scopes, scope))
    if (scopes.length > 0) grant.addResourceScope(api.id, scopes)
  }
}

function grantExpiry(session: Session, agreed: readonly string[], now: Date): number {
  const offline = agreed.includes('offline_access') ? now.getTime() + offlineGrantSeconds * 1000 : 0
  return Math.max(session.expiresAt.getTime(), offline)
}

/** What an authorization request asks the person for: scopes of ours and of the APIs it names, and the scopes of single claims. */
export function askedScopes({ oidc }: KoaContextWithOIDC): readonly string[] {
  const wanted = [...oidc.requestParamScopes]
  const identity = wanted.filter((scope) => identityScopeNames.includes(scope))
  const resources = Object.values(oidc.resourceServers ?? {}).flatMap(({ scopes }) => [...scopes])
  const app = appOf(oidc.client)
  const ofClaims = identityScopeNames.filter(
    (scope) =>
      app.scopes.includes(scope) &&
      [...claimsOfScopes([scope])].some((claimLogouts) => isClaimRequested(oidc, claimLogouts)),
  )
  return [...new Set([...identity, ...wanted.filter((scope) => resources.includes(scope)), ...ofClaims])]
}

/** Every app knows who it is and where they belong: `openid` covers that. */
function isClaimRequested({ requestParamClaims }: KoaContextWithOIDC['oidc'], claimLogouts: string): boolean {
  return requestParamClaims.has(claimLogouts) && claimLogouts !== 'sub'
}

function coversScopes(grant: Grant, asked: readonly string[]): boolean {
  const granted = new Set([
    ...grant.getOIDCScope().split(' '),
    ...Object.values(grant.resources ?? {}).flatMap((scopes) => scopes.split(' ')),
  ])
  return asked.every((scope) => granted.has(scope))
}

/** Scopes the person has still to be asked about. */
export function missingScopes(ctx: KoaContextWithOIDC): readonly string[] {
  const { grant } = ctx.oidc
  return askedScopes(ctx).filter((scope) => grant === undefined || !coversScopes(grant, [scope]))
}
