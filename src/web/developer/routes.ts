import type { Request } from 'express'
import { z } from 'zod'
import { formOf } from '../../http/fields.ts'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import {
  addAppKey,
  addAppKeySet,
  downloadNewKey,
  removeAppKey,
  revokeAppSecret,
  rotateAppSecret,
  showApp,
} from './developer-app.ts'
import { readAppForm } from './developer-form.ts'
import { saveApp, showDeveloper, showNewApp, submitDeleteApp, submitNewApp } from './portal.ts'

const app = '/developer/apps/:id'
const text = (max: number) => z.string().max(max).default('')
const required = (max: number) => z.string().min(1).max(max)
const readForm = (request: Request) => readAppForm(formOf(request))

export const developerRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/developer', caller: 'anyone', handler: showDeveloper },
  { method: 'get', path: '/developer/apps/new', caller: 'anyone', handler: showNewApp },
  parsedRoute({ method: 'post', path: '/developer/apps/new', caller: 'form' }, readForm, submitNewApp),
  { method: 'get', path: app, caller: 'anyone', handler: showApp },
  parsedRoute({ method: 'post', path: app, caller: 'form' }, readForm, saveApp),
  formRoute(`${app}/delete`, z.object({ confirm: text(200) }), submitDeleteApp),
  formRoute(`${app}/secrets`, z.object({ overlap: z.string().max(10).optional() }), rotateAppSecret),
  formRoute(`${app}/secrets/revoke`, z.object({ secret: required(64) }), revokeAppSecret),
  formRoute(`${app}/keys/generate`, z.object({ madeName: text(200) }), downloadNewKey),
  formRoute(`${app}/keys/upload`, z.object({ uploadedName: text(200), key: text(20_000) }), addAppKey),
  formRoute(`${app}/keys/set`, z.object({ jwksUrl: text(2048) }), addAppKeySet),
  formRoute(`${app}/keys/remove`, z.object({ key: required(128) }), removeAppKey),
]
