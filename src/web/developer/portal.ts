/** `/developer`: the list of apps and the form of a new one. */
import type { Request } from 'express'
import type { App } from '../../app/app.ts'
import { type AppFault, AppRefused } from '../../app/draft.ts'
import { identityScopeNames } from '../../app/scopes.ts'
import { ownApps } from '../../broker/apps/ownership.ts'
import { registerApp, registrableScopes } from '../../broker/apps/register-app.ts'
import { describeScopes } from '../../broker/apps/scope-descriptions.ts'
import type { Session } from '../../broker/session/session.ts'
import { errorTable } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { queryOf, textField } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import type { Call, PartsOf, WithParts } from '../shell.ts'
import { type CurrentSessionPorts, currentSession, requireSession } from '../sign-in/current-session.ts'
import { newAppPage } from './developer-app-form.tsx'
import { type AppFormValues, appForm, draftFrom } from './developer-form.ts'
import { appPath, developerPath, newAppPath } from './paths.ts'
import { developerPage } from './portal-page.tsx'

type PortalPorts = CurrentSessionPorts & PartsOf<typeof registerApp> & WithParts<'apis'>
type PortalCall = Call<PortalPorts>

/** Null after a redirect to the sign-in page, which returns to `path`. */
export async function requireSessionOrRedirect(call: Call<CurrentSessionPorts>, path: string): Promise<Session | null> {
  const session = await currentSession(call)
  if (session === null) redirect(call.response, withQuery('/login', { return_to: path }))
  return session
}

/** A service has no user, so it gets no identity scopes. */
export function scopeChoices({ parts }: WithParts<'apis'>, tenant: string, app?: App) {
  const offered = registrableScopes(parts, tenant, app).filter(
    (scope) => app?.kind !== 'service' || !identityScopeNames.includes(scope),
  )
  return describeScopes(offered, parts.apis).map(({ scope, sentence }) => ({
    value: scope,
    label: scope,
    hint: `“${sentence}”`,
  }))
}

export const readPortalNotice = (request: Request) =>
  textField(queryOf(request), 'notice', 32) === 'deleted' ? 'The app was deleted.' : undefined

export async function showDeveloper(call: PortalCall, notice: string | undefined): Promise<void> {
  const { parts } = call.shell
  const session = await requireSessionOrRedirect(call, developerPath)
  if (session === null) return
  const apps = await ownApps(parts, session)
  const tenant = parts.connections.tenant(session.tenant)
  sendPage(call.response, 200, developerPage({ tenant, apps, notice, signedIn: signedInOf(session) }))
}

export async function showNewApp(call: PortalCall): Promise<void> {
  const session = await requireSessionOrRedirect(call, newAppPath)
  if (session === null) return
  const empty = appForm.parse({ kind: 'web', pkce: 'required', scopes: ['openid', 'profile', 'email'] })
  sendNewApp(call, session, empty, [])
}

export async function submitNewApp(call: PortalCall, typed: AppFormValues): Promise<void> {
  const session = await requireSession(call)
  try {
    const app = await registerApp(call.shell.parts, session, draftFrom(typed))
    redirect(call.response, withQuery(appPath(app.id), { notice: 'registered' }))
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error
    sendNewApp(call, session, typed, error.faults)
  }
}

function sendNewApp(
  { shell, response }: PortalCall,
  session: Session,
  values: AppFormValues,
  faults: readonly AppFault[],
): void {
  const { tenant } = session
  const html = newAppPage({
    values,
    faults,
    scopes: scopeChoices(shell, tenant),
    signedIn: signedInOf(session),
    supportUrl: shell.tenants.get(tenant)?.supportUrl,
  })
  sendPage(response, faults.length === 0 ? 200 : errorTable.app_invalid.status, html)
}
