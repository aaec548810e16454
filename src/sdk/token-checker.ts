/**
 * Checks session and API tokens at `/api/v1/session`, opaque access tokens at `/oauth2/introspect`,
 * and JWT access tokens with the published keys (RFC 9068), until they expire. A token that is
 * bound to a key requires a DPoP proof (RFC 9449).
 */
import { hash } from 'node:crypto'
import { type AppCredential, type AppSigningKey, appProof } from './app-credential.ts'
import {
  bindingOf,
  type Caller,
  type CheckOptions,
  restrictToTenants,
  tokenCaller,
  type VerifiedCaller,
} from './caller.ts'
import { type DpopOptions, type DpopRequest, dpopCheck } from './dpop.ts'
import { jwtCheck } from './jwt-check.ts'
import { member, originOf, sendRequest, textMember } from './send-request.ts'
import { checkSession, tokenForm, unexpectedResponse } from './session-check.ts'

export interface TokenCheckerOptions extends CheckOptions, DpopOptions {
  /** Your app's client_id. */
  readonly app: string
  /** Your client secret, or `key`. Opaque access tokens need either. */
  readonly secret?: string
  readonly key?: AppSigningKey
  /** Your API's resource indicator. Without it, only opaque tokens of your own app are accepted. */
  readonly audience?: string
  /** Cache of valid tokens, except JWTs; 0 to 5 seconds. Default 0: revocation is immediate. */
  readonly cacheSeconds?: number
}

export interface TokenChecker {
  /**
   * The caller; null for an invalid token. Throws `GatehouseUnreachable`: reject the request then,
   * and `GatehouseRefusal` for an API token without the scope `sites:access`.
   * @param dpop the request, for a token with the scheme DPoP; without it, the token is a bearer
   * token
   */
  check(token: string, dpop?: DpopRequest): Promise<Caller | null>
}

/** Malformed session and API tokens, client secrets: never sent to introspection. */
const otherSecret = /^gth_[sacd]_/
const jwtForm = /^[\w-]{2,}\.[\w-]{2,}\.[\w-]{2,}$/
const opaqueForm = /^[\w~+/-]{16,512}=*$/
const maxTokenLength = 8192
const maxCacheSeconds = 5
const maxCached = 1000

/** Throws a TypeError for invalid options. */
export function createTokenChecker(options: TokenCheckerOptions): TokenChecker {
  const { cacheSeconds = 0 } = options
  if (!(cacheSeconds >= 0 && cacheSeconds <= maxCacheSeconds))
    throw new TypeError(`cacheSeconds must be 0 to ${maxCacheSeconds}, so that revocation takes effect`)
  const issuer = originOf(options)
  const introspect = introspection(issuer, options)
  const checkJwt = jwtCheck(issuer, options)
  const cached: TokenCache = cacheSeconds === 0 ? (_, check) => check() : cache(cacheSeconds)
  const checkProof = dpopCheck(options)

  async function find(token: string): Promise<VerifiedCaller | null> {
    if (tokenForm.test(token)) return cached(token, () => checkSession(options, { bearer: token }))
    if (otherSecret.test(token)) return null
    if (jwtForm.test(token)) return checkJwt(token)
    return opaqueForm.test(token) ? cached(token, () => introspect(token)) : null
  }

  return {
    async check(token, dpop) {
      if (token.length > maxTokenLength) return null
      const proof = dpop === undefined ? undefined : await checkProof?.(token, dpop)
      if (dpop !== undefined && !proof) return null
      const found = await find(token)
      // a bound token requires a proof of its key, and a proof requires a bound token
      if (found === null || found.jkt !== proof?.jkt) return null
      return proof === undefined || (await proof?.isNew()) ? found.caller : null
    },
  }
}

type TokenCache = (token: string, check: () => Promise<VerifiedCaller | null>) => Promise<VerifiedCaller | null>

function introspection(
  issuer: string,
  options: TokenCheckerOptions,
): (token: string) => Promise<VerifiedCaller | null> {
  const credential = credentialOf(options)
  if (credential === undefined) return async () => null
  const proof = appProof(issuer, credential)
  return async (token) => {
    const form = new URLSearchParams({ token, token_type_hint: 'access_token' })
    const authorization = await proof.clientAuthentication(form)
    const asked = {
      method: 'POST',
      path: '/oauth2/introspect',
      form,
      ...(authorization !== undefined && { authorization }),
    }
    const answer = await sendRequest(options, asked)
    const active = member(answer.body, 'active')
    if (answer.status !== 200 || typeof active !== 'boolean') throw unexpectedResponse('introspection', answer)
    return active ? readToken(answer.body, issuer, options) : null
  }
}

function credentialOf({ app, secret, key }: TokenCheckerOptions): AppCredential | undefined {
  if (secret !== undefined && key !== undefined) throw new TypeError('give the app a secret or a key, not both')
  if (secret !== undefined) return { app, secret }
  return key === undefined ? undefined : { app, key }
}

function readToken(body: unknown, issuer: string, options: TokenCheckerOptions): VerifiedCaller | null {
  const { app, audience } = options
  // refresh tokens have no token_type
  const binding = bindingOf(body)
  if (binding === undefined) return null
  if (textMember(body, 'token_type') !== (binding.jkt === undefined ? 'Bearer' : 'DPoP')) return null
  if (textMember(body, 'iss') !== undefined && textMember(body, 'iss') !== issuer) return null
  const client = textMember(body, 'client_id')
  const audiences = [member(body, 'aud')].flat()
  const ours = audience === undefined ? client === app && isOwn(audiences, app) : audiences.includes(audience)
  if (client === undefined || !ours) return null
  const caller = restrictToTenants(tokenCaller(body, client), options)
  return caller === null ? null : { caller, ...binding }
}

/** Without `audience`: the token must not be for another API. */
const isOwn = (audiences: readonly unknown[], app: string) =>
  audiences.every((audience) => audience === undefined || audience === app)

/** Caches valid tokens only, by their hash. */
function cache(seconds: number): TokenCache {
  const known = new Map<string, { readonly found: VerifiedCaller; readonly until: number }>()
  return async (token, check) => {
    const name = hash('sha256', token)
    const now = Date.now()
    const before = known.get(name)
    if (before !== undefined && now < before.until) return before.found
    known.delete(name)
    const found = await check()
    if (found === null) return null
    const { caller } = found
    const ends = caller.kind === 'session' ? Date.parse(caller.session.expiresAt) : caller.expiresAt.getTime()
    known.set(name, { found, until: Math.min(now + seconds * 1000, ends) })
    for (const oldest of known.keys()) if (known.size > maxCached) known.delete(oldest)
    return found
  }
}
