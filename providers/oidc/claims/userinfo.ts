/** Userinfo (Core 5.3) as JSON or a signed JWT. It must be about the ID token's subject (RP-41). */
import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import { type IssuerMetadata, signatureAlgorithms } from '../discovery.ts'
import { isMembers, presentMembers } from '../endpoint/optional.ts'
import { call, refusal } from '../endpoint/response.ts'
import { assertChecks, decoded, refuseEncrypted } from '../token/signed.ts'
import type { Upstream } from '../upstream.ts'
import { type Claims, clockToleranceSeconds, momentOf, subjectOf, wordOf } from './claims.ts'

const userinfoEndpoint = 'the userinfo endpoint'

export interface UserinfoResult {
  readonly userinfo: Claims | undefined
  /** Why userinfo is missing; reported if the profile lacks an email. */
  readonly failure?: GatehouseError
}

/**
 * Okta and others omit profile and email from the ID token, so userinfo is fetched unless the
 * connection says `never`. With `preferred` the ID token suffices if the request fails; a failed
 * check is always an error.
 */
export async function fetchUserinfoIfNeeded(
  upstream: Upstream,
  known: IssuerMetadata,
  { accessToken, subject }: { readonly accessToken: string | undefined; readonly subject: string },
  record: Recorder,
): Promise<UserinfoResult> {
  const { userinfo: use } = upstream.config
  const notAsked = (why: string) =>
    new GatehouseError(
      'upstream_invalid',
      `${use === 'required' ? 'the connection requires userinfo' : 'the ID token holds no email'}, and ${why}`,
    )
  if (use === 'never') return { userinfo: undefined, failure: notAsked('the connection never asks userinfo') }
  try {
    if (known.userinfo_endpoint === undefined) throw notAsked('the issuer has no userinfo endpoint')
    if (accessToken === undefined) throw notAsked('no bearer access token came with the ID token')
    const request = { url: known.userinfo_endpoint, accessToken, subject }
    return { userinfo: await record.step('userinfo', () => fetchUserinfo(upstream, known, request, record)) }
  } catch (failure) {
    if (!(failure instanceof GatehouseError) || failure.check !== undefined || use === 'required') throw failure
    if (known.userinfo_endpoint !== undefined) record.check(fallback(failure))
    return { userinfo: undefined, failure }
  }
}

function fallback({ message }: GatehouseError): Check {
  return {
    name: 'userinfo',
    ok: true,
    expected: 'its claims (preferred)',
    got: `those of the ID token alone: ${message}`,
  }
}

interface UserinfoRequest {
  readonly url: string
  readonly accessToken: string
  readonly subject: string
}

async function fetchUserinfo(
  upstream: Upstream,
  known: IssuerMetadata,
  { url, accessToken, subject }: UserinfoRequest,
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

/** Some send OAuth errors with status 200. Real claims with an `error` have a `sub` too. */
function isOAuthErrorOnly(json: unknown): boolean {
  return isMembers(json) && presentMembers(json)['sub'] === undefined
}

const jwtForm = /^[\w-]+\.[\w-]+\.[\w-]*$/

async function claimsOf(
  upstream: Upstream,
  known: IssuerMetadata,
  { type, text, json }: { readonly type: string; readonly text: string; readonly json: unknown },
  record: Recorder,
): Promise<Claims> {
  // some send the JWT as a JSON string
  const token = (typeof json === 'string' ? json : text).trim()
  refuseEncrypted(token, 'the userinfo response', 'userinfo_encrypted_response_alg')
  if (jwtForm.test(token)) return signedUserinfo(upstream, known, token, record)
  if (isMembers(json)) return presentMembers(json)
  const what = json === undefined ? `neither JSON nor a signed JWT (content type ${wordOf(type)})` : 'no JSON object'
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
  const latest = context.now().getTime() / 1000 - clockToleranceSeconds
  assertChecks(
    [
      {
        name: 'alg of userinfo',
        ok: algorithms.includes(String(header['alg'])),
        expected: algorithms.join(' or '),
        got: wordOf(header['alg']),
      },
    ],
    record,
    'userinfo',
  )
  const { keyId } = await record.step('signature of userinfo', () => keys.verify(token, algorithms))
  assertChecks(
    [
      {
        name: 'signature of userinfo',
        ok: true,
        expected: 'made by a key the issuer publishes',
        got: `key ${wordOf(keyId)}`,
      },
      ...(iss === undefined
        ? []
        : [{ name: 'iss of userinfo', ok: iss === config.issuer, expected: config.issuer, got: wordOf(iss) }]),
      ...(aud === undefined
        ? []
        : [
            {
              name: 'aud of userinfo',
              ok: [aud].flat().includes(config.clientId),
              expected: config.clientId,
              got: [aud].flat().slice(0, 10).map(wordOf).join(', '),
            },
          ]),
      ...(exp === undefined
        ? []
        : [
            {
              name: 'exp of userinfo',
              ok: typeof exp === 'number' && exp > latest,
              expected: 'in the future',
              got: momentOf(exp),
            },
          ]),
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
  const said =
    typeof got === 'number'
      ? `the number ${got}`
      : got === undefined
        ? 'none (userinfo: never leaves userinfo out)'
        : 'another value'
  const hint =
    typeof got === 'number' && !config.integerSubjects ? ' (the setting integerSubjects accepts integers)' : ''
  return { name: 'sub of userinfo', ok, expected, got: ok ? expected : `${said}${hint}` }
}
