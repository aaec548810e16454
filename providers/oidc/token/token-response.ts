/**
 * What a token endpoint gave (RFC 6749 5.1, Core 3.1.3.3), for every engine. Read are the ID token and a bearer access token;
 * `scope`, `expires_in`, `refresh_token` and whatever else comes along never fail a login.
 */
import { GatehouseError } from '../../../src/errors.ts'
import { isMembers } from '../endpoint/optional.ts'
import { type EndpointAnswer, refusal } from '../endpoint/response.ts'

export interface TokenAnswer {
  /** Undefined when there is none, or none that is a bearer token (RFC 6749 7.1). */
  readonly accessToken: string | undefined
  readonly idToken: string | undefined
  /** As it came. */
  readonly members: Readonly<Record<string, unknown>>
}

/** Throws `upstream_refused` for an error with status 200, `upstream_invalid` for what is no JSON object. */
export function readTokenAnswer(answer: EndpointAnswer, endpoint = 'the token endpoint'): TokenAnswer {
  const { json: members } = answer
  if (!isMembers(members)) {
    const what = members === undefined ? 'it is not JSON' : 'it is no JSON object'
    throw new GatehouseError('upstream_invalid', `${endpoint} gave what cannot be accepted: ${what}`)
  }
  const [accessToken, idToken] = [members['access_token'], members['id_token']].map(tokenOf)
  if (answer.error !== undefined && idToken === undefined && accessToken === undefined) throw refusal(answer, endpoint)
  return { accessToken: isBearer(members['token_type']) ? accessToken : undefined, idToken, members }
}

function tokenOf(value: unknown): string | undefined {
  const token = typeof value === 'string' ? value.trim() : ''
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined
}

/** Some upstreams leave the type out, or write it as they like; a type of another name is another kind of token. */
function isBearer(type: unknown): boolean {
  return typeof type !== 'string' || type.trim() === '' || type.trim().toLowerCase() === 'bearer'
}
