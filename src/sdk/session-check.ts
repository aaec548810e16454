/**
 * Checks a session or API token at `/api/v1/session`. It is sent on in the place where it came, so
 * that the tenant's settings decide whether it counts there.
 */
import { acceptsTenant, type CheckOptions, type VerifiedCaller } from './caller.ts'
import type { Problem, Session } from './responses.ts'
import {
  type ApiResponse,
  GatehouseRefusal,
  GatehouseUnreachable,
  member,
  sendRequest,
  textMember,
} from './send-request.ts'

/** Form of a session or API token. */
export const tokenForm = /^gth_[sa]_[0-9A-Za-z]{49}$/

export interface PresentedPlaces {
  /** A session or API token. */
  readonly bearer?: string | undefined
  /** A Cookie header. */
  readonly cookie?: string | undefined
  /** `token` of the query. It is sent in a header: URLs end up in logs. */
  readonly queryToken?: string | undefined
}

/**
 * Null for no live session. Throws `GatehouseUnreachable`, and `GatehouseRefusal` for two different
 * credentials (400) and for an API token whose scopes do not allow apps (403).
 */
export async function checkSession(
  options: CheckOptions,
  { bearer, cookie, queryToken }: PresentedPlaces,
): Promise<VerifiedCaller | null> {
  const answer = await sendRequest(options, {
    method: 'GET',
    path: '/api/v1/session',
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(cookie !== undefined && { cookie }),
      ...(queryToken !== undefined && { 'gatehouse-query-token': queryToken }),
    },
  })
  if (answer.status === 401) return null
  if ((answer.status === 400 || answer.status === 403) && textMember(answer.body, 'code') !== undefined)
    throw new GatehouseRefusal(answer.body as Problem)
  const session = answer.status === 200 ? readSession(answer.body) : undefined
  if (session === undefined) throw unexpectedResponse('the session check', answer)
  const { tenant, profile } = session
  if (!acceptsTenant(options, tenant)) return null
  return { caller: { kind: 'session', tenant, userId: session.user.id, profile, session }, jkt: undefined }
}

/** Undefined without the members that decide; the others are trusted. */
function readSession(body: unknown): Session | undefined {
  const needed = [textMember(body, 'id'), textMember(body, 'tenant'), textMember(body, 'user', 'id')]
  const complete = needed.every((text) => text !== undefined) && typeof member(body, 'profile') === 'object'
  return complete ? (body as Session) : undefined
}

export function unexpectedResponse(what: string, { status, body }: ApiResponse): GatehouseUnreachable {
  const code = textMember(body, 'code') ?? textMember(body, 'error') ?? 'no reason'
  return new GatehouseUnreachable(`${what} returned status ${status} (${code.slice(0, 64)})`)
}
