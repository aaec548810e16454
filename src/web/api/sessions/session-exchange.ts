/**
 * `POST /api/v1/sessions/exchange`: redeems an authorization code of `/oauth2/auth`, or an
 * upstream's ID token from a native app's SDK, for a session and its token.
 */
import type { z } from 'zod'
import { type App, canKeepSecret } from '../../../app/app.ts'
import { enforceRefusalLimit, recordRefusal } from '../../../broker/limits/refusal-limits.ts'
import { exchangeIdToken } from '../../../broker/login/token-exchange.ts'
import { redeemForSession } from '../../../broker/session/session-exchange.ts'
import { errorTable, GatehouseError } from '../../../errors.ts'
import { asGatehouseError } from '../../../http/problem.ts'
import type { Shell } from '../../shell.ts'
import { authenticateApp } from '../apps/authenticate-app.ts'
import { type ApiClient, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { exchangePath, setExchangeCors } from './cross-origin.ts'
import { newSessionView, requiredTenant, signedInAnswer } from './opened-session.ts'
import { openedOrRefused } from './second-factor.ts'

type CodeGrant = Extract<z.output<typeof schemas.Exchange>, { code: string }>

export const exchangeRoute = apiRoute('exchangeForSession', 'post', exchangePath, {
  caller: 'anyone',
  permission: 'none',
  summary: "Exchange an authorization code, or an upstream's ID token, for a session",
  description: [
    'An authorization code comes from `/oauth2/auth`. The app that it was issued to can redeem it once, within 60 seconds, here or at `/oauth2/token`; a second attempt at either revokes what the first one issued.',
    'Send the same `redirect_uri` and the `code_verifier` as at the token endpoint.',
    'A session token acts as the user, so the app must be `firstParty` in gatehouse.yaml.',
    'An app with a client secret or a key authenticates with it (`Authorization: Secret`, a signed JWT as Bearer, or Basic). An app without one sends its ID.',
    'An ID token of the upstream works once, within ten minutes of its issue. Its `aud` and `azp` must be among the `audiences` of the connection.',
    'Pages may call this without cookies (CORS): for codes, those at the redirect URIs of an app without a secret; for ID tokens, those at the `returnOrigins` of the tenant.',
  ].join(' '),
  body: {
    schema: schemas.Exchange,
    example: {
      app: 'shop',
      code: 'Zr1n…',
      redirectUri: 'https://shop.test/callback',
      codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    },
  },
  answer: signedInAnswer,
  errors: [
    ...(['app_authentication_failed', 'app_not_first_party', 'code_refused', 'code_reused'] as const),
    ...(['app_access_refused', 'id_token_refused', 'connection_unknown', 'user_unknown', 'user_blocked'] as const),
    ...(['link_refused', 'sso_required', 'too_many_attempts', 'upstream_unreachable', 'upstream_invalid'] as const),
  ],
  prepare: setExchangeCors,
  handler: async ({ shell, body, client, browser }) => {
    if ('code' in body) return newSessionView(await exchangeCode(shell, body, client))
    const tenant = requiredTenant(body.tenant ?? shell.defaultTenant)
    const { source, device } = client
    const finished = await exchangeIdToken(shell.parts, { ...body, tenant, source, device })
    const opened = await openedOrRefused({ shell, client, browser }, finished)
    if (opened.outcome === 'refused') return { refused: opened }
    await browser.opened(opened, {})
    return newSessionView(opened)
  },
})

async function exchangeCode(shell: Shell, body: CodeGrant, client: ApiClient) {
  const { app: id, code, redirectUri, codeVerifier, nonce } = body
  const app = await withRefusalLimit(shell, client, id, () => authenticate(shell, body, client))
  const redeem = () => redeemForSession(shell.parts, { app, code, redirectUri, codeVerifier, nonce })
  return canKeepSecret(app) ? redeem() : withRefusalLimit(shell, client, app.id, redeem)
}

/** Throws `app_authentication_failed`. */
async function authenticate(shell: Shell, body: CodeGrant, client: ApiClient): Promise<App> {
  const { app: id, clientSecret, clientAssertion } = body
  const credentials = { authorization: client.authorization, clientSecret, clientAssertion }
  const given = Object.entries(credentials).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw refused('credentials', 'one way to authenticate the app', given.map(([name]) => name).join(' and '))
  if (client.hasDpopProof) throw refused('DPoP', 'no proof, since a session token has no DPoP key', 'one')
  if (given.length > 0) return (await authenticateApp(shell, client, body)).app
  const expected = 'a client secret or a signed JWT; or app, for an app that keeps no secret'
  if (id === undefined) throw refused('credentials', expected, 'none')
  const app = await shell.parts.appRegistry.find(id)
  if (app === null) throw refused('app', 'the ID of an app', JSON.stringify(id))
  if (canKeepSecret(app)) throw refused('credentials', 'a client secret or a signed JWT, which this app has', 'none')
  return app
}

/** Limits refusals, so that a busy app is never limited (broker/limits/refusal-limits.ts). */
async function withRefusalLimit<T>(
  { parts }: Shell,
  { source }: ApiClient,
  app: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (errorTable[asGatehouseError(error).code].status >= 500) throw error
    const isKnown = app !== undefined && (await parts.appRegistry.find(app)) !== null
    const scope = { what: 'token', source, ...(isKnown && { app }) } as const
    enforceRefusalLimit(parts, scope)
    await recordRefusal(parts, scope)
    throw error
  }
}

function refused(name: string, expected: string, got: string): GatehouseError {
  const check = { name, ok: false, expected, got }
  const text = `${name}: expected ${expected}, got ${got}.`
  return new GatehouseError('app_authentication_failed', `the app failed to authenticate: ${name}`, { check, text })
}
