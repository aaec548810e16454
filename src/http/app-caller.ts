/** Which app a request comes from: `Authorization: Secret …`, or `Authorization: Bearer …` with a JWT the app signed. */
import type { Request } from 'express'
import type { App } from '../app.ts'
import { appByAssertion, appBySecret } from '../broker/app-caller.ts'
import { GatehouseError } from '../errors.ts'
import { errorForLog } from './problem.ts'
import type { Shell } from './shell.ts'

const form = /^(Secret|Bearer) +([\x21-\x7e]+)$/i

/** Throws `caller_refused`, naming the check that failed. */
export async function callingApp(shell: Shell, request: Request): Promise<App> {
  const [, scheme, proof] = form.exec(request.headers.authorization ?? '') ?? []
  if (scheme === undefined || proof === undefined)
    throw new GatehouseError('caller_refused', 'no proof of an app', {
      text: 'Prove which app you are: Authorization: Secret, then a client secret; or Authorization: Bearer, then a JWT signed by a key of the app.',
    })
  const onProblem = (sentence: string, cause: unknown) => shell.log.warn({ error: errorForLog(cause) }, sentence)
  const parts = { ...shell.parts, onProblem }
  if (scheme.toLowerCase() === 'secret') return appBySecret(parts, proof)
  return appByAssertion(parts, proof, new URL(request.path, shell.publicUrl))
}
