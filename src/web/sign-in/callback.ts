/** An upstream's answer comes back: the end of a login. */
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
import type { Shell } from '../shell.ts'
import { browserSignIn, completeSignIn, redirectToDestination } from './complete-sign-in.ts'
import { isCrossSite, relayFormPost, stripRelayMarker } from './form-post-relay.ts'
import { redirectToLinking } from './linking.ts'
import { redirectToUpstream } from './login-start.ts'
import { browserOfCallback } from './pending-browser.ts'

export async function finishAtCallback(shell: Shell, request: Request, response: Response): Promise<void> {
  const connection = shell.parts.connections.get(pathPart(request, 'tenant'), pathPart(request, 'connection'))
  const place = { tenant: connection.tenant.id, connection: connection.settings.id }
  const posted = request.method === 'POST'
  const parameters = parametersOf(posted ? formOf(request) : queryOf(request))
  if (posted && isIdpInitiated(connection, parameters))
    return redirect(response, startHref({ ...readLoginParams({}), tenant: place.tenant }, place.connection))
  const stateParameter = stateParameterOf(connection.upstream)
  const state = stateOf(parameters, stateParameter)
  // without a state of ours it is no answer to anything, wherever it comes from
  if (isCrossSite(shell, request) && state !== null) return relayFormPost(response, connection, parameters)

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

  // back button or reload: whoever is signed in already simply goes on
  const { resume, error } = finished
  const signedIn = error.code === 'login_used' ? await browserSignIn(shell, request) : null
  if (signedIn !== null && resume !== undefined && signedIn.session.tenant === resume.tenant)
    return redirectToDestination(shell, request, response, resume.returnTo)
  // not by a link to `/start`, which asks first when the request is from another site, as every answer is
  if (resume !== undefined && (await shouldRestart(finished)))
    return redirectToUpstream(shell, request, response, {
      params: { ...loginParamsOf(resume), tenant: resume.tenant },
      connection: resume.connection,
      prompt: resume.reauthentication && 'login',
    })
  refusePage(shell, request, response, finished)
}

/** A double click comes while the first answer is at work: only what is not finished by then was lost with its process. */
const restartDelayMs = 1000

async function shouldRestart({ mayRestart }: Refused): Promise<boolean> {
  if (mayRestart === undefined) return false
  await sleep(restartDelayMs)
  return mayRestart()
}

/** An empty RelayState is what dashboards send who have none. */
function isIdpInitiated({ upstream }: OpenConnection, parameters: URLSearchParams): boolean {
  return (
    upstream.traits?.acceptsIdpInitiated === true &&
    parameters.getAll(stateParameterOf(upstream)).every((value) => value === '')
  )
}
