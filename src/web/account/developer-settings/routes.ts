import { z } from 'zod'
import type { Permission } from '../../../broker/access/permission.ts'
import { formRoute, type Handler, parsedRoute, type WebRoute } from '../../route.ts'
import { revokeAllPath, secretsPath, settingsPath, tokensPath } from './paths.ts'
import {
  showRevokeSecret,
  showRotateSecret,
  submitNewSecret,
  submitRevokeSecret,
  submitRotateSecret,
} from './secrets.ts'
import { readSettingsQuery, showSettings } from './settings.ts'
import { tokenForm } from './token-form.tsx'
import { showRevokeAllTokens, showRevokeToken, showRotateToken } from './token-pages.ts'
import {
  submitConfirmToken,
  submitNewToken,
  submitRevokeAllTokens,
  submitRevokeToken,
  submitRotateToken,
} from './tokens.ts'

const nothing = z.object({})
const rotation = z.object({ overlap: z.string().regex(/^\d{1,8}$/) })
const token = `${tokensPath}/:id`
const secret = `${secretsPath}/:id`

const pageRoute = (path: string, permission: Permission, handler: Handler): WebRoute => {
  return { method: 'get', path, caller: 'anyone', permission, handler }
}

export const developerSettingsRoutes: readonly WebRoute[] = [
  parsedRoute(
    { method: 'get', path: settingsPath, caller: 'anyone', permission: 'tokens:read' },
    readSettingsQuery,
    showSettings,
  ),
  formRoute(tokensPath, 'tokens:write', tokenForm, submitNewToken),
  pageRoute(revokeAllPath, 'tokens:revoke', showRevokeAllTokens),
  formRoute(revokeAllPath, 'tokens:revoke', nothing, submitRevokeAllTokens),
  pageRoute(`${token}/rotate`, 'tokens:write', showRotateToken),
  formRoute(`${token}/rotate`, 'tokens:write', rotation, submitRotateToken),
  pageRoute(`${token}/revoke`, 'tokens:revoke', showRevokeToken),
  formRoute(`${token}/revoke`, 'tokens:revoke', nothing, submitRevokeToken),
  formRoute(`${token}/confirm`, 'tokens:write', nothing, submitConfirmToken),
  formRoute(secretsPath, 'secret:write', nothing, submitNewSecret),
  pageRoute(`${secret}/rotate`, 'secret:write', showRotateSecret),
  formRoute(`${secret}/rotate`, 'secret:write', rotation, submitRotateSecret),
  pageRoute(`${secret}/revoke`, 'secret:revoke', showRevokeSecret),
  formRoute(`${secret}/revoke`, 'secret:revoke', nothing, submitRevokeSecret),
]
