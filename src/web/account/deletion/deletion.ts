/** `/account/delete`: requests and cancels the deletion of the account. */
import type { Request } from 'express'
import {
  cancelDeletion,
  cancelDeletionPath,
  type DeleteUserPorts,
  deletionByCode,
  deletionDays,
  requestDeletion,
} from '../../../broker/identity/account/delete-user.ts'
import { isFresh } from '../../../broker/identity/fresh-sign-in.ts'
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import { checkReturnUrl } from '../../../broker/login/return-url.ts'
import type { UserKey } from '../../../broker/session/session.ts'
import { GatehouseError } from '../../../errors.ts'
import { withQuery } from '../../../http/destination.ts'
import { queryOf, requiredText, textField } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import { messagePage } from '../../../pages/message-page.tsx'
import type { Call, Shell } from '../../shell.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import {
  deleteAccountPage,
  deletionOffPage,
  mailedCancelPage,
  ownsAppsPage,
  pendingDeletionPage,
} from './deletion-pages.tsx'
import { deletionPath } from './paths.ts'

type DeletionPorts = OpenAccountPorts & Pick<Shell, 'publicUrl'> & { readonly parts: DeleteUserPorts }
type DeletionCall = Call<DeletionPorts>

export const readReturnTo = (request: Request) => textField(queryOf(request), 'return_to')

export async function showDeletion(call: DeletionCall, returnTo: string | undefined): Promise<void> {
  const account = await openAccount(call, deletionPath)
  if (account === null) return
  const { session, viewer } = account
  const { parts, publicUrl } = call.shell
  const pending = await parts.userDeletions.find(session)
  if (pending !== null) {
    const tenant = parts.connections.tenant(session.tenant)
    const continueHref = returnTo === undefined ? undefined : checkReturnUrl(returnTo, tenant, publicUrl)
    return sendPage(call.response, 200, pendingDeletionPage({ viewer, dueAt: pending.dueAt, continueHref }))
  }
  const days = deletionDays(parts, session.tenant)
  if (days === undefined) return sendPage(call.response, 200, deletionOffPage({ viewer }))
  const apps = await parts.apps.ownedBy(session.tenant, session.userId)
  if (apps.length > 0) return sendPage(call.response, 200, ownsAppsPage({ viewer, apps }))
  const methods = (await isFresh(parts, session)) ? [] : await signInMethods(parts, session.tenant, session.userId)
  const signIn = methods.length === 0 ? undefined : signInAgainHref(session, methods, deletionPath)
  sendPage(call.response, 200, deleteAccountPage({ viewer, days, signInAgainHref: signIn }))
}

export async function submitDeletion(call: DeletionCall): Promise<void> {
  const session = await requireSession(call)
  try {
    await requestDeletion(call.shell.parts, session, call.request.ip)
  } catch (error) {
    // the page asks for the sign-in, or names the apps
    const isExplained = error instanceof GatehouseError && /^(fresh_sign_in_required|user_owns_apps)$/.test(error.code)
    if (!isExplained) throw error
  }
  redirect(call.response, deletionPath)
}

export async function keepAccount(call: DeletionCall): Promise<void> {
  const isCanceled = await cancelDeletion(call.shell.parts, await requireSession(call))
  redirect(call.response, withQuery('/account', { notice: isCanceled ? 'kept' : undefined }))
}

export const readCancelCode = (request: Request) => requiredText(queryOf(request), 'code', 512)

export async function showMailedCancel(call: DeletionCall, code: string): Promise<void> {
  const { parts } = call.shell
  const pending = await pendingByCode(call, code)
  const tenant = parts.connections.tenant(pending.tenant)
  const page = { tenant, dueAt: pending.dueAt, action: cancelDeletionPath, code }
  sendPage(call.response, 200, mailedCancelPage(page))
}

export async function submitMailedCancel(call: DeletionCall, form: { readonly code: string }): Promise<void> {
  const pending: UserKey = await pendingByCode(call, form.code)
  await cancelDeletion(call.shell.parts, pending)
  const html = messagePage({
    title: 'Your account is kept',
    text: 'The deletion was canceled. Nothing was changed.',
    href: withQuery('/login', { tenant: pending.tenant }),
    label: 'Sign in',
  })
  sendPage(call.response, 200, html)
}

async function pendingByCode({ shell }: DeletionCall, code: string) {
  const pending = await deletionByCode(shell.parts, code)
  if (pending !== null) return pending
  throw new GatehouseError('link_invalid', 'no pending deletion has this code', {
    text: 'The deletion was canceled already, or the account is gone.',
  })
}
