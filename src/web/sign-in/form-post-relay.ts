/**
 * Cross-site form posts (Apple's form_post, SAML's HTTP-POST) come without our SameSite=Lax
 * cookies. A page of ours posts the same fields again, from our own origin (SE-04).
 */
import type { Request, Response } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { stateParameterOf } from '../../broker/login/transaction.ts'
import { GatehouseError } from '../../errors.ts'
import { allowFormTarget, sendPage } from '../../http/respond.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { submittedFormPage } from '../../pages/message-page.tsx'
import type { Shell } from '../shell.ts'

export type FormPostRelayPorts = Pick<Shell, 'publicUrl'>

/** The fields of OAuth 2, OpenID Connect, Apple and SAML responses (bindings 3.5). */
const answerFields: ReadonlySet<string> = new Set([
  ...['state', 'code', 'id_token', 'iss', 'error', 'error_description', 'error_uri', 'session_state', 'scope', 'user'],
  ...['SAMLResponse', 'RelayState'],
])
const maxFields = 8

/** Marks a relayed form, so that a browser that sends no origin does not relay it forever. */
const relayMarker = 'gatehouse_relayed'
/** In forms of pages that an earlier release sent. */
const formerRelayMarker = 'gatehouse_reposted'

export function isCrossSite(shell: FormPostRelayPorts, request: Request): boolean {
  return request.method === 'POST' && !isSameOrigin(request.headers, shell.publicUrl)
}

/** Throws `origin_refused` when relayed before, `request_invalid` for too many fields. */
export function relayFormPost(response: Response, connection: OpenConnection, parameters: URLSearchParams): void {
  if (parameters.has(relayMarker) || parameters.has(formerRelayMarker))
    throw new GatehouseError('origin_refused', 'an answer passed on by our page came without proof of its origin')
  const own = stateParameterOf(connection.upstream)
  const fields = [...parameters].filter(([name]) => answerFields.has(name) || (name === own && name.length <= 64))
  if (fields.length > maxFields)
    throw new GatehouseError('request_invalid', `an answer of more than ${maxFields} fields`)
  // always this very address, whatever was asked
  const action = `/t/${encodeURIComponent(connection.tenant.id)}/${encodeURIComponent(connection.settings.id)}/callback`
  allowFormTarget(response, "'self'")
  // else browsers say `Origin: null`, and those without Sec-Fetch-Site could prove nothing
  response.set('referrer-policy', 'same-origin')
  const page = submittedFormPage({ title: 'Signing you in', action, fields: [...fields, [relayMarker, '1']] })
  sendPage(response, 200, page)
}

/** The answer without our mark. */
export function stripRelayMarker(parameters: URLSearchParams): URLSearchParams {
  parameters.delete(relayMarker)
  parameters.delete(formerRelayMarker)
  return parameters
}
