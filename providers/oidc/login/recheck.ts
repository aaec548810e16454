/**
 * Re-checks a user by the refresh token of the sign-in (RFC 6749 section 6, OIDC Core 12).
 * Discovery and keys come from the cache.
 */
import { z } from 'zod'
import { GatehouseError } from '../../../src/errors.ts'
import type { Identity, Memo, RecheckContext, RecheckResult, Recorder } from '../../../src/provider/provider.ts'
import { checkBrandRules, identityOf, issuersOfToken } from '../brand-rules.ts'
import { type Claims, check, subjectOf } from '../claims/claims.ts'
import { fetchUserinfoIfNeeded } from '../claims/userinfo.ts'
import type { IssuerMetadata } from '../discovery.ts'
import { oauthErrorOf } from '../endpoint/response.ts'
import { validateIdToken } from '../token/id-token.ts'
import { assertChecks } from '../token/signed.ts'
import { readTokenAnswer, requestTokens, type TokenAnswer } from '../token/token-endpoint.ts'
import type { Upstream } from '../upstream.ts'

const memoForm = z.object({
  /** A secret. */
  refreshToken: z.string().min(1),
  issuer: z.string(),
  /** The `sub` of the ID token, which a brand may not use as the subject. */
  sub: z.string(),
})
type RefreshMemo = z.infer<typeof memoForm>

export const refreshScope = 'offline_access'

/** Adds the scope for refresh tokens, unless discovery lists scopes without it. */
export function scopesFor(
  { config, rules }: Upstream,
  { scopes_supported: supported }: IssuerMetadata,
): readonly string[] {
  const { scopes, recheck } = config
  const isKnown = supported === undefined || supported.includes(refreshScope)
  if (recheck === undefined || rules.refreshScope === false || !isKnown || scopes.includes(refreshScope)) return scopes
  return [...scopes, refreshScope]
}

const noToken = 'none: sessions of this sign-in do not follow the upstream; allow refresh tokens for the client there'

/** The memo of a sign-in. Undefined without `recheck`, or if the upstream gave no refresh token. */
export function recheckMemo(
  { config }: Upstream,
  { iss, sub }: Claims,
  tokens: TokenAnswer,
  record: Recorder,
): Memo | undefined {
  if (config.recheck === undefined) return undefined
  const refreshToken = refreshTokenIn(tokens)
  // the sign-in itself is valid
  record.check({ name: 'refresh token', ok: true, expected: 'one, for recheck', got: refreshToken ? 'one' : noToken })
  if (refreshToken === undefined) return undefined
  return { refreshToken, issuer: String(iss), sub: subjectOf(sub, config) ?? '' } satisfies RefreshMemo
}

function refreshTokenIn({ members }: TokenAnswer): string | undefined {
  const token = members['refresh_token']
  return typeof token === 'string' && token.trim() !== '' ? token : undefined
}

/**
 * OAuth errors after which only a new sign-in helps. Others concern our client or the upstream's
 * state. https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const refusals: readonly string[] = [
  'invalid_grant',
  'access_denied',
  'interaction_required',
  'login_required',
  'consent_required',
]

export async function recheck(upstream: Upstream, memo: Memo, context: RecheckContext): Promise<RecheckResult> {
  const { signal, record, keep } = context
  const before = memoForm.parse(memo)
  const known = await record.step('discovery', () => upstream.metadata.get())
  signal.throwIfAborted()
  const granted = await record.step('refresh', () => refresh(upstream, known, before.refreshToken))
  if ('reason' in granted) return { outcome: 'refused', reason: granted.reason }
  const next = refreshTokenIn(granted.tokens)
  // at once: the token before may not work again
  if (next !== undefined && next !== before.refreshToken) await keep({ ...before, refreshToken: next })
  signal.throwIfAborted()
  const identity = await identityFrom(upstream, known, before, granted.tokens, record)
  return { outcome: 'confirmed', ...(identity && { identity }) }
}

async function refresh(
  upstream: Upstream,
  known: IssuerMetadata,
  refreshToken: string,
): Promise<{ readonly tokens: TokenAnswer } | { readonly reason: string }> {
  try {
    const parameters = { grant_type: 'refresh_token', refresh_token: refreshToken }
    return { tokens: readTokenAnswer(await requestTokens(upstream, known, parameters)) }
  } catch (failure) {
    const reason = oauthErrorOf(failure)
    const isRefusal = failure instanceof GatehouseError && failure.code === 'upstream_refused'
    if (isRefusal && reason !== undefined && refusals.includes(reason)) return { reason }
    throw failure
  }
}

/** Undefined if neither an ID token nor userinfo describes the user. */
async function identityFrom(
  upstream: Upstream,
  known: IssuerMetadata,
  { issuer, sub }: RefreshMemo,
  { idToken, accessToken }: TokenAnswer,
  record: Recorder,
): Promise<Identity | undefined> {
  const claims =
    idToken === undefined ? undefined : await refreshedClaims(upstream, known, idToken, { issuer, sub }, record)
  const { userinfo } = await fetchUserinfoIfNeeded(upstream, known, { accessToken, subject: sub }, record)
  if (claims !== undefined) return identityOf(upstream, claims, userinfo, record)
  // a brand's own subject is in the ID token
  if (userinfo === undefined || upstream.rules.subject !== undefined) return undefined
  return identityOf(upstream, { iss: issuer, sub }, userinfo, record)
}

/** OIDC Core 12.2: of the same issuer, user and client; a nonce is not required. */
async function refreshedClaims(
  upstream: Upstream,
  known: IssuerMetadata,
  idToken: string,
  { issuer, sub }: Pick<RefreshMemo, 'issuer' | 'sub'>,
  record: Recorder,
): Promise<Claims> {
  const { config, context, keys, algorithms } = upstream
  const { clientId, integerSubjects } = config
  const expected = { issuer: issuersOfToken(upstream, idToken), clientId, integerSubjects, now: context.now() }
  const rules = { algorithms: algorithms.forIdTokens(known), authenticatedAfter: undefined, nonce: undefined }
  const claims = await validateIdToken(idToken, { ...expected, ...rules }, keys, record)
  const isSame = subjectOf(claims['sub'], config) === sub
  assertChecks(
    [
      check('sub of the sign-in', isSame, 'the same user', isSame ? 'the same user' : 'another user'),
      check('iss of the sign-in', claims['iss'] === issuer, issuer, claims['iss']),
    ],
    record,
  )
  checkBrandRules(upstream, claims, record)
  return claims
}
