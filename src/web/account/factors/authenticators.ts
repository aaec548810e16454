/** `/account/security/authenticator-app`: sets up, renames and removes authenticator apps. */
import { refusalOf } from '../../../broker/factors/allowed-methods.ts'
import { findAuthenticator, removeAuthenticator, renameAuthenticator } from '../../../broker/factors/authenticators.ts'
import { confirmTotp, pendingTotp, startTotp } from '../../../broker/factors/enroll-totp.ts'
import { factorsOf } from '../../../broker/factors/factors-of.ts'
import { isFactorRequired } from '../../../broker/factors/last-factor.ts'
import { assertMayFinishSetup } from '../../../broker/factors/may-change.ts'
import { raiseSession } from '../../../broker/login/raise-session.ts'
import { GatehouseError } from '../../../errors.ts'
import { errorTextOf } from '../../../http/error-texts.ts'
import { pathPart } from '../../../http/fields.ts'
import { redirect, sendPage, sendResultPage } from '../../../http/respond.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { type CompleteSignInPorts, keepSession } from '../../sign-in/complete-sign-in.ts'
import { openAccount } from '../open-account.ts'
import { authenticatorsPage, removePage, renamePage, setupPage } from './authenticator-pages.tsx'
import { type ChangePorts, openAccountOrRefuse, openForChange } from './open-for-change.ts'
import { authenticatorPath, noticeHref, recoveryCodesPath, totpPath } from './paths.ts'

export type AuthenticatorPorts = ChangePorts &
  PartsOf<typeof confirmTotp> &
  PartsOf<typeof removeAuthenticator> &
  PartsOf<typeof raiseSession> &
  CompleteSignInPorts
type AuthenticatorCall = Call<AuthenticatorPorts>

export async function showAuthenticators(call: AuthenticatorCall, notice: string | undefined): Promise<void> {
  const account = await openAccount(call, totpPath)
  if (account === null) return
  const { parts } = call.shell
  const { session, viewer } = account
  const { totp } = await factorsOf(parts, session)
  const refusal = refusalOf(parts.connections.tenant(session.tenant), 'totp')
  sendPage(call.response, 200, authenticatorsPage({ viewer, apps: totp, refusal, notice, now: parts.now() }))
}

export async function startSetup(call: AuthenticatorCall): Promise<void> {
  const account = await openForChange(call, totpPath)
  if (account === null) return
  const enrollment = await startTotp(call.shell.parts, account.session)
  sendPage(call.response, 200, setupPage({ viewer: account.viewer, enrollment }))
}

export interface ConfirmForm {
  readonly enrollment: string
  readonly code: string
  readonly name: string
}

/** The setup began after a recent sign-in, and may take longer than that counts. */
export async function confirmSetup(call: AuthenticatorCall, form: ConfirmForm): Promise<void> {
  const account = await openAccountOrRefuse(call, totpPath)
  if (account === null) return
  const { parts } = call.shell
  const { session, viewer } = account
  await assertMayFinishSetup(parts, session)
  try {
    await confirmTotp(parts, session, form)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'factor_invalid') throw error
    const enrollment = await pendingTotp(parts, session, form.enrollment)
    const text = 'Enter the code that the app shows now. Check that the clock of your phone is right.'
    const page = { viewer, enrollment, name: form.name, error: { title: 'The code is wrong', text } }
    return sendResultPage(call.response, setupPage(page), error)
  }
  // the code is proof of the new factor: the recovery codes follow
  await keepSession(call, await raiseSession(parts, session, { method: 'totp', amr: ['otp'], at: parts.now() }))
  const { recoveryCodesLeft } = await factorsOf(parts, session)
  const href = recoveryCodesLeft === 0 ? noticeHref(recoveryCodesPath, 'first') : noticeHref(totpPath, 'added')
  redirect(call.response, href)
}

/** Throws `authenticator_unknown` for another user's (SE-09), and for a passkey. */
async function appOf(call: AuthenticatorCall, user: Parameters<typeof findAuthenticator>[1]) {
  const app = await findAuthenticator(call.shell.parts, user, pathPart(call.request, 'id'))
  if (app.kind !== 'totp') throw new GatehouseError('authenticator_unknown', 'a passkey has a page of its own')
  return app
}

const pathOf = (call: AuthenticatorCall, action: 'rename' | 'remove') =>
  authenticatorPath(pathPart(call.request, 'id'), action)

export async function showRename(call: AuthenticatorCall): Promise<void> {
  const account = await openForChange(call, pathOf(call, 'rename'))
  if (account === null) return
  const app = await appOf(call, account.session)
  sendPage(call.response, 200, renamePage({ viewer: account.viewer, app }))
}

export async function submitRename(call: AuthenticatorCall, form: { readonly name: string }): Promise<void> {
  const account = await openForChange(call, pathOf(call, 'rename'))
  if (account === null) return
  const { id } = await appOf(call, account.session)
  await renameAuthenticator(call.shell.parts, account.session, id, form.name)
  redirect(call.response, noticeHref(totpPath, 'renamed'))
}

export async function showRemove(call: AuthenticatorCall): Promise<void> {
  const account = await openForChange(call, pathOf(call, 'remove'))
  if (account === null) return
  const { session, viewer } = account
  const app = await appOf(call, session)
  const { totp, passkeys } = await factorsOf(call.shell.parts, session)
  const isLast = totp.length + passkeys.length === 1
  const endsQuestion = totp.length === 1 && !isLast && !(await isFactorRequired(call.shell.parts, session))
  sendPage(call.response, 200, removePage({ viewer, app, isLast, endsQuestion }))
}

export async function submitRemove(call: AuthenticatorCall): Promise<void> {
  const account = await openForChange(call, pathOf(call, 'remove'))
  if (account === null) return
  const { session, viewer } = account
  const app = await appOf(call, session)
  try {
    await removeAuthenticator(call.shell.parts, session, app.id)
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'factor_last') throw error
    const page = removePage({ viewer, app, isLast: true, error: errorTextOf(error) })
    return sendResultPage(call.response, page, error)
  }
  redirect(call.response, noticeHref(totpPath, 'removed'))
}
