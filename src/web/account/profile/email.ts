/** `/account/email`: emails the link that proves the user's own address, and takes it. */
import type { Request } from 'express'
import {
  isVerifiableByMail,
  mailVerification,
  verifyEmail,
  verifyEmailPath,
} from '../../../broker/identity/account/verify-email.ts'
import { withQuery } from '../../../http/destination.ts'
import { queryOf, requiredText } from '../../../http/fields.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { sendVerificationPage, verificationSentPage, verifyEmailPage } from './email-pages.tsx'
import { emailPath } from './paths.ts'

type EmailPorts = OpenAccountPorts & PartsOf<typeof verifyEmail>
type EmailCall = Call<EmailPorts>

export async function showVerification(call: EmailCall): Promise<void> {
  const account = await openUnproven(call, emailPath)
  if (account !== null) sendPage(call.response, 200, sendVerificationPage(account))
}

/** Null after a redirect, also if there is nothing to verify. */
async function openUnproven(call: EmailCall, path: string) {
  const account = await openAccount(call, path)
  if (account === null) return null
  const { viewer, session } = account
  const { parts } = call.shell
  const user = await parts.users.find(session.tenant, session.userId)
  const email = user?.profile.email?.address
  if (user !== null && email !== undefined && isVerifiableByMail(parts.connections.tenant(session.tenant), user))
    return { viewer, email }
  redirect(call.response, '/account')
  return null
}

export async function submitVerification(call: EmailCall): Promise<void> {
  const email = await mailVerification(call.shell.parts, await requireSession(call))
  const account = await openAccount(call, emailPath)
  if (account !== null) sendPage(call.response, 200, verificationSentPage({ viewer: account.viewer, email }))
}

export const readVerificationCode = (request: Request) => requiredText(queryOf(request), 'code', 128)

export async function showVerifyEmail(call: EmailCall, code: string): Promise<void> {
  const account = await openUnproven(call, withQuery(verifyEmailPath, { code }))
  if (account !== null) sendPage(call.response, 200, verifyEmailPage({ ...account, code }))
}

export async function submitVerifyEmail(call: EmailCall, form: { readonly code: string }): Promise<void> {
  await verifyEmail(call.shell.parts, await requireSession(call), form.code)
  redirect(call.response, withQuery('/account', { notice: 'verified' }))
}
