import type { Request } from 'express'
import { z } from 'zod'
import { confirmRecoveryPath, recoveryPath } from '../../broker/factors/recovery/recover.ts'
import { undoPath } from '../../broker/factors/recovery/undo-link.ts'
import { submitCancelRecovery } from '../account/security/overview.ts'
import { cancelRecoveryPath } from '../account/security/overview-page.tsx'
import {
  confirmPath,
  readConfirmForm,
  readConfirmQuery,
  showConfirm,
  submitConfirm,
} from '../account/step-up/confirm.ts'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import type { Call } from '../shell.ts'
import {
  readChallenge,
  readCode,
  recoverPath,
  showConfirmation,
  showRecover,
  showRecovery,
  submitConfirmation,
  submitRecover,
  submitRecovery,
} from './recover.ts'
import { readUndoQuery, showUndo, submitUndo } from './undo.ts'

const codeForm = z.object({ code: z.string().min(1).max(64) })

/**
 * A page without a session. It needs a challenge of the browser, or the secret of an emailed link.
 */
const page = (
  method: 'get' | 'post',
  path: string,
  read: (request: Request) => string,
  handler: (call: Call, value: string) => Promise<void>,
) => parsedRoute({ method, path, caller: method === 'get' ? 'browser' : 'form', permission: 'none' }, read, handler)

export const recoveryRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path: undoPath, caller: 'anyone', permission: 'none' }, readUndoQuery, showUndo),
  formRoute(undoPath, 'none', codeForm, submitUndo),
  formRoute(cancelRecoveryPath, 'sessions:write', z.object({}), submitCancelRecovery),
  page('get', recoverPath, readChallenge, showRecover),
  page('post', recoverPath, readChallenge, submitRecover),
  page('get', confirmRecoveryPath, readCode, showConfirmation),
  page('post', confirmRecoveryPath, readCode, submitConfirmation),
  page('get', recoveryPath, readCode, showRecovery),
  page('post', recoveryPath, readCode, submitRecovery),
  parsedRoute(
    { method: 'get', path: confirmPath, caller: 'anyone', permission: 'profile:read' },
    readConfirmQuery,
    showConfirm,
  ),
  parsedRoute(
    { method: 'post', path: confirmPath, caller: 'form', permission: 'sessions:write' },
    readConfirmForm,
    submitConfirm,
  ),
]
