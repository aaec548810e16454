/** `/api/v1/app`: for the servers of apps, which prove themselves with a secret or a key (app-caller.ts). */
import type { Request, Response } from 'express'
import { claimsOfScopes } from '../../app/scopes.ts'
import { sessionVisibleToApp, userVisibleToApp } from '../../broker/apps/visible-users.ts'
import { profileIn, viewOf } from '../../broker/session/permissions.ts'
import { GatehouseError } from '../../errors.ts'
import { formOf, pathPart, requiredText } from '../../http/fields.ts'
import { isoTime } from '../../http/iso-time.ts'
import { sessionCheckPartsOf } from '../../http/session-check-parts.ts'
import { profileView } from '../../http/views.ts'
import type { Shell } from '../shell.ts'
import { callingApp } from './app-caller.ts'
import { appView } from './app-views.ts'
import { sendJson } from './sessions.ts'

/** `GET /api/v1/app`: the app that asks. */
export async function showCallingApp(shell: Shell, request: Request, response: Response): Promise<void> {
  sendJson(response, 200, appView(await callingApp(shell, request), shell.publicUrl))
}

/**
 * `POST /api/v1/app/tokens/check` {token}, a session token: whether it is live, and who it is, as far as they agreed to show this app.
 * Access tokens are checked at `/oauth2/introspect`.
 */
export async function checkToken(shell: Shell, request: Request, response: Response): Promise<void> {
  const app = await callingApp(shell, request)
  const token = requiredText(formOf(request), 'token', 512)
  const found = await sessionVisibleToApp(shell.parts, sessionCheckPartsOf(shell), app, token)
  if (found === null) return sendJson(response, 200, { active: false })
  const { session, scopes, endsAt } = found
  sendJson(response, 200, {
    active: true,
    tenant: session.tenant,
    user: { id: session.userId },
    claims: claimsFor(session.profile, scopes),
    scopes,
    authenticatedAt: isoTime(session.authenticatedAt),
    expiresAt: isoTime(endsAt),
  })
}

/** `GET /api/v1/app/users/{id}`: what the user agreed to show this app, as stored now. */
export async function showAppUser(shell: Shell, request: Request, response: Response): Promise<void> {
  const app = await callingApp(shell, request)
  const found = await userVisibleToApp(shell.parts, shell, app, pathPart(request, 'id'))
  if (found === null) throw new GatehouseError('user_unseen', 'no user of this id whom the app may see')
  const { user, scopes } = found
  sendJson(response, 200, {
    id: user.id,
    tenant: user.tenant,
    status: user.status,
    claims: claimsFor(profileIn(user, viewOf(shell.tenants.get(user.tenant), undefined, shell.parts.now())), scopes),
    scopes,
  })
}

function claimsFor(profile: Parameters<typeof profileView>[0], scopes: readonly string[]): Record<string, unknown> {
  const allowed = claimsOfScopes(scopes)
  return Object.fromEntries(Object.entries(profileView(profile)).filter(([name]) => allowed.has(name)))
}
