/** Authenticates an app: `Secret`, `Basic` (RFC 6749 2.3.1), or `Bearer` with a signed JWT. */
import type { App } from '../../app/app.ts'
import { appByAssertion, appBySecret } from '../../broker/apps/authenticate-app.ts'
import { GatehouseError } from '../../errors.ts'
import { errorForLog } from '../../http/problem.ts'
import type { Shell } from '../shell.ts'
import type { ApiClient } from './route.ts'

const authorizationForm = /^(Secret|Bearer|Basic) +([\x21-\x7e]+)$/i

/** Credentials in the body, in place of the Authorization header. */
export interface BodyCredentials {
  /** The app that the request names, which must be the one of the credentials. */
  readonly app?: string | undefined
  readonly clientSecret?: string | undefined
  readonly clientAssertion?: string | undefined
}

/** Throws `app_authentication_failed`, naming the check that failed. */
export async function authenticateApp(shell: Shell, client: ApiClient, body: BodyCredentials = {}): Promise<App> {
  const { id, secret, assertion } = readCredentials(client.authorization, body)
  const onProblem = (sentence: string, cause: unknown) => shell.log.warn({ error: errorForLog(cause) }, sentence)
  const parts = { ...shell.parts, onProblem }
  const app =
    secret === undefined
      ? await appByAssertion(parts, assertion ?? '', client.endpoint)
      : await appBySecret(parts, secret)
  if (id === undefined || id === app.id) return app
  const [expected, got] = [JSON.stringify(app.id), JSON.stringify(id)]
  throw new GatehouseError('app_authentication_failed', 'the request names another app than its credentials', {
    check: { name: 'app', ok: false, expected, got },
    text: `app: expected ${expected}, whose credentials these are, got ${got}.`,
  })
}

interface Credentials {
  readonly id?: string | undefined
  readonly secret?: string | undefined
  readonly assertion?: string | undefined
}

function readCredentials(authorization: string | undefined, body: BodyCredentials): Credentials {
  const { app: id, clientSecret: secret, clientAssertion: assertion } = body
  if (secret !== undefined || assertion !== undefined) return { id, secret, assertion }
  const [, scheme = '', proof = ''] = authorizationForm.exec(authorization ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'secret':
      return { id, secret: proof }
    case 'bearer':
      return { id, assertion: proof }
    case 'basic': {
      const [basicId, basicSecret] = parseBasic(proof)
      return { id: id ?? basicId, secret: basicSecret }
    }
    default:
      throw new GatehouseError('app_authentication_failed', 'no credentials of an app', {
        text: 'Authenticate your app. Send Authorization: Secret with a client secret, or Authorization: Bearer with a JWT signed by a key of the app.',
      })
  }
}

/** RFC 6749 2.3.1: id and secret are form-encoded, then joined by a colon. */
function parseBasic(encoded: string): readonly [string, string] {
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  const decoded = (text: string) => new URLSearchParams(`v=${text.replaceAll('&', '%26')}`).get('v') ?? ''
  return [decoded(id), decoded(secret)]
}
