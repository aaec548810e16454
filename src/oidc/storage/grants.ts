/**
 * The grant of an app in a session, built from the durable consent, so a new session asks for no
 * new consent. Its id is derived from session and app: concurrent sign-ins at one app get the same
 * grant.
 */
import { createHash } from 'node:crypto'
import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider'
import { type App, mayAskFor, servesUsersOf } from '../../app/app.ts'
import { claimsOfScopes, identityScopeNames } from '../../app/scopes.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { Consent } from '../../broker/ports/durable.ts'
import type { SessionApp } from '../../broker/ports/volatile.ts'
import { auditGrantCreated } from '../../broker/session/audit-grant.ts'
import { revokeGrants } from '../../broker/session/end-session.ts'
import type { Session } from '../../broker/session/session.ts'
import { clearRejections } from '../library-internals.ts'
import { appOf } from './clients.ts'
import { offlineGrantSeconds } from './refresh-rotation.ts'
import { requestCache } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

export type GrantPorts = Pick<CorePorts, 'apis' | 'artifacts' | 'audit' | 'consents' | 'now' | 'sessionApps'>

export function loadExistingGrant(ports: GrantPorts): NonNullable<Configuration['loadExistingGrant']> {
  const { apis, consents, now, sessionApps } = ports
  return async (ctx) => {
    const { session } = requestCache()
    const { provider, client } = ctx.oidc
    if (session === undefined || client === undefined) return undefined
    const app = appOf(client)
    const agreedNow = async () =>
      agreedScopes(app, await asOAuthError(consents.find(session.tenant, session.userId, app.id)))
    const known = sessionAppOf(ctx, app)
    const before = known === undefined ? undefined : await provider.Grant.find(known.grantId)
    // false for the grant of the session before a new sign-in
    const isOfSession = (before?.exp ?? 0) * 1000 >= session.expiresAt.getTime()
    if (before !== undefined && isOfSession && coversScopes(before, requestedScopes(ctx))) return before

    const agreed = await agreedNow()
    if (agreed.length === 0) return before
    const sessionApp = before === undefined || known === undefined ? nextOf(session, app, known) : known
    const grant = before ?? new provider.Grant({ clientId: app.id, accountId: session.userId })
    grant.jti = sessionApp.grantId
    addScopes(grant, app, apisFor(apis, app, session.tenant), agreed)
    grant.exp = Math.floor(grantExpiry(session, agreed, now()) / 1000)
    // stored in the session first, so that a grant in use can always be found and revoked
    if (sessionApp !== known) await asOAuthError(sessionApps.put(session, app.id, sessionApp))
    await grant.save()
    // consent revoked meanwhile, when this grant was not visible yet
    const stillAgreed = await agreedNow()
    if (agreed.some((scope) => !stillAgreed.includes(scope))) {
      await asOAuthError(revokeGrants(ports, [sessionApp.grantId]))
      return undefined
    }
    if (sessionApp !== known) auditGrantCreated(ports, session, app.id, agreed)
    ctx.oidc.session?.sidFor(app.id, sessionApp.sid)
    return grant
  }
}

function sessionAppOf({ oidc: { session } }: KoaContextWithOIDC, app: App): SessionApp | undefined {
  const sid = session?.sidFor(app.id)
  const grantId = session?.grantIdFor(app.id)
  return sid === undefined || grantId === undefined ? undefined : { sid, grantId }
}

/** First-party apps need no consent except for `offline_access` (broker/apps/consent.ts). */
export function agreedScopes(app: App, consent: Consent | null): readonly string[] {
  const given = consent?.scopes ?? []
  return app.scopes.filter((scope) => given.includes(scope) || (app.firstParty && scope !== 'offline_access'))
}

/** A revoked grant has a successor with another id, so its tokens stay revoked. */
function nextOf(session: Session, app: App, before: SessionApp | undefined): SessionApp {
  const name = (what: string) =>
    createHash('sha256')
      .update([what, session.id, app.id, before?.grantId ?? ''].join('\n'))
      .digest('base64url')
  return { sid: before?.sid ?? name('sid').slice(0, 22), grantId: name('grant') }
}

const apisFor = (apis: CorePorts['apis'], app: App, tenant: string) =>
  apis.filter((api) => mayAskFor(app, api) && servesUsersOf(api, tenant))

function addScopes(grant: Grant, app: App, apis: CorePorts['apis'], agreed: readonly string[]): void {
  const identity = agreed.filter((scope) => identityScopeNames.includes(scope))
  if (identity.length > 0) grant.addOIDCScope(identity)
  const agreedClaims = claimsOfScopes(identity)
  grant.addOIDCClaims([...agreedClaims])
  clearRejections(grant) // an app's scopes may have grown
  // claims that the app may never request cause no prompt
  const never = claimsOfScopes(identityScopeNames.filter((scope) => !app.scopes.includes(scope)))
  grant.rejectOIDCClaims([...never].filter((claim) => !agreedClaims.has(claim)))
  for (const api of apis) {
    const scopes = agreed.filter((scope) => Object.hasOwn(api.scopes, scope))
    if (scopes.length > 0) grant.addResourceScope(api.id, scopes)
  }
}

function grantExpiry(session: Session, agreed: readonly string[], now: Date): number {
  const offline = agreed.includes('offline_access') ? now.getTime() + offlineGrantSeconds * 1000 : 0
  return Math.max(session.expiresAt.getTime(), offline)
}

/** Identity scopes, scopes of the requested APIs, and the scopes of claims requested by name. */
function requestedScopes({ oidc }: KoaContextWithOIDC): readonly string[] {
  const resources = Object.values(oidc.resourceServers ?? {}).flatMap(({ scopes }) => [...scopes])
  const requested = [...oidc.requestParamScopes].filter(
    (scope) => identityScopeNames.includes(scope) || resources.includes(scope),
  )
  // `openid` covers `sub`
  const isRequested = (claim: string) => claim !== 'sub' && oidc.requestParamClaims.has(claim)
  const ofClaims = appOf(oidc.client).scopes.filter(
    (scope) => identityScopeNames.includes(scope) && [...claimsOfScopes([scope])].some(isRequested),
  )
  return [...new Set([...requested, ...ofClaims])]
}

function coversScopes(grant: Grant, scopes: readonly string[]): boolean {
  const granted = new Set([
    ...grant.getOIDCScope().split(' '),
    ...Object.values(grant.resources ?? {}).flatMap((each) => each.split(' ')),
  ])
  return scopes.every((scope) => granted.has(scope))
}

/** Requested scopes without consent. */
export function missingScopes(ctx: KoaContextWithOIDC): readonly string[] {
  const { grant } = ctx.oidc
  return requestedScopes(ctx).filter((scope) => grant === undefined || !coversScopes(grant, [scope]))
}
