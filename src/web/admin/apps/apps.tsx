/** Lists apps, shows one, and disables and enables it. */
import type { Request } from 'express'
import { setAppDisabledBy } from '../../../broker/access/change-app-state.ts'
import { targetApp } from '../../../broker/access/target.ts'
import { GatehouseError } from '../../../errors.ts'
import { pathPart, queryOf, textField } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import { type AdminCall, listedTenantOfRecords } from '../administrator.ts'
import { renderConfirmPage } from '../confirm-page.tsx'
import { appPage } from './app-page.tsx'
import { listedApp, readAppRecord } from './app-record.ts'
import { type AppsQuery, appsPage } from './apps-page.tsx'
import { appHref } from './paths.ts'
import { searchApps } from './search-apps.ts'

const appsPerPage = 50

export function readAppsQuery(request: Request): AppsQuery {
  const query = queryOf(request)
  const text = (name: string, max = 256) => textField(query, name, max)?.trim() || undefined
  return { tenant: text('tenant', 64), name: text('name'), owner: text('owner'), cursor: text('cursor', 128) }
}

export async function showApps(call: AdminCall, query: AppsQuery): Promise<void> {
  const { shell, by, response } = call
  const tenant = await listedTenantOfRecords(shell, by, query.tenant)
  const named = query.name === undefined ? null : await appOfId(call, query.name)
  if (named !== null) return redirect(response, appHref(named))
  const { apps, next } = await searchApps(shell.parts, by, { ...query, tenant, limit: appsPerPage })
  const listed = await Promise.all(apps.map((app) => listedApp(shell, app)))
  sendPage(response, 200, appsPage({ by, tenant, query, apps: listed, next }))
}

/**
 * Null for an app out of reach: as long as it is only searched for, its id is no more than a text.
 */
async function appOfId({ shell: { parts }, by }: AdminCall, id: string): Promise<string | null> {
  if (id.length > 128) return null
  const isOperator = by.roles.includes('operator')
  const app = (isOperator ? parts.appRegistry.declared.get(id) : undefined) ?? (await parts.apps.find(id))
  return app !== null && (isOperator || app.owner?.tenant === by.session.tenant) ? app.id : null
}

const notices = { disabled: 'The app is disabled.', enabled: 'The app is enabled again.' } as const

export function readAppQuery(request: Request) {
  const word = textField(queryOf(request), 'notice', 32)
  return { id: pathPart(request, 'id'), notice: Object.entries(notices).find(([name]) => name === word)?.[1] }
}

export async function showApp(call: AdminCall, { id, notice }: ReturnType<typeof readAppQuery>): Promise<void> {
  const { shell, by, response } = call
  const app = await targetApp(shell.parts, by, id)
  const record = await readAppRecord(shell, app)
  sendPage(response, 200, appPage({ by, record, notice, now: shell.parts.now() }))
}

export type AppState = 'disable' | 'enable'

const questions = {
  disable: {
    title: (name: string) => `Disable ${name}?`,
    label: 'Disable app',
    danger: true,
    text: 'Its sign-ins, client secrets, keys and tokens are rejected within two seconds, until you enable it. JWT access tokens are valid until they expire.',
  },
  enable: {
    title: (name: string) => `Enable ${name}?`,
    label: 'Enable app',
    danger: false,
    text: 'Its sign-ins, client secrets and keys work again.',
  },
} as const

export async function askAppState({ shell, by, response }: AdminCall, state: AppState, id: string): Promise<void> {
  const app = await targetApp(shell.parts, by, id)
  if (app.owner === undefined) throw declaredApp()
  const { title, text, ...button } = questions[state]
  const html = renderConfirmPage({
    section: 'apps',
    by,
    tenant: app.owner.tenant,
    title: title(app.name),
    ...button,
    action: `${appHref(app.id)}/${state}`,
    cancelHref: appHref(app.id),
    children: <p>{text}</p>,
  })
  sendPage(response, 200, html)
}

export async function setAppState({ shell, by, request, response }: AdminCall, state: AppState): Promise<void> {
  const id = pathPart(request, 'id')
  await setAppDisabledBy(shell.parts, by, id, state === 'disable')
  redirect(response, `${appHref(id)}?notice=${state}d`)
}

const declaredApp = () =>
  new GatehouseError('app_unknown', 'the app is declared in gatehouse.yaml', {
    text: 'This app is declared in gatehouse.yaml. Change it there.',
  })
