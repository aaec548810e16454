/**
 * One session: the provider has none of its own. What it calls its session is built from the Gatehouse session of the browser, or of a
 * token, and from what each app got of it; so whatever ends the Gatehouse session has ended what is bound to it.
 */
import { Provider, type Session as ProviderSession } from 'oidc-provider'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionApp } from '../../broker/ports/session-apps.ts'
import { checkSession, isTouchDue, type SessionCheckParts } from '../../broker/session/check-session.ts'
import { withCurrentPermissions } from '../../broker/session/permissions.ts'
import { endsAt, isLive, type Session } from '../../broker/session/session.ts'
import { tokenId } from '../../crypto/token.ts'
import type { CookieSettings } from '../../http/cookies.ts'
import { tokenFromCookie } from '../../http/session-token.ts'
import { readsOfRequest } from './request-cache.ts'
import { asOAuthError } from './store-errors.ts'

export interface SessionParts {
  readonly parts: CorePorts
  readonly check: SessionCheckParts
  readonly cookie: CookieSettings
}

/** Replaces where the provider looks for its sessions. */
export function useOurSessions(provider: Provider, { parts, check, cookie }: SessionParts): void {
  const none = () => Object.defineProperties(new provider.Session(), notStoredProperties)
  /** What `none` gives, without the ids and checks of the constructor: every token that is used has its session built. */
  const prototype: ProviderSession = Object.create(provider.Session.prototype, notStoredProperties)

  function built(session: Session, apps: ReadonlyMap<string, SessionApp>): ProviderSession {
    readsOfRequest().session = session
    const authorizations = Object.fromEntries([...apps].map(([appId, { sid, grantId }]) => [appId, { sid, grantId }]))
    const authenticatedAt = session.authenticatedAt.getTime()
    const bare: ProviderSession = Object.create(prototype)
    return Object.assign(bare, {
      kind: 'Session',
      uid: session.id,
      jti: session.id,
      accountId: session.userId,
      // what nobody knows is told to no app
      ...(session.unprovenSignIn === undefined && { loginTs: Math.floor(authenticatedAt / 1000) }),
      ...(session.acr !== undefined && { acr: session.acr }),
      ...(session.amr !== undefined && { amr: [...session.amr] }),
      authorizations,
      past: (seconds: number | string) => parts.now().getTime() - authenticatedAt > Number(seconds) * 1000,
    })
  }

  async function sessionWithApps(id: string): Promise<readonly [Session | null, ReadonlyMap<string, SessionApp>]> {
    const found = await Promise.all([parts.sessions.find(id), parts.sessionApps.of(id)])
    const next = found[0] === null ? await parts.sessionApps.successorOf(id) : null
    return next === null ? found : Promise.all([parts.sessions.find(next), parts.sessionApps.of(next)])
  }

  /** An app that goes on working for someone keeps their session from going idle, as the session check does. */
  function touchAtRefresh(session: Session): void {
    const now = check.now()
    if (Provider.ctx?.oidc.params?.['grant_type'] !== 'refresh_token' || !isTouchDue(session, now)) return
    parts.sessions.touch(session, now, endsAt({ ...session, seenAt: now })).catch(check.onTouchFailed)
  }

  Object.assign(provider.Session, {
    /** Of the browser's cookie. */
    async get(ctx: { readonly req: { readonly headers: { readonly cookie?: string } }; readonly oidc?: Entities }) {
      const token = tokenFromCookie({ keyRing: parts.keyRing, cookie }, ctx.req.headers.cookie)
      const [session, apps] =
        token === null
          ? [null, new Map()]
          : await asOAuthError(
              Promise.all([checkSession(check, token, 'cookie'), parts.sessionApps.of(tokenId(token))]),
            )
      const found = session === null ? none() : built(session, apps)
      readsOfRequest().sessionToken = session === null ? undefined : (token ?? undefined)
      ctx.oidc?.entity('Session', found)
      return found
    },

    /** Of a token; when its person signed in again, the session they have now. Looking one up is no sign of the person, and touches nothing. */
    async findByUid(uid: string) {
      const [found, apps] = await asOAuthError(sessionWithApps(uid))
      if (found === null || !isLive(found, check.now()) || !check.tenants.has(found.tenant)) return undefined
      const session = withCurrentPermissions(found, check.now())
      touchAtRefresh(session)
      return built(session, apps)
    },
  })
}

interface Entities {
  entity(name: string, value: unknown): void
}

const ignore = () => {}

/** Never stored and never set as a cookie, whatever the provider writes into it. Who is signed in is not for it to decide either. */
const notStoredProperties: PropertyDescriptorMap = {
  touched: { get: () => false, set: ignore },
  state: { get: () => ({ secret: formProof }), set: ignore },
  loginAccount: { value: ignore },
  resetIdentifier: { value: ignore },
}

/** Our forms prove themselves by coming from our own origin (http/same-origin.ts); the provider's own proof says nothing more. */
export const formProof = 'same-origin'
