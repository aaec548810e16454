/** `/api/v1/apps`: the apps of a developer. Another developer's app is not found (SE-09). */
import { z } from 'zod'
import { ownApp, ownApps } from '../../../broker/apps/ownership.ts'
import { changeApp, registerApp, removeApp } from '../../../broker/apps/register-app.ts'
import { exampleApp, exampleAppDetails } from '../openapi/examples.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { draftWith } from './app-draft.ts'
import { appView, detailsOf } from './app-views.ts'

const params = z.object({ id: z.string().describe('ID of the app.') })

export const appRoutes = [
  apiRoute('listApps', 'get', '/api/v1/apps', {
    caller: 'developer',
    permission: 'apps:read',
    acceptsDeveloperSecret: true,
    summary: 'List your apps',
    answer: answer(200, 'Newest first.', schemas.AppList, { apps: [exampleApp] }),
    handler: async ({ shell, caller }) => {
      const apps = await ownApps(shell.parts, caller)
      return { apps: apps.map((app) => appView(app, shell.publicUrl)) }
    },
  }),
  apiRoute('registerApp', 'post', '/api/v1/apps', {
    caller: 'developer',
    permission: 'apps:write',
    acceptsDeveloperSecret: true,
    summary: 'Register an app',
    description: 'The app signs in users of your own tenant. Create its secrets and keys afterwards.',
    body: {
      schema: schemas.NewApp,
      example: { name: 'Shop', kind: 'web', redirectUris: ['https://shop.example/signed-in'] },
    },
    answer: answer(201, 'Registered. `Location` is its URL.', schemas.App, { ...exampleApp, secrets: [], keys: [] }),
    location: ({ id }) => `/api/v1/apps/${id}`,
    errors: ['app_invalid', 'server_busy'],
    handler: async ({ shell, caller, body }) =>
      detailsOf(shell, await registerApp(shell.parts, caller, draftWith(undefined, body))),
  }),
  apiRoute('getApp', 'get', '/api/v1/apps/:id', {
    caller: 'developer',
    permission: 'apps:read',
    acceptsDeveloperSecret: true,
    summary: 'Get one of your apps',
    params,
    answer: answer(200, 'The app with its secrets and keys by ID.', schemas.App, exampleAppDetails),
    errors: ['app_unknown'],
    handler: async ({ shell, caller, params }) => detailsOf(shell, await ownApp(shell.parts, caller, params.id)),
  }),
  apiRoute('updateApp', 'patch', '/api/v1/apps/:id', {
    caller: 'developer',
    permission: 'apps:write',
    acceptsDeveloperSecret: true,
    summary: 'Change an app',
    params,
    body: { schema: schemas.AppChanges, example: { name: 'The Shop' } },
    answer: answer(200, 'After the change.', schemas.App, { ...exampleAppDetails, name: 'The Shop' }),
    errors: ['app_unknown', 'app_invalid', 'server_busy', 'fresh_sign_in_required'],
    handler: async ({ shell, caller, params, body }) =>
      detailsOf(shell, await changeApp(shell.parts, caller, params.id, (before) => draftWith(before, body))),
  }),
  apiRoute('deleteApp', 'delete', '/api/v1/apps/:id', {
    caller: 'developer',
    permission: 'apps:write',
    acceptsDeveloperSecret: true,
    summary: 'Remove an app',
    params,
    answer: answer(204, 'The app and the consents to it are removed.'),
    errors: ['app_unknown', 'server_busy', 'fresh_sign_in_required'],
    handler: ({ shell, caller, params }) => removeApp(shell.parts, caller, params.id),
  }),
]
