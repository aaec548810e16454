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
import { type OpenAccountPorts, viewerOf } from '../account/open-account.ts'
import type { Call, PartsOf, WithParts } from '../shell.ts'
import { type CurrentSessionPorts, currentSession, requireSession } from '../sign-in/current-session.ts'
import { newAppPage } from './developer-app-form.tsx'
import { type AppFormValues, appForm, draftFrom } from './developer-form.ts'
import { listedApps } from './listed-apps.ts'
import { appPath, developerPath, newAppPath } from './paths.ts'
import { developerPage } from './portal-page.tsx'

type PortalPorts = OpenAccountPorts &
  PartsOf<typeof registerApp> &
  PartsOf<typeof listedApps> &
  WithParts<'apis' | 'apps'>
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

export function readPortalQuery(request: Request) {
  const query = queryOf(request)
  return {
    search: textField(query, 'q', 200)?.trim(),
    notice: textField(query, 'notice', 32) === 'deleted' ? 'The app was deleted.' : undefined,
  }
}

export async function showDeveloper(call: PortalCall, query: ReturnType<typeof readPortalQuery>): Promise<void> {
  const { parts } = call.shell
  const session = await requireSessionOrRedirect(call, developerPath)
  if (session === null) return
  const [own, viewer] = await Promise.all([ownApps(parts, session), viewerOf(call.shell, session)])
  const apps = await listedApps(parts, own)
  sendPage(call.response, 200, developerPage({ ...query, viewer, apps, now: parts.now() }))
}

export async function showNewApp(call: PortalCall): Promise<void> {
  const session = await requireSessionOrRedirect(call, newAppPath)
  if (session === null) return
  const empty = appForm.parse({ kind: 'web', pkce: 'required', scopes: ['openid', 'profile', 'email'] })
  await sendNewApp(call, session, empty, [])
}

export async function submitNewApp(call: PortalCall, typed: AppFormValues): Promise<void> {
  const session = await requireSession(call)
  try {
    const app = await registerApp(call.shell.parts, session, draftFrom(typed))
    redirect(call.response, withQuery(appPath(app.id), { notice: 'registered' }))
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error
    await sendNewApp(call, session, typed, error.faults)
  }
}

async function sendNewApp(
  { shell, response }: PortalCall,
  session: Session,
  values: AppFormValues,
  faults: readonly AppFault[],
): Promise<void> {
  const scopes = newAppScopes(shell, session.tenant)
  const html = newAppPage({ values, faults, scopes, viewer: await viewerOf(shell, session) })
  sendPage(response, faults.length === 0 ? 200 : errorTable.app_invalid.status, html)
}

/** The form hides identity scopes for a service, which has no user. */
function newAppScopes(shell: WithParts<'apis'>, tenant: string) {
  return scopeChoices(shell, tenant).map((choice) =>
    identityScopeNames.includes(choice.value) ? { ...choice, class: 'for-users' } : choice,
  )
}
