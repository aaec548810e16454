/** What the portal's pages share: their addresses, who is signed in, and the words of choices. */
import type { Request, Response } from 'express'
import type { App } from '../../app/app.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { registrableScopes } from '../../broker/apps/register-app.ts'
import { describeScopes } from '../../broker/apps/scope-descriptions.ts'
import type { Session } from '../../broker/session/session.ts'
import { withQuery } from '../../http/destination.ts'
import { redirect } from '../../http/respond.ts'
import type { WithParts } from '../shell.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { kindChoices } from './developer-app-form.tsx'

export type PortalPathsPorts = CurrentSessionPorts & WithParts<'apis'>

export const developerPath = '/developer'
export const appPath = (id: string) => `${developerPath}/apps/${encodeURIComponent(id)}`

/** Null after a redirect to the sign-in page, which returns to `path`. */
export async function requireSessionOrRedirect(
  shell: PortalPathsPorts,
  request: Request,
  response: Response,
  path: string,
): Promise<Session | null> {
  const session = await currentSession(shell, request)
  if (session !== null) return session
  redirect(response, withQuery('/login', { return_to: path }))
  return null
}

export function kindLabel({ kind }: Pick<App, 'kind'>): string {
  return kindChoices.find(({ value }) => value === kind)?.label ?? kind
}

/** A service has no user, so it gets no identity scopes. */
export function scopeChoices({ parts }: PortalPathsPorts, tenant: string, app?: App) {
  const offered = registrableScopes(parts, tenant, app).filter(
    (scope) => app?.kind !== 'service' || !identityScopeNames.includes(scope),
  )
  return describeScopes(offered, parts.apis).map(({ scope, sentence }) => ({
    value: scope,
    label: scope,
    hint: `“${sentence}”`,
  }))
}
