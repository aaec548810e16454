import { z } from 'zod'
import { formRoute, getRoute, parsedRoute, type WebRoute } from '../route.ts'
import {
  addAppKey,
  addAppKeySet,
  downloadNewKey,
  readAppQuery,
  removeAppKey,
  revokeAppSecret,
  rotateAppSecret,
  saveApp,
  showApp,
  submitDeleteApp,
} from './developer-app.ts'
import { appForm } from './developer-form.ts'
import { developerPath, newAppPath } from './paths.ts'
import { readPortalNotice, showDeveloper, showNewApp, submitNewApp } from './portal.ts'

const app = `${developerPath}/apps/:id`
const text = (max: number) => z.string().max(max).default('')
const required = (max: number) => z.string().min(1).max(max)

export const developerRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path: developerPath, caller: 'anyone' }, readPortalNotice, showDeveloper),
  getRoute(newAppPath, 'anyone', showNewApp),
  formRoute(newAppPath, appForm, submitNewApp),
  parsedRoute({ method: 'get', path: app, caller: 'anyone' }, readAppQuery, showApp),
  formRoute(app, appForm, saveApp),
  formRoute(`${app}/delete`, z.object({ confirm: text(200) }), submitDeleteApp),
  formRoute(`${app}/secrets`, z.object({ overlap: z.string().max(10).optional() }), rotateAppSecret),
  formRoute(`${app}/secrets/revoke`, z.object({ secret: required(64) }), revokeAppSecret),
  formRoute(`${app}/keys/generate`, z.object({ madeName: text(200) }), downloadNewKey),
  formRoute(`${app}/keys/upload`, z.object({ uploadedName: text(200), key: text(20_000) }), addAppKey),
  formRoute(`${app}/keys/set`, z.object({ jwksUrl: text(2048) }), addAppKeySet),
  formRoute(`${app}/keys/remove`, z.object({ key: required(128) }), removeAppKey),
]
