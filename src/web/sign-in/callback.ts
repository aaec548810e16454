/** The callback URL: an upstream's answer ends a login. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { finishLogin } from '../../broker/login/finish-login.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import { stateOf, stateParameterOf } from '../../broker/login/transaction.ts'
import { loginParamsOf, readLoginParams, sourceOf, startHref } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { formOf, parametersOf, pathPart, queryOf } from '../../http/fields.ts'
import { redirect } from '../../http/respond.ts'
import { refusePage } from '../errors/failure.ts'
import { completeSignIn, redirectToDestination } from './complete-sign-in.ts'
import { currentSession } from './current-session.ts'
import { type FormPostRelayPorts, isCrossSite, relayFormPost, stripRelayMarker } from './form-post-relay.ts'
import { type LinkingPorts, redirectToLinking } from './linking.ts'
import { type LoginStartPorts, redirectToUpstream } from './login-start.ts'
import { browserOfCallback } from './pending-browser.ts'

export type CallbackPorts = FormPostRelayPorts & LinkingPorts & LoginStartPorts

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
  const connection = shell.parts.connections.get(pathPart(request, 'tenant'), pathPart(request, 'connection'))
  const posted = request.method === 'POST'
  const parameters = parametersOf(posted ? formOf(request) : queryOf(request))
  const stateParameter = stateParameterOf(connection.upstream)
  return {
    ...{ connection, parameters, stateParameter, state: stateOf(parameters, stateParameter) },
    // dashboards without a RelayState send an empty one
    isIdpInitiated:
      posted &&
      connection.upstream.traits?.acceptsIdpInitiated === true &&
      parameters.getAll(stateParameter).every((value) => value === ''),
    isCrossSite: isCrossSite(shell, request),
  }
}

export async function finishAtCallback(
  shell: CallbackPorts,
  request: Request,
  response: Response,
  { connection, parameters, stateParameter, state, ...callback }: Callback,
): Promise<void> {
  const place = { tenant: connection.tenant.id, connection: connection.settings.id }
  if (callback.isIdpInitiated)
    return redirect(response, startHref({ ...readLoginParams({}), tenant: place.tenant }, place.connection))
  // without a state of ours it answers no login, wherever it comes from
  if (callback.isCrossSite && state !== null) return relayFormPost(response, connection, parameters)

  const finished = await finishLogin(shell.parts, {
    ...place,
    parameters: stripRelayMarker(parameters),
    stateParameter,
    browser: await browserOfCallback(shell, request, response, state ?? ''),
    device: deviceOf(request.headers['user-agent']),
    source: sourceOf(request),
  })
  if (finished.outcome === 'signed in') return completeSignIn(shell, request, response, finished)
  if (finished.linkProof !== undefined) return redirectToLinking(shell, request, response, finished)
  await recoverLogin(shell, request, response, finished)
}

/**
 * Continues after the back button or a reload, restarts a login that was lost, or shows the
 * error.
 */
async function recoverLogin(
  shell: CallbackPorts,
  request: Request,
  response: Response,
  refused: Refused,
): Promise<void> {
  const { resume, error } = refused
  const session = error.code === 'login_used' ? await currentSession(shell, request) : null
  if (session !== null && resume !== undefined && session.tenant === resume.tenant)
    return redirectToDestination(shell, request, response, resume.returnTo)
  // not by a redirect to `/start`, which asks for a click when the request is from another site
  if (resume !== undefined && (await shouldRestart(refused)))
    return redirectToUpstream(shell, request, response, {
      params: { ...loginParamsOf(resume), tenant: resume.tenant },
      connection: resume.connection,
      prompt: resume.reauthentication && 'login',
    })
  refusePage(shell, request, response, refused)
}

/**
 * After a double click the first request may still run. A login unfinished after this was lost
 * with its process.
 */
const restartDelayMs = 1000

async function shouldRestart({ mayRestart }: Refused): Promise<boolean> {
  if (mayRestart === undefined) return false
  await sleep(restartDelayMs)
  return mayRestart()
}
