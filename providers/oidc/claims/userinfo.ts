/** Userinfo (Core 5.3) as JSON or a signed JWT. It must be about the ID token's subject (RP-41). */
import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import { type IssuerMetadata, signatureAlgorithms } from '../discovery.ts'
import { isJsonObject, presentMembers } from '../endpoint/optional.ts'
import { call, otherThanJson, refusal } from '../endpoint/response.ts'
import { assertChecks, decoded, refuseEncrypted, signatureCheck } from '../token/signed.ts'
import type { Upstream } from '../upstream.ts'
import { type Claims, check, clockToleranceSeconds, momentOf, oneOf, subjectOf, wordOf, wordsOf } from './claims.ts'

const userinfoEndpoint = 'the userinfo endpoint'

/**
 * Okta and others omit profile and email from the ID token, so userinfo is fetched unless the
 * connection says `never`. With `preferred` the ID token suffices if the request fails; a failed
 * check is always an error. `failure` says why userinfo is missing, if the profile lacks an email.
 */
export async function fetchUserinfoIfNeeded(
  upstream: Upstream,
  known: IssuerMetadata,
  { accessToken, subject }: { readonly accessToken: string | undefined; readonly subject: string },
  record: Recorder,
): Promise<{ readonly userinfo: Claims | undefined; readonly failure?: GatehouseError }> {
  const { userinfo: use } = upstream.config
  const need = use === 'required' ? 'the connection requires userinfo' : 'the ID token holds no email'
  const notAsked = (why: string) => new GatehouseError('upstream_invalid', `${need}, and ${why}`)
  if (use === 'never') return { userinfo: undefined, failure: notAsked('the connection never asks userinfo') }
  try {
    if (known.userinfo_endpoint === undefined) throw notAsked(missingEndpoint(known))
    if (accessToken === undefined) throw notAsked('no bearer access token came with the ID token')
    const request = { url: known.userinfo_endpoint, accessToken, subject }
    return { userinfo: await record.step('userinfo', () => fetchUserinfo(upstream, known, request, record)) }
  } catch (failure) {
    if (!(failure instanceof GatehouseError) || failure.check !== undefined || use === 'required') throw failure
    if (known.userinfo_endpoint !== undefined) record.check(fallback(failure))
    return { userinfo: undefined, failure }
  }
}

function missingEndpoint({ unusableEndpoints }: IssuerMetadata): string {
  const isUnusable = unusableEndpoints.includes('userinfo_endpoint')
  return isUnusable
    ? 'the userinfo_endpoint in discovery is not an https address'
    : 'the issuer has no userinfo endpoint'
}

function fallback({ message }: GatehouseError): Check {
  const got = `those of the ID token alone: ${message}`
  return { name: 'userinfo', ok: true, expected: 'its claims (preferred)', got }
}

async function fetchUserinfo(
  upstream: Upstream,
  known: IssuerMetadata,
  { url, accessToken, subject }: Readonly<Record<'url' | 'accessToken' | 'subject', string>>,
  record: Recorder,
): Promise<Claims> {
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json, application/jwt' }
  const answer = await call(upstream.context.fetch, userinfoEndpoint, url, { headers })
  if (!answer.ok) throw refusal(answer, userinfoEndpoint)
  if (answer.error !== undefined && isOAuthErrorOnly(answer.json)) throw refusal(answer, userinfoEndpoint)
  const claims = await claimsOf(upstream, known, answer, record)
  assertChecks([subjectCheck(upstream, claims['sub'], subject)], record, 'userinfo')
  return claims
}

/**
 * Whether the body is an OAuth error, which some upstreams send with status 200. Claims have a
 * `sub`.
 */
function isOAuthErrorOnly(json: unknown): boolean {
  return isJsonObject(json) && presentMembers(json)['sub'] === undefined
}

const jwtForm = /^[\w-]+\.[\w-]+\.[\w-]*$/

async function claimsOf(
  upstream: Upstream,
  known: IssuerMetadata,
  { type, text, json }: { readonly type: string; readonly text: string; readonly json: unknown },
  record: Recorder,
): Promise<Claims> {
  // some upstreams send the JWT as a JSON string
  const token = (typeof json === 'string' ? json : text).trim()
  refuseEncrypted(token, 'the userinfo response', 'userinfo_encrypted_response_alg')
  if (jwtForm.test(token)) return signedUserinfo(upstream, known, token, record)
  if (isJsonObject(json)) return presentMembers(json)
  const what =
    json === undefined
      ? `it is ${otherThanJson(text)} and no signed JWT (content type ${wordOf(type)})`
      : 'it is no JSON object'
  throw new GatehouseError('upstream_invalid', `${userinfoEndpoint} sent an invalid response: ${what}`)
}

/** Core 5.3.2: `iss` and `aud` are compared if present. */
async function signedUserinfo(
  { config, context, keys }: Upstream,
  known: IssuerMetadata,
  token: string,
  record: Recorder,
): Promise<Claims> {
  const algorithms = userinfoAlgorithms(known)
  const { header, claims } = decoded(token, maxTokenLength)
  const { iss, aud, exp } = claims
  const isForUs = [aud].flat().includes(config.clientId)
  const isAhead = typeof exp === 'number' && exp > context.now().getTime() / 1000 - clockToleranceSeconds
  assertChecks([oneOf('alg of userinfo', header['alg'], algorithms)], record, 'userinfo')
  const { keyId } = await record.step('signature of userinfo', () => keys.verify(token, algorithms))
  assertChecks(
    [
      signatureCheck(keyId, 'signature of userinfo'),
      iss !== undefined && oneOf('iss of userinfo', iss, [config.issuer]),
      aud !== undefined && check('aud of userinfo', isForUs, config.clientId, wordsOf(aud)),
      exp !== undefined && check('exp of userinfo', isAhead, 'in the future', momentOf(exp)),
    ],
    record,
    'userinfo',
  )
  return claims
}

const maxTokenLength = 262_144

/** The client registration decides the algorithm, not discovery; each key restricts it. */
function userinfoAlgorithms({ id_token_signing_alg_values_supported: idTokens }: IssuerMetadata): readonly string[] {
  // the client secret is then the only key
  return idTokens.includes('HS256') ? idTokens : signatureAlgorithms
}

function subjectCheck({ config }: Upstream, got: unknown, subject: string): Check {
  const expected = 'the sub of the ID token'
  const ok = subjectOf(got, config) === subject
  return check('sub of userinfo', ok, expected, ok ? expected : otherSubject(got, config.integerSubjects))
}

function otherSubject(got: unknown, integerSubjects: boolean): string {
  if (got === undefined) return 'none (userinfo: never leaves userinfo out)'
  if (typeof got !== 'number') return 'another value'
  return `the number ${got}${integerSubjects ? '' : ' (the setting integerSubjects accepts integers)'}`
}
