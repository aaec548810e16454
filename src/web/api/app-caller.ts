/** Authenticates an app: `Secret`, `Basic` (RFC 6749 2.3.1), or `Bearer` with a signed JWT. */
import type { Request } from 'express'
import type { App } from '../../app/app.ts'
import { appByAssertion, appBySecret } from '../../broker/apps/authenticate-app.ts'
import { GatehouseError } from '../../errors.ts'
import { errorForLog } from '../../http/problem.ts'
import type { Shell } from '../shell.ts'

const form = /^(Secret|Bearer|Basic) +([\x21-\x7e]+)$/i

export interface AppCredentials {
  /** The app that the request names besides, if it does. */
  readonly id?: string | undefined
  readonly authorization: string | undefined
  readonly secret?: string | undefined
  readonly assertion?: string | undefined
}

/** Throws `caller_refused`, naming the check that failed. */
export async function callingApp(
  shell: Shell,
  request: Request,
  given: AppCredentials = { authorization: request.headers.authorization },
): Promise<App> {
  const { id, secret, assertion } = parseAuthorization(given)
  const onProblem = (sentence: string, cause: unknown) => shell.log.warn({ error: errorForLog(cause) }, sentence)
  const parts = { ...shell.parts, onProblem }
  const endpoint = new URL(request.path, shell.publicUrl)
  const app =
    secret === undefined ? await appByAssertion(parts, assertion ?? '', endpoint) : await appBySecret(parts, secret)
  if (id === undefined || id === app.id) return app
  const [expected, got] = [JSON.stringify(app.id), JSON.stringify(id)]
  throw new GatehouseError('caller_refused', 'the request names another app than its credentials', {
    check: { name: 'app', ok: false, expected, got },
    text: `app: expected ${expected}, whose credentials these are, got ${got}.`,
  })
}

function parseAuthorization({
  id,
  authorization,
  secret,
  assertion,
}: AppCredentials): Omit<AppCredentials, 'authorization'> {
  if (secret !== undefined || assertion !== undefined) return { id, secret, assertion }
  const [, scheme = '', proof = ''] = form.exec(authorization ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'secret':
      return { id, secret: proof }
    case 'bearer':
      return { id, assertion: proof }
    case 'basic': {
      const [ofHeader, ofSecret] = parseBasic(proof)
      return { id: id ?? ofHeader, secret: ofSecret }
    }
    default:
      throw new GatehouseError('caller_refused', 'no proof of an app', {
        text: 'Prove which app you are: Authorization: Secret, then a client secret; or Authorization: Bearer, then a JWT signed by a key of the app.',
      })
  }
}

/** RFC 6749 2.3.1: id and secret are form-encoded, then joined by a colon. */
function parseBasic(encoded: string): readonly [string, string] {
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  const decoded = (text: string) => new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? ''
  return [decoded(id), decoded(secret)]
}
