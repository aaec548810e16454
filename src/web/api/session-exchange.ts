/**
 * `POST /api/v1/sessions/exchange`: redeems an authorization code of `/oauth2/auth`, or an
 * upstream's ID token from a native app's SDK, for a session and its token.
 */
import type { Request, Response } from 'express'
import { type App, canKeepSecret } from '../../app/app.ts'
import { enforceRefusalLimit, recordRefusal } from '../../broker/limits/refusal-limits.ts'
import { exchangeIdToken } from '../../broker/login/token-exchange.ts'
import { redeemForSession } from '../../broker/session/session-exchange.ts'
import { errorTable, GatehouseError } from '../../errors.ts'
import { sourceOf } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { type Fields, formOf, requiredText, textField } from '../../http/fields.ts'
import { asGatehouseError } from '../../http/problem.ts'
import { sessionView } from '../../http/views.ts'
import { refuseProblem } from '../errors/failure.ts'
import type { Shell } from '../shell.ts'
import { callingApp } from './app-caller.ts'
import { setAppCorsOrigin, setCorsOrigin } from './cross-origin.ts'
import { sendJson } from './sessions.ts'

export async function exchangeForSession(shell: Shell, request: Request, response: Response): Promise<void> {
  const body = formOf(request)
  const idToken = textField(body, 'idToken', 16_384)
  if (idToken !== undefined) return exchangeUpstreamToken(shell, request, response, idToken)
  await exchangeCode(shell, request, response)
}

/** Each value by its name here, and by that of the token endpoint, which OAuth libraries send. */
const names = {
  app: ['app', 'clientId', 'client_id'],
  secret: ['clientSecret', 'client_secret'],
  assertion: ['clientAssertion', 'client_assertion'],
  code: ['code'],
  redirectUri: ['redirectUri', 'redirect_uri'],
  codeVerifier: ['codeVerifier', 'code_verifier'],
  nonce: ['nonce'],
} as const

function oneOf(body: Fields, field: keyof typeof names, max = 2048): string | undefined {
  const [value, second] = names[field].map((name) => textField(body, name, max)).filter((each) => each !== undefined)
  if (second !== undefined) throw new GatehouseError('request_invalid', `${field} is given under several names`)
  return value === '' ? undefined : value
}

async function exchangeCode(shell: Shell, request: Request, response: Response): Promise<void> {
  response.vary('origin')
  const body = formOf(request)
  const code = oneOf(body, 'code', 256) ?? requiredText(body, 'code')
  const app = await authenticateApp(shell, request, response, body)
  const asks = async () => {
    const redemption = { app, code, redirectUri: oneOf(body, 'redirectUri') }
    const proof = { codeVerifier: oneOf(body, 'codeVerifier', 128), nonce: oneOf(body, 'nonce') }
    return redeemForSession(shell.parts, { ...redemption, ...proof })
  }
  const { token, session } = await (canKeepSecret(app) ? asks() : withRefusalLimit(shell, request, app.id, asks))
  sendJson(response, 201, { token, session: sessionView(session) })
}

/** Throws `caller_refused`. */
async function authenticateApp(shell: Shell, request: Request, response: Response, body: Fields): Promise<App> {
  const id = oneOf(body, 'app', 128)
  const credentials = {
    authorization: request.headers.authorization,
    secret: oneOf(body, 'secret', 512),
    assertion: oneOf(body, 'assertion', 8192),
  }
  const given = Object.entries(credentials).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw refused('credentials', 'one way to prove the app', given.map(([name]) => name).join(' and '))
  if (request.headers['dpop'] !== undefined)
    throw refused('DPoP', 'no proof, since a session token has no DPoP key', 'one')
  if (given.length > 0)
    return withRefusalLimit(shell, request, id, () => callingApp(shell, request, { id, ...credentials }))
  return withRefusalLimit(shell, request, id, () => authenticatePublicClient(shell, request, response, id))
}

async function authenticatePublicClient(
  shell: Shell,
  request: Request,
  response: Response,
  id: string | undefined,
): Promise<App> {
  const credentials = 'a client secret or a signed JWT; or app, for an app that keeps no secret'
  if (id === undefined) throw refused('credentials', credentials, 'none')
  const app = await shell.parts.appRegistry.find(id)
  if (app === null) throw refused('app', 'the id of an app', JSON.stringify(id))
  setAppCorsOrigin(request, response, app)
  if (canKeepSecret(app)) throw refused('credentials', 'a client secret or a signed JWT, which this app has', 'none')
  return app
}

/** Only refusals count, so a busy app is never held back (broker/limits/refusal-limits.ts). */
async function withRefusalLimit<T>(
  { parts }: Shell,
  request: Request,
  app: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (errorTable[asGatehouseError(error).code].status >= 500) throw error
    const isKnown = app !== undefined && (await parts.appRegistry.find(app)) !== null
    const scope = { what: 'token', source: sourceOf(request), ...(isKnown && { app }) } as const
    enforceRefusalLimit(parts, scope)
    await recordRefusal(parts, scope)
    throw error
  }
}

function refused(name: string, expected: string, got: string): GatehouseError {
  const check = { name, ok: false, expected, got }
  const text = `${name}: expected ${expected}, got ${got}.`
  return new GatehouseError('caller_refused', `the app did not prove itself by its ${name}`, { check, text })
}

async function exchangeUpstreamToken(
  shell: Shell,
  request: Request,
  response: Response,
  idToken: string,
): Promise<void> {
  const body = formOf(request)
  const tenant = textField(body, 'tenant', 64) ?? shell.defaultTenant
  setCorsOrigin(shell, request, response, tenant)
  const finished = await exchangeIdToken(shell.parts, {
    tenant: tenant ?? requiredText(body, 'tenant'),
    connection: requiredText(body, 'connection', 64),
    idToken,
    nonce: requiredText(body, 'nonce', 512),
    device: deviceOf(request.headers['user-agent']),
    source: sourceOf(request),
  })
  if (finished.outcome === 'refused') return refuseProblem(shell, request, response, finished)
  sendJson(response, 201, { token: finished.token, session: sessionView(finished.session) })
}
