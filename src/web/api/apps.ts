/** `/api/v1/apps`: the apps of a developer. Another developer's app is not found (SE-09). */
import { z } from 'zod'
import type { App } from '../../app/app.ts'
import { type AppDraft, AppRefused } from '../../app/draft.ts'
import { type AppSettings, allSettings } from '../../app/settings.ts'
import { ownApp, ownApps } from '../../broker/apps/ownership.ts'
import { changeApp, registerApp, removeApp } from '../../broker/apps/register-app.ts'
import type { Shell } from '../shell.ts'
import { appDetailsView, appView } from './app-views.ts'
import { exampleApp, exampleAppDetails } from './examples.ts'
import { apiRoute } from './route.ts'
import { schemas } from './schemas.ts'

const params = z.object({ id: z.string().describe('Id of the app.') })

export const appRoutes = [
  apiRoute({
    id: 'listApps',
    method: 'get',
    path: '/api/v1/apps',
    caller: 'developer',
    summary: 'List your apps',
    responses: { 200: { description: 'Newest first.', schema: schemas.AppList, example: { apps: [exampleApp] } } },
    handler: async ({ shell, caller }) => {
      const apps = await ownApps(shell.parts, caller)
      return { status: 200, body: { apps: apps.map((app) => appView(app, shell.publicUrl)) } }
    },
  }),
  apiRoute({
    id: 'registerApp',
    method: 'post',
    path: '/api/v1/apps',
    caller: 'developer',
    summary: 'Register an app',
    description: 'It signs in the users of your own tenant. Create its secrets and keys afterwards.',
    body: {
      schema: schemas.NewApp,
      example: { name: 'Shop', kind: 'web', redirectUris: ['https://shop.example/signed-in'] },
    },
    responses: {
      201: {
        description: 'Registered. `Location` is its URL.',
        schema: schemas.App,
        example: { ...exampleApp, secrets: [], keys: [] },
      },
    },
    errors: ['app_invalid', 'server_busy'],
    handler: async ({ shell, caller, body }) => {
      const app = await registerApp(shell.parts, caller, draftWith(undefined, body))
      return { status: 201, headers: { location: `/api/v1/apps/${app.id}` }, body: await detailsOf(shell, app) }
    },
  }),
  apiRoute({
    id: 'getApp',
    method: 'get',
    path: '/api/v1/apps/:id',
    caller: 'developer',
    summary: 'Get one of your apps',
    params,
    responses: {
      200: { description: 'With its secrets and keys by id.', schema: schemas.App, example: exampleAppDetails },
    },
    errors: ['app_unknown'],
    handler: async ({ shell, caller, params }) => ({
      status: 200,
      body: await detailsOf(shell, await ownApp(shell.parts, caller, params.id)),
    }),
  }),
  apiRoute({
    id: 'updateApp',
    method: 'patch',
    path: '/api/v1/apps/:id',
    caller: 'developer',
    summary: 'Change an app',
    params,
    body: { schema: schemas.AppChanges, example: { name: 'The Shop' } },
    responses: {
      200: {
        description: 'After the change.',
        schema: schemas.App,
        example: { ...exampleAppDetails, name: 'The Shop' },
      },
    },
    errors: ['app_unknown', 'app_invalid', 'server_busy'],
    handler: async ({ shell, caller, params, body }) => {
      const app = await changeApp(shell.parts, caller, params.id, (before) => draftWith(before, body))
      return { status: 200, body: await detailsOf(shell, app) }
    },
  }),
  apiRoute({
    id: 'deleteApp',
    method: 'delete',
    path: '/api/v1/apps/:id',
    caller: 'developer',
    summary: 'Remove an app',
    params,
    responses: { 204: { description: 'The app and the consents to it are removed.' } },
    errors: ['app_unknown', 'server_busy'],
    handler: async ({ shell, caller, params }) => {
      await removeApp(shell.parts, caller, params.id)
      return { status: 204 }
    },
  }),
]

async function detailsOf({ parts, publicUrl }: Shell, app: App) {
  return appDetailsView(app, await parts.apps.usesOf(app.id), publicUrl, parts.now())
}

/** Absent members stay as they were. */
function draftWith(before: App | undefined, given: z.output<typeof schemas.AppChanges>): AppDraft {
  const kind = given.kind ?? before?.kind
  if (kind === undefined) throw new AppRefused([{ field: 'kind', message: 'is missing' }])
  const defaultScopes = kind === 'service' ? [] : ['openid', 'profile', 'email']
  const changed = <T>(value: T | null | undefined, current: T | undefined) =>
    value === undefined ? current : (value ?? undefined)
  return {
    kind,
    name: given.name ?? before?.name ?? '',
    logoUri: changed(given.logoUri, before?.logoUri),
    redirectUris: given.redirectUris ?? before?.redirectUris ?? [],
    postLogoutRedirectUris: given.postLogoutRedirectUris ?? before?.postLogoutRedirectUris ?? [],
    backchannelLogoutUri: changed(given.backchannelLogoutUri, before?.backchannelLogoutUri),
    ...applySettings(before ?? {}, given),
    scopes: given.scopes ?? before?.scopes ?? defaultScopes,
  }
}

/** Null restores the default. */
function applySettings(before: AppSettings, given: z.output<typeof schemas.AppChanges>): AppSettings {
  const changes = Object.entries(allSettings(before)).map(([name, value]) => {
    const change = given[name as keyof AppSettings]
    return [name, change === undefined ? value : (change ?? undefined)]
  })
  return Object.fromEntries(changes)
}
