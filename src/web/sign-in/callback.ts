/** The callback URL: an upstream's answer ends a login. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { finishLogin, restartDelayMs } from '../../broker/login/finish-login.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import { stateOf, stateParameterOf } from '../../broker/login/transaction.ts'
import { GatehouseError } from '../../errors.ts'
import { loginParamsOf, readLoginParams, sourceOf, startHref } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { fieldsOf, parametersOf, placeOf } from '../../http/fields.ts'
import { allowFormTarget, redirect, sendPage } from '../../http/respond.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { submittedFormPage } from '../../pages/message-page.tsx'
import { redirectCanceled, refusePage } from '../errors/failure.ts'
import type { Call, PartsOf } from '../shell.ts'
import { redirectToDestination } from './complete-sign-in.ts'
import { currentSession } from './current-session.ts'
import { type LinkingPorts, redirectToLinking } from './linking.ts'
import { type LoginStartPorts, redirectToUpstream } from './login-start.ts'
import { browserOfCallback } from './pending-browser.ts'
import { finishSignIn } from './second-factor/finish-sign-in.ts'

export type CallbackPorts = LinkingPorts & LoginStartPorts & PartsOf<typeof finishLogin>

interface Callback {
  readonly connection: OpenConnection
  readonly parameters: URLSearchParams
  readonly stateParameter: string
  readonly state: string | null
  readonly isIdpInitiated: boolean
  /** A form of another site: it came without our cookies. */
  readonly isCrossSite: boolean
}

export function readCallback(request: Request, shell: CallbackPorts): Callback {
  const { tenant, connection: id } = placeOf(request)
  const connection = shell.parts.connections.get(tenant, id)
  const posted = request.method === 'POST'
  const parameters = parametersOf(fieldsOf(request))
  const stateParameter = stateParameterOf(connection.upstream)
  return {
    connection,
    parameters,
    stateParameter,
    state: stateOf(parameters, stateParameter),
    // dashboards without a RelayState send an empty one
    isIdpInitiated:
      posted &&
      connection.upstream.traits?.acceptsIdpInitiated === true &&
      parameters.getAll(stateParameter).every((value) => value === ''),
    isCrossSite: posted && !isSameOrigin(request.headers, shell.publicUrl),
  }
}

export async function finishAtCallback(call: Call<CallbackPorts>, callback: Callback): Promise<void> {
  const { shell, request, response } = call
  const { connection, parameters, stateParameter, state } = callback
  const place = { tenant: connection.tenant.id, connection: connection.settings.id }
  if (callback.isIdpInitiated)
    return redirect(response, startHref({ ...readLoginParams({}), tenant: place.tenant }, place.connection))
  // a form post without a state of ours belongs to no login, so it is not relayed
  if (callback.isCrossSite && state !== null) return relayFormPost(response, connection, parameters)

  const finished = await finishLogin(shell.parts, {
    ...place,
    parameters: stripRelayMarker(parameters),
    stateParameter,
    browser: await browserOfCallback(call, state ?? ''),
    device: deviceOf(request.headers['user-agent']),
    source: sourceOf(request),
  })
  if (finished.outcome === 'linked') return redirectToDestination(call, finished.resume.returnTo)
  if (finished.outcome !== 'refused') return finishSignIn(call, finished)
  if (finished.linkProof !== undefined) return redirectToLinking(call, finished)
  await recoverLogin(call, finished)
}

/** Continues after the back button or a reload, restarts a lost login, or shows the error. */
async function recoverLogin(call: Call<CallbackPorts>, refused: Refused): Promise<void> {
  const { resume, error } = refused
  const session = error.code === 'login_used' ? await currentSession(call) : null
  if (session !== null && resume !== undefined && session.tenant === resume.tenant)
    return redirectToDestination(call, resume.returnTo)
  // not by a redirect to `/start`, which asks for a click when the request is from another site
  if (resume !== undefined && (await shouldRestart(refused)))
    return redirectToUpstream(call, {
      params: { ...loginParamsOf(resume), tenant: resume.tenant },
      connection: resume.connection,
      prompt: resume.reauthentication && 'login',
    })
  // with a text of its own, the upstream said more than that
  if (resume !== undefined && error.code === 'user_denied' && error.text === undefined)
    return redirectCanceled(call, refused, resume)
  refusePage(call, refused)
}

async function shouldRestart({ mayRestart }: Refused): Promise<boolean> {
  if (mayRestart === undefined) return false
  await sleep(restartDelayMs)
  return mayRestart()
}

/** The fields of OAuth 2, OpenID Connect, Apple and SAML responses (bindings 3.5). */
const answerFields: ReadonlySet<string> = new Set([
  'state',
  'code',
  'id_token',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'session_state',
  'scope',
  'user',
  'SAMLResponse',
  'RelayState',
])
const maxFields = 8

/** Marks a relayed form, so that a browser that sends no origin does not relay it forever. */
const relayMarker = 'gatehouse_relayed'
/** Marker in forms of pages that an earlier release sent. */
const formerRelayMarker = 'gatehouse_reposted'

/**
 * Cross-site form posts (Apple's form_post, SAML's HTTP-POST) come without our SameSite=Lax
 * cookies: a page of ours posts the same fields again, from our own origin (SE-04). Throws
 * `origin_refused` when relayed before, `request_invalid` for too many fields.
 */
function relayFormPost(response: Response, connection: OpenConnection, parameters: URLSearchParams): void {
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

function stripRelayMarker(parameters: URLSearchParams): URLSearchParams {
  parameters.delete(relayMarker)
  parameters.delete(formerRelayMarker)
  return parameters
}
