import type { Request } from 'express'
import { z } from 'zod'
import type { Permission } from '../../broker/access/permission.ts'
import { cancelDeletionPath } from '../../broker/identity/account/delete-user.ts'
import { verifyEmailPath } from '../../broker/identity/account/verify-email.ts'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import type { Call, Shell } from '../shell.ts'
import { readAppId, readAppsNotice, revokeApp, showApps, showRevokeApp } from './apps/connected-apps.ts'
import {
  keepAccount,
  readCancelCode,
  readReturnTo,
  showDeletion,
  showMailedCancel,
  submitDeletion,
  submitMailedCancel,
} from './deletion/deletion.ts'
import { deletionPath, keepPath } from './deletion/paths.ts'
import { downloadData } from './profile/download.ts'
import {
  readVerificationCode,
  showVerification,
  showVerifyEmail,
  submitVerification,
  submitVerifyEmail,
} from './profile/email.ts'
import { nameForm, namePath, resetName, showName, submitName } from './profile/name.ts'
import { emailPath } from './profile/paths.ts'
import { readProfileNotice, showProfile } from './profile/profile.ts'
import { accountSections } from './sections.ts'
import { readSecurityNotice, showSecurity } from './security/overview.ts'
import {
  endOtherSessions,
  readSessionId,
  readSessionsQuery,
  showEndOthers,
  showEndSession,
  showSessions,
  submitEndSession,
} from './sessions/sessions.ts'
import {
  addIdentity,
  confirmMethod,
  linkStartPath,
  readLinkStart,
  removeIdentity,
  startAtCode,
} from './sign-in-methods/identities.ts'
import { readMethodNotice } from './sign-in-methods/method-notices.ts'
import { readIdentity, showMethods, showRemoveMethod } from './sign-in-methods/methods.ts'
import { signOut } from './sign-out.ts'

const text = (max: number) => z.string().min(1).max(max)
const nothing = z.object({})
const identity = z.object({ identity: text(64) })

function page<V>(
  path: string,
  permission: Permission,
  read: (request: Request, shell: Shell) => V,
  handler: (call: Call, value: V) => Promise<void>,
): WebRoute {
  return parsedRoute({ method: 'get', path, caller: 'anyone', permission }, read, handler)
}

const none = () => undefined

export const accountRoutes: readonly WebRoute[] = [
  page(accountSections.profile.path, 'profile:read', readProfileNotice, showProfile),
  page(accountSections['sign-in-methods'].path, 'identities:read', readMethodNotice, showMethods),
  page(`${accountSections['sign-in-methods'].path}/remove`, 'identities:write', readIdentity, showRemoveMethod),
  page(accountSections.security.path, 'profile:read', readSecurityNotice, showSecurity),
  page(accountSections.sessions.path, 'sessions:read', readSessionsQuery, showSessions),
  page('/account/sessions/end', 'sessions:write', readSessionId, showEndSession),
  page('/account/sessions/end-others', 'sessions:write', none, showEndOthers),
  page(accountSections.apps.path, 'consents:read', readAppsNotice, showApps),
  page('/account/apps/revoke', 'consents:write', readAppId, showRevokeApp),
  page(emailPath, 'profile:write', none, showVerification),
  formRoute(emailPath, 'profile:write', nothing, submitVerification),
  page(verifyEmailPath, 'profile:write', readVerificationCode, showVerifyEmail),
  formRoute(verifyEmailPath, 'profile:write', z.object({ code: text(128) }), submitVerifyEmail),
  page(namePath, 'profile:write', none, showName),
  formRoute(namePath, 'profile:write', nameForm, submitName),
  formRoute(`${namePath}/reset`, 'profile:write', nothing, resetName),
  { ...page('/account/data', 'profile:read', none, downloadData), refusesHead: true },
  page(deletionPath, 'profile:write', readReturnTo, showDeletion),
  formRoute(deletionPath, 'profile:write', nothing, submitDeletion),
  formRoute(keepPath, 'profile:write', nothing, keepAccount),
  // behind an emailed link, whose code proves what is needed
  parsedRoute(
    { method: 'get', path: cancelDeletionPath, caller: 'anyone', permission: 'none' },
    readCancelCode,
    showMailedCancel,
  ),
  formRoute(cancelDeletionPath, 'none', z.object({ code: text(512) }), submitMailedCancel),
  formRoute('/account/sign-out', 'sessions:write', nothing, signOut),
  formRoute('/account/sessions/end-others', 'sessions:write', nothing, endOtherSessions),
  formRoute('/account/sessions/end', 'sessions:write', z.object({ session: text(64) }), submitEndSession),
  formRoute('/account/identities/add', 'identities:write', z.object({ connection: text(64) }), addIdentity),
  parsedRoute(
    { method: 'get', path: linkStartPath, caller: 'browser', permission: 'identities:write', refusesHead: true },
    readLinkStart,
    startAtCode,
  ),
  formRoute('/account/identities/unlink', 'identities:write', identity, removeIdentity),
  formRoute('/account/identities/confirm', 'identities:write', identity, confirmMethod),
  formRoute('/account/apps/revoke', 'consents:write', z.object({ app: text(128) }), revokeApp),
]
