/** `/developer`. Each form redirects with 303; a rejected one is shown again with its faults. */
import type { Request, Response } from 'express'
import { type AppFault, AppRefused } from '../../app/draft.ts'
import { ownApp, ownApps } from '../../broker/apps/ownership.ts'
import { changeApp, registerApp, removeApp } from '../../broker/apps/register-app.ts'
import type { Session } from '../../broker/session/session.ts'
import { errorTable } from '../../errors.ts'
import { withQuery } from '../../http/destination.ts'
import { pathPart, queryOf, textField } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import { requireSession } from '../sign-in/current-session.ts'
import { type DeveloperAppPorts, renderApp } from './developer-app.ts'
import { type AppFormValues, newAppPage } from './developer-app-form.tsx'
import { draftFrom } from './developer-form.ts'
import { developerPage } from './portal-page.tsx'
import { appPath, developerPath, kindLabel, requireSessionOrRedirect, scopeChoices } from './portal-paths.ts'

export type PortalPorts = DeveloperAppPorts

const newPath = `${developerPath}/apps/new`

export async function showDeveloper(shell: PortalPorts, request: Request, response: Response): Promise<void> {
  const session = await requireSessionOrRedirect(shell, request, response, developerPath)
  if (session === null) return
  const apps = await ownApps(shell.parts, session)
  const tenant = shell.parts.connections.tenant(session.tenant)
  const html = developerPage({
    tenant: { name: tenant.name },
    apps: apps.map((app) => ({ ...app, kind: kindLabel(app), href: appPath(app.id) })),
    newHref: newPath,
    notice: textField(queryOf(request), 'notice', 32) === 'deleted' ? 'The app was deleted.' : undefined,
    ...{ supportUrl: tenant.supportUrl, signedIn: signedInOf(session) },
  })
  sendPage(response, 200, html)
}

const emptyForm: AppFormValues = {
  ...{
    name: '',
    kind: 'web',
    logoUri: '',
    removeLogo: false,
    redirectUris: '',
    postLogoutRedirectUris: '',
    backchannelLogoutUri: '',
  },
  ...{ pkce: 'required', scopes: ['openid', 'profile', 'email'] },
}

export async function showNewApp(shell: PortalPorts, request: Request, response: Response): Promise<void> {
  const session = await requireSessionOrRedirect(shell, request, response, newPath)
  if (session === null) return
  await ownApps(shell.parts, session) // who may register none need not fill in a form
  sendNewApp(shell, response, session, emptyForm, [])
}

export async function submitNewApp(
  shell: PortalPorts,
  request: Request,
  response: Response,
  typed: AppFormValues,
): Promise<void> {
  const session = await requireSession(shell, request)
  try {
    const app = await registerApp(shell.parts, session, draftFrom(typed))
    redirect(response, withQuery(appPath(app.id), { notice: 'registered' }))
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error
    sendNewApp(shell, response, session, typed, error.faults)
  }
}

function sendNewApp(
  shell: PortalPorts,
  response: Response,
  session: Session,
  values: AppFormValues,
  faults: readonly AppFault[],
): void {
  const html = newAppPage({
    ...{ values, faults, scopes: scopeChoices(shell, session.tenant), backHref: developerPath },
    form: { action: newPath, hidden: {} },
    ...{ supportUrl: shell.tenants.get(session.tenant)?.supportUrl, signedIn: signedInOf(session) },
  })
  sendPage(response, faults.length === 0 ? 200 : errorTable.app_invalid.status, html)
}

export async function saveApp(
  shell: PortalPorts,
  request: Request,
  response: Response,
  typed: AppFormValues,
): Promise<void> {
  const session = await requireSession(shell, request)
  const id = pathPart(request, 'id')
  try {
    await changeApp(shell.parts, session, id, (app) => draftFrom({ ...typed, kind: app.kind }, app))
    redirect(response, withQuery(appPath(id), { notice: 'saved' }))
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error
    await renderApp(shell, response, session, await ownApp(shell.parts, session, id), {
      values: typed,
      faults: error.faults,
    })
  }
}

export async function submitDeleteApp(
  shell: PortalPorts,
  request: Request,
  response: Response,
  { confirm }: { readonly confirm: string },
): Promise<void> {
  const session = await requireSession(shell, request)
  const app = await ownApp(shell.parts, session, pathPart(request, 'id'))
  if (confirm.trim() !== app.name)
    return renderApp(shell, response, session, app, {
      faults: [{ field: 'confirm', message: "This isn't the name of the app." }],
    })
  await removeApp(shell.parts, session, app.id)
  redirect(response, withQuery(developerPath, { notice: 'deleted' }))
}
