import type { Request } from 'express'
import { z } from 'zod'
import type { Permission } from '../../../broker/access/permission.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { formRoute, parsedRoute, type WebRoute } from '../../route.ts'
import type { Call } from '../../shell.ts'
import {
  confirmSetup,
  showAuthenticators,
  showRemove,
  showRename,
  startSetup,
  submitRemove,
  submitRename,
} from './authenticators.ts'
import {
  showDevices,
  showForgetAllDevices,
  showForgetDevice,
  submitForgetAllDevices,
  submitForgetDevice,
} from './devices.ts'
import { devicesPath, factorNotices, recoveryCodesPath, replaceCodesPath, totpPath } from './paths.ts'
import { downloadCodes, showRecoveryCodes, showReplaceCodes, submitNewCodes } from './recovery-codes.ts'

const nothing = z.object({})
const text = (max: number) => z.string().min(1).max(max)
const name = z.string().max(256)
const confirmation = z.object({ enrollment: text(128), code: text(128), name: name.default('') })

const page = (path: string, permission: Permission, show: (call: Call, notice: string | undefined) => Promise<void>) =>
  parsedRoute({ method: 'get', path, caller: 'anyone', permission }, readNotice, show)

function readNotice(request: Request): string | undefined {
  const word = textField(queryOf(request), 'notice', 32)
  return Object.entries(factorNotices).find(([each]) => each === word)?.[1]
}

export const factorRoutes: readonly WebRoute[] = [
  page(totpPath, 'factors:read', showAuthenticators),
  formRoute(totpPath, 'factors:write', nothing, startSetup),
  { ...formRoute(`${totpPath}/confirm`, 'factors:write', confirmation, confirmSetup), page: totpPath },
  page(`${totpPath}/:id/rename`, 'factors:write', showRename),
  formRoute(`${totpPath}/:id/rename`, 'factors:write', z.object({ name }), submitRename),
  page(`${totpPath}/:id/remove`, 'factors:write', showRemove),
  formRoute(`${totpPath}/:id/remove`, 'factors:write', nothing, submitRemove),
  page(recoveryCodesPath, 'factors:read', showRecoveryCodes),
  formRoute(recoveryCodesPath, 'factors:write', nothing, submitNewCodes),
  page(replaceCodesPath, 'factors:write', showReplaceCodes),
  formRoute(`${recoveryCodesPath}/download`, 'factors:read', z.object({ codes: text(200) }), downloadCodes),
  page(devicesPath, 'factors:read', showDevices),
  parsedRoute(
    { method: 'get', path: `${devicesPath}/forget`, caller: 'anyone', permission: 'factors:write' },
    (request) => textField(queryOf(request), 'device', 64) ?? '',
    showForgetDevice,
  ),
  page(`${devicesPath}/forget-all`, 'factors:write', showForgetAllDevices),
  formRoute(`${devicesPath}/forget`, 'factors:write', z.object({ device: text(64) }), submitForgetDevice),
  formRoute(`${devicesPath}/forget-all`, 'factors:write', nothing, submitForgetAllDevices),
]
