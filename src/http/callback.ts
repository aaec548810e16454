/** An upstream's answer comes back: the end of a login. */
import type { Request, Response } from 'express'
import { finishLogin } from '../broker/login.ts'
import { browserOf } from './browser.ts'
import { deviceOf } from './device.ts'
import { refusePage } from './failure.ts'
import { formOf, parametersOf, pathPart, queryOf } from './fields.ts'
import { browserSignIn, leave, welcome } from './leave.ts'
import { askForProof } from './linking.ts'
import type { Shell } from './shell.ts'

export async function finishAtCallback(shell: Shell, request: Request, response: Response): Promise<void> {
  const parameters = parametersOf(request.method === 'POST' ? formOf(request) : queryOf(request))
  const finished = await finishLogin(shell.parts, {
    tenant: pathPart(request, 'tenant'),
    connection: pathPart(request, 'connection'),
    parameters,
    browser: browserOf(shell, request, response, parameters.get('state') ?? ''),
    device: deviceOf(request.headers['user-agent']),
  })
  if (finished.outcome === 'signed in') return welcome(shell, request, response, finished)

  if (finished.proof !== undefined) return askForProof(shell, request, response, finished)

  // back button or reload: whoever is signed in already simply goes on
  const { resume, error } = finished
  const signedIn = error.code === 'login_used' ? await browserSignIn(shell, request) : null
  if (signedIn !== null && resume !== undefined && signedIn.session.tenant === resume.tenant)
    return leave(shell, request, response, resume, signedIn)
  refusePage(shell, request, response, finished)
}
