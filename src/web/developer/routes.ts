import type { Request } from 'express'
import { z } from 'zod'
import { queryOf, textField } from '../../http/fields.ts'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import type { Call } from '../shell.ts'
import {
  addAppKey,
  addAppKeySet,
  createAppKey,
  downloadKey,
  removeAppKey,
  revokeAppSecret,
  rotateAppSecret,
  saveApp,
  showRemoveKey,
  showRevokeSecret,
  submitDeleteApp,
} from './app-actions.ts'
import { readAppQuery, showApp } from './developer-app.ts'
import { appForm } from './developer-form.ts'
import { appTabNames, appTabs, developerPath, newAppPath } from './paths.ts'
import { readPortalQuery, showDeveloper, showNewApp, submitNewApp } from './portal.ts'

const app = `${developerPath}/apps/:id`
const text = (max: number) => z.string().max(max).default('')
const required = (max: number) => z.string().min(1).max(max)
/** PKCS #8, as we make it. A file that a form contains could be anything else. */
const privatePem = z
  .string()
  .max(8192)
  .regex(/^-----BEGIN PRIVATE KEY-----\r?\n[A-Za-z0-9+/=\r\n]+-----END PRIVATE KEY-----\s*$/)

const questionRoute = (path: string, field: string, show: (call: Call, id: string) => Promise<void>) =>
  parsedRoute(
    { method: 'get', path, caller: 'anyone', permission: 'apps:write' },
    (request: Request) => textField(queryOf(request), field, 128) ?? '',
    show,
  )

export const developerRoutes: readonly WebRoute[] = [
  parsedRoute(
    { method: 'get', path: developerPath, caller: 'anyone', permission: 'apps:read' },
    readPortalQuery,
    showDeveloper,
  ),
  parsedRoute(
    { method: 'get', path: newAppPath, caller: 'anyone', permission: 'apps:write' },
    () => undefined,
    showNewApp,
  ),
  formRoute(newAppPath, 'apps:write', appForm, submitNewApp),
  ...appTabNames.map((tab) =>
    parsedRoute(
      { method: 'get', path: `${app}${appTabs[tab].path}`, caller: 'anyone', permission: 'apps:read' },
      readAppQuery,
      showApp(tab),
    ),
  ),
  formRoute(`${app}/settings`, 'apps:write', appForm, saveApp),
  formRoute(`${app}/delete`, 'apps:write', z.object({ confirm: text(200) }), submitDeleteApp),
  questionRoute(`${app}/secrets/revoke`, 'secret', showRevokeSecret),
  formRoute(`${app}/secrets/revoke`, 'apps:write', z.object({ secret: required(64) }), revokeAppSecret),
  questionRoute(`${app}/keys/remove`, 'key', showRemoveKey),
  formRoute(`${app}/keys/remove`, 'apps:write', z.object({ key: required(128) }), removeAppKey),
  ...[
    formRoute(`${app}/secrets`, 'apps:write', z.object({ overlap: z.string().max(10).optional() }), rotateAppSecret),
    formRoute(`${app}/keys/generate`, 'apps:write', z.object({ madeName: text(200) }), createAppKey),
    formRoute(`${app}/keys/download`, 'apps:write', z.object({ key: required(128), pem: privatePem }), downloadKey),
    formRoute(`${app}/keys/upload`, 'apps:write', z.object({ uploadedName: text(200), key: text(20_000) }), addAppKey),
    formRoute(`${app}/keys/set`, 'apps:write', z.object({ jwksUrl: text(2048) }), addAppKeySet),
  ].map((row): WebRoute => ({ ...row, page: `${app}/credentials` })),
]
