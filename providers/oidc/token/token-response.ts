/** Reads token responses (RFC 6749 5.1, Core 3.1.3.3). Unneeded members never fail a login. */
import { GatehouseError } from '../../../src/errors.ts'
import { isMembers } from '../endpoint/optional.ts'
import { type EndpointAnswer, refusal } from '../endpoint/response.ts'

export interface TokenAnswer {
  /** Undefined if there is none, or it is no bearer token (RFC 6749 7.1). */
  readonly accessToken: string | undefined
  readonly idToken: string | undefined
  readonly members: Readonly<Record<string, unknown>>
}

/** Throws `upstream_refused` for errors with status 200, `upstream_invalid` if unreadable. */
export function readTokenAnswer(answer: EndpointAnswer, endpoint = 'the token endpoint'): TokenAnswer {
  const { json: members } = answer
  if (!isMembers(members)) {
    const what = members === undefined ? 'it is not JSON' : 'it is no JSON object'
    throw new GatehouseError('upstream_invalid', `${endpoint} sent an invalid response: ${what}`)
  }
  const [accessToken, idToken] = [members['access_token'], members['id_token']].map(tokenOf)
  if (answer.error !== undefined && idToken === undefined && accessToken === undefined) throw refusal(answer, endpoint)
  return { accessToken: isBearer(members['token_type']) ? accessToken : undefined, idToken, members }
}

function tokenOf(value: unknown): string | undefined {
  const token = typeof value === 'string' ? value.trim() : ''
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined
}

/** Some omit the type or change its case; another type is another kind of token. */
function isBearer(type: unknown): boolean {
  return typeof type !== 'string' || type.trim() === '' || type.trim().toLowerCase() === 'bearer'
}
