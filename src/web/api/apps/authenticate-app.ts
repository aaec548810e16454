/** Authenticates an app: `Secret`, `Basic` (RFC 6749 2.3.1), or `Bearer` with a signed JWT. */
import { appByAssertion, appBySecret } from '../../../broker/apps/authenticate-app.ts'
import type { CallingApp } from '../../../broker/apps/ownership.ts'
import { GatehouseError } from '../../../errors.ts'
import { errorForLog } from '../../../http/problem.ts'
import type { Shell } from '../../shell.ts'
import type { ApiClient } from '../route.ts'

const authorizationForm = /^(Secret|Bearer|Basic) +([\x21-\x7e]+)$/i

export interface Credentials {
  /** Id of the app that the request names, which must be the one of the credentials. */
  readonly app?: string | undefined
  readonly clientSecret?: string | undefined
  readonly clientAssertion?: string | undefined
}

/** Throws `app_authentication_failed`, naming the check that failed. */
export async function authenticateApp(shell: Shell, client: ApiClient, body: Credentials = {}): Promise<CallingApp> {
  const { app: id, clientSecret, clientAssertion = '' } = readCredentials(client.authorization, body)
  const onProblem = (sentence: string, cause: unknown) => shell.log.warn({ error: errorForLog(cause) }, sentence)
  const parts = { ...shell.parts, onProblem }
  const calling =
    clientSecret === undefined
      ? await appByAssertion(parts, clientAssertion, client.endpoint)
      : await appBySecret(parts, clientSecret)
  if (id === undefined || id === calling.app.id) return calling
  const [expected, got] = [JSON.stringify(calling.app.id), JSON.stringify(id)]
  throw new GatehouseError('app_authentication_failed', 'the request names another app than its credentials', {
    check: { name: 'app', ok: false, expected, got },
    text: `app: expected ${expected}, whose credentials these are, got ${got}.`,
  })
}

/** Credentials in the body replace those of the Authorization header. */
function readCredentials(authorization: string | undefined, body: Credentials): Credentials {
  if (body.clientSecret !== undefined || body.clientAssertion !== undefined) return body
  const [, scheme = '', proof = ''] = authorizationForm.exec(authorization ?? '') ?? []
  switch (scheme.toLowerCase()) {
    case 'secret':
      return { ...body, clientSecret: proof }
    case 'bearer':
      return { ...body, clientAssertion: proof }
    case 'basic': {
      const [app, clientSecret] = parseBasic(proof)
      return { app: body.app ?? app, clientSecret }
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
