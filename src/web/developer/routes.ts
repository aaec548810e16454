import type { WebRoute } from '../route.ts'
import {
  addAppKey,
  addAppKeySet,
  downloadNewKey,
  removeAppKey,
  revokeAppSecret,
  rotateAppSecret,
  showApp,
} from './developer-app.ts'
import { saveApp, showDeveloper, showNewApp, submitDeleteApp, submitNewApp } from './portal.ts'

const app = '/developer/apps/:id'

export const developerRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/developer', caller: 'anyone', handler: showDeveloper },
  { method: 'get', path: '/developer/apps/new', caller: 'anyone', handler: showNewApp },
  { method: 'post', path: '/developer/apps/new', caller: 'form', handler: submitNewApp },
  { method: 'get', path: app, caller: 'anyone', handler: showApp },
  { method: 'post', path: app, caller: 'form', handler: saveApp },
  { method: 'post', path: `${app}/delete`, caller: 'form', handler: submitDeleteApp },
  { method: 'post', path: `${app}/secrets`, caller: 'form', handler: rotateAppSecret },
  { method: 'post', path: `${app}/secrets/revoke`, caller: 'form', handler: revokeAppSecret },
  { method: 'post', path: `${app}/keys/generate`, caller: 'form', handler: downloadNewKey },
  { method: 'post', path: `${app}/keys/upload`, caller: 'form', handler: addAppKey },
  { method: 'post', path: `${app}/keys/set`, caller: 'form', handler: addAppKeySet },
  { method: 'post', path: `${app}/keys/remove`, caller: 'form', handler: removeAppKey },
]
