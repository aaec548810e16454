/**
 * CORS of `/api/v1/sessions/exchange`, without cookies: for codes, pages at an app's redirect URIs;
 * for an upstream's ID token, pages at the tenant's `returnOrigins`.
 */
import type { Request } from 'express'
import { type App, canKeepSecret } from '../../../app/app.ts'
import { pageOrigins } from '../../../app/redirect-uri.ts'
import { formOf } from '../../../http/fields.ts'
import type { Call, Shell } from '../../shell.ts'

export const exchangePath = '/api/v1/sessions/exchange'

/** The maximum in Chromium. */
const preflightSeconds = 7200

/** A preflight names neither app nor tenant, so it allows the origins of all of them. */
export async function answerPreflight({ shell, request, response }: Call): Promise<void> {
  const { tenants, parts } = shell
  const { origin } = request.headers
  response.vary('origin')
  const isAllowed = (origins: readonly string[]) => origin !== undefined && origins.includes(origin)
  const apps = [...parts.appRegistry.declared.values()]
  if (
    apps.some((app) => isAllowed(codeExchangeOrigins(app))) ||
    [...tenants.values()].some(({ returnOrigins }) => isAllowed(returnOrigins))
  )
    response.set({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': String(preflightSeconds),
    })
  response.status(204).end()
}

/** Origins whose pages may redeem a code: those of a first-party app without a secret. */
function codeExchangeOrigins(app: App): readonly string[] {
  return !app.firstParty || canKeepSecret(app) ? [] : pageOrigins(app)
}

/** Set before the request is validated, so that the calling page can read errors too. */
export async function setExchangeCors({ shell, request, response }: Call): Promise<void> {
  const { origin } = request.headers
  response.vary('origin')
  if (origin === undefined || !(await exchangeOrigins(shell, request)).includes(origin)) return
  response.set({ 'access-control-allow-origin': origin, 'access-control-expose-headers': 'retry-after, x-request-id' })
}

async function exchangeOrigins({ tenants, defaultTenant, parts }: Shell, request: Request): Promise<readonly string[]> {
  const body = formOf(request)
  if (body['idToken'] !== undefined) {
    const tenant = body['tenant'] ?? defaultTenant
    return (typeof tenant === 'string' ? tenants.get(tenant)?.returnOrigins : undefined) ?? []
  }
  const id = body['app'] ?? body['clientId'] ?? body['client_id']
  const app = typeof id === 'string' && id.length <= 128 ? await parts.appRegistry.find(id) : null
  return app === null ? [] : codeExchangeOrigins(app)
}
