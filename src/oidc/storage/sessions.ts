/**
 * oidc-provider stores no sessions of its own. Its session is built from the Gatehouse session and
 * from what each app received in it, so ending the Gatehouse session ends everything bound to it.
 */
import { Provider, type Session as ProviderSession } from 'oidc-provider'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionApp } from '../../broker/ports/volatile.ts'
import { checkSession, isTouchDue, type SessionCheckPorts } from '../../broker/session/check-session.ts'
import { withCurrentPermissions } from '../../broker/session/permissions.ts'
import { endsAt, isLive, type Session } from '../../broker/session/session.ts'
import { tokenId } from '../../crypto/token.ts'
import type { CookieSettings } from '../../http/cookies.ts'
import { tokenFromCookie } from '../../http/presented-credential.ts'
import { noSession, replaceSessions, sessionBuilder } from '../library-internals.ts'
import { reportedAcr } from '../policy/assurance.ts'
import { requestCache } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

export interface SessionPorts extends SessionCheckPorts, Pick<CorePorts, 'keyRing' | 'sessionApps'> {
  readonly cookie: CookieSettings
}

/** Replaces how oidc-provider finds sessions. */
export function useOurSessions(provider: Provider, ports: SessionPorts): void {
  const { now, sessions, sessionApps, tenants } = ports
  const build = sessionBuilder(provider)

  function sessionFor(session: Session, apps: ReadonlyMap<string, SessionApp>): ProviderSession {
    requestCache().session = session
    const authorizations = Object.fromEntries([...apps].map(([appId, { sid, grantId }]) => [appId, { sid, grantId }]))
    const authenticatedAt = session.authenticatedAt.getTime()
    const built = build({
      uid: session.id,
      jti: session.id,
      accountId: session.userId,
      // no auth_time that the upstream did not assert
      ...(session.unprovenSignIn === undefined && { loginTs: Math.floor(authenticatedAt / 1000) }),
      ...(session.amr !== undefined && { amr: [...session.amr] }),
      authorizations,
      // replaces Session.past: whether the sign-in is older than max_age
      past: (seconds: number | string) => now().getTime() - authenticatedAt > Number(seconds) * 1000,
    })
    // read when the request's parameters are known
    return Object.defineProperty(built, 'acr', { get: () => reportedAcr(session, tenants, Provider.ctx?.oidc) })
  }

  async function sessionWithApps(id: string): Promise<readonly [Session | null, ReadonlyMap<string, SessionApp>]> {
    const found = await Promise.all([sessions.find(id), sessionApps.of(id)])
    const successor = found[0] === null ? await sessionApps.successorOf(id) : null
    return successor === null ? found : Promise.all([sessions.find(successor), sessionApps.of(successor)])
  }

  /** A refresh keeps the session from becoming idle, as a session check does. */
  function touchAtRefresh(session: Session): void {
    const at = now()
    if (Provider.ctx?.oidc.params?.['grant_type'] !== 'refresh_token' || !isTouchDue(session, at)) return
    ports.onUsed?.(session, at)
    sessions.touch(session, at, endsAt({ ...session, lastSeenAt: at })).catch(ports.onTouchFailed)
  }

  replaceSessions(provider, {
    async get(ctx) {
      const token = tokenFromCookie(ports, ctx.req.headers.cookie)
      const [session, apps] =
        token === null
          ? [null, new Map()]
          : await asOAuthError(Promise.all([checkSession(ports, token, 'cookie'), sessionApps.of(tokenId(token))]))
      const found = session === null ? noSession(provider) : sessionFor(session, apps)
      requestCache().sessionToken = session === null ? undefined : (token ?? undefined)
      ctx.oidc?.entity('Session', found)
      return found
    },

    /**
     * The session of a token or, if the user signed in again in that browser, the one that replaced
     * it. Of token uses, only grant_type refresh_token counts as activity.
     */
    async findByUid(uid) {
      const [found, apps] = await asOAuthError(sessionWithApps(uid))
      if (found === null || !isLive(found, now()) || !tenants.has(found.tenant)) return undefined
      const session = withCurrentPermissions(found, now())
      touchAtRefresh(session)
      return sessionFor(session, apps)
    },
  })
}
