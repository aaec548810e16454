/**
 * Redeems an authorization code of `/oauth2/auth` for the browser's session and its token.
 * The record and its binding are the token endpoint's (RFC 6749 4.1.3, RFC 7636 4.6).
 */
import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { type App, mayServe } from '../../app/app.ts'
import { settingsOf } from '../../app/settings.ts'
import { secretHash, tokenId } from '../../crypto/token.ts'
import { checkOf, GatehouseError } from '../../errors.ts'
import { type AppAccessPorts, assertAppAccess } from '../access/app-access.ts'
import { recordAuditLater } from '../audit/record.ts'
import { endGrant, redeemedModel } from './end-grant.ts'
import type { EndSessionPorts } from './end-session.ts'
import { withCurrentPermissions } from './permissions.ts'
import { isLive } from './session.ts'

export const codeModel = 'AuthorizationCode'
export const codeSeconds = 60

export interface CodeRedemption {
  /** Authenticated, or a public client that uses PKCE. */
  readonly app: App
  readonly code: string
  readonly redirectUri: string | undefined
  readonly codeVerifier: string | undefined
  readonly nonce: string | undefined
}

const storedCode = z.object({
  clientId: z.string(),
  redirectUri: z.string(),
  grantId: z.string(),
  exp: z.number(),
  codeChallenge: z.string().optional(),
  nonce: z.string().optional(),
  dpopJkt: z.string().optional(),
  sessionToken: z.string().optional(),
})
type StoredCode = z.infer<typeof storedCode>

/**
 * A session acts as the user: only first-party apps get one, native apps by an https redirect URI
 * (RFC 8252 8.6).
 */
export function mayReceiveSessions(app: App, redirectUri: string): boolean {
  const { firstParty, kind } = app
  if (settingsOf(app).dpopBoundAccessTokens) return false
  return firstParty && kind !== 'service' && (kind !== 'native' || redirectUri.startsWith('https://'))
}

/** Throws `app_not_first_party`, `app_access_refused`, `code_refused`, `code_reused`. */
export async function redeemForSession(ports: EndSessionPorts & AppAccessPorts, redemption: CodeRedemption) {
  const { app, code } = redemption
  assertFirstParty(app)
  if (settingsOf(app).dpopBoundAccessTokens)
    throw refused('app', 'one without dpopBoundAccessTokens, since a session token has no DPoP key', 'one with it')
  const found = code.length > 256 ? null : await ports.artifacts.find(codeModel, code)
  const stored = storedCode.safeParse(found?.content).data
  if (found === null || stored === undefined)
    throw refused('code', 'one that /oauth2/auth gave this app in the last 60 seconds', 'one that is unknown or over')
  checkBinding(redemption, stored)
  if (found.consumedAt !== undefined) throw await replayError(ports, code, stored)
  if (stored.exp * 1000 <= ports.now().getTime()) throw refused('code', 'one of the last 60 seconds', 'an older one')
  const { sessionToken } = stored
  const session = sessionToken === undefined ? null : await ports.sessions.find(tokenId(sessionToken))
  if (sessionToken === undefined || session === null || !isLive(session, ports.now()))
    throw refused('session', 'the one the user signed in with', 'one that has ended')
  if (!mayServe(app, session.tenant)) throw refused('tenant', 'one that the app serves', session.tenant)
  await assertAppAccess(ports, app, withCurrentPermissions(session, ports.now()), 'session exchange')
  const [id, content] = [secretHash(code), { sessionId: session.id }]
  await ports.artifacts.putNew({ model: redeemedModel, id, content, seconds: 2 * codeSeconds, grant: stored.grantId })
  if (!(await ports.artifacts.consume(codeModel, code, ports.now()))) throw await replayError(ports, code, stored)
  const { tenant, userId: target, id: sessionId } = session
  const details = { session: sessionId, app: app.id }
  recordAuditLater(ports, { tenant, action: 'session.exchanged', actor: `app:${app.id}`, target, details })
  return { token: sessionToken, session: withCurrentPermissions(session, ports.now()) }
}

function assertFirstParty(app: App): void {
  if (app.firstParty) return
  const check = checkOf('app', false, 'firstParty: true in gatehouse.yaml', 'an app that is not')
  throw new GatehouseError('app_not_first_party', `app ${app.id} asked for a session token`, { check })
}

function checkBinding({ app, redirectUri, codeVerifier, nonce }: CodeRedemption, stored: StoredCode): void {
  if (stored.clientId !== app.id) throw refused('code', `one of the app ${app.id}`, 'one of another app')
  if (stored.redirectUri !== redirectUri)
    throw refused('redirectUri', 'the redirect_uri that the code was asked for with', shown(redirectUri))
  checkProof(stored, codeVerifier, nonce)
  if (stored.dpopJkt !== undefined)
    throw refused('code', 'one without dpop_jkt, since a session token has no DPoP key', 'one bound to a DPoP key')
  if (!mayReceiveSessions(app, stored.redirectUri))
    throw refused('redirectUri', 'an https address, for the session of a native app', shown(redirectUri))
}

/** A nonce binds the code only if the request had no code_challenge. */
function checkProof(stored: StoredCode, codeVerifier: string | undefined, nonce: string | undefined): void {
  if (stored.codeChallenge === undefined && stored.nonce === undefined)
    throw refused('code', 'one asked for with a code_challenge or a nonce', 'one with neither')
  if (stored.codeChallenge !== undefined) {
    const expected = 'the one whose SHA-256 was sent as code_challenge'
    if (codeVerifier === undefined) throw refused('codeVerifier', expected, 'none')
    if (!isSame(secretHash(codeVerifier), stored.codeChallenge)) throw refused('codeVerifier', expected, 'another')
  } else if (codeVerifier !== undefined)
    throw refused('codeVerifier', 'none, since the code was asked for without a code_challenge', 'one')
  const isNonceNeeded = stored.codeChallenge === undefined || nonce !== undefined
  if (isNonceNeeded && (nonce === undefined || stored.nonce === undefined || !isSame(nonce, stored.nonce)))
    throw refused('nonce', 'the one that the code was asked for with', nonce === undefined ? 'none' : 'another')
}

/** RFC 6749 4.1.2: ends what a replayed code led to; returns the error to throw. */
async function replayError(ports: EndSessionPorts, code: string, { grantId }: StoredCode): Promise<GatehouseError> {
  const reason = 'its authorization code was presented again'
  await endGrant(ports, { grantId, actor: 'system', reason, replayedCode: code })
  return new GatehouseError('code_reused', 'an authorization code came a second time')
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(secretHash(one)), Buffer.from(secretHash(other))]
  return timingSafeEqual(a, b)
}

function refused(name: string, expected: string, got: string): GatehouseError {
  const sentence = `${name}: expected ${expected}, got ${got}`
  return new GatehouseError('code_refused', sentence, {
    check: checkOf(name, false, expected, got),
    text: `${sentence}.`,
  })
}

const shown = (value: string | undefined) => (value === undefined ? 'none' : JSON.stringify(value.slice(0, 200)))
