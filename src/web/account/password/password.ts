/** `/account/security/password`: change it while signed in, or set a first one. */
import type { Request } from 'express'
import { z } from 'zod'
import { isFresh } from '../../../broker/identity/fresh-sign-in.ts'
import { signInMethods } from '../../../broker/identity/sign-in-methods.ts'
import { changeOwnPassword, ownPasswordState, type PasswordState } from '../../../broker/login/own-password.ts'
import { checkReturnUrl } from '../../../broker/login/return-url.ts'
import type { Session } from '../../../broker/session/session.ts'
import { type ErrorCode, GatehouseError } from '../../../errors.ts'
import { sourceOf, withQuery } from '../../../http/destination.ts'
import { deviceOf } from '../../../http/device.ts'
import { errorTextOf } from '../../../http/error-texts.ts'
import { queryOf, textField } from '../../../http/fields.ts'
import { redirect, sendResultPage } from '../../../http/respond.ts'
import { type FailurePorts, refusePage } from '../../errors/failure.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { redirectToDestination } from '../../sign-in/complete-sign-in.ts'
import { type KnownBrowserPorts, knownBrowserOf } from '../../sign-in/known-browser.ts'
import { type OpenAccountPorts, type OpenedAccount, openAccount } from '../open-account.ts'
import { signInAgainHref } from '../sign-in-methods.ts'
import { passwordPage } from './password-page.tsx'
import { passwordPath } from './paths.ts'

export type PasswordPorts = OpenAccountPorts &
  KnownBrowserPorts &
  FailurePorts &
  PartsOf<typeof changeOwnPassword> &
  PartsOf<typeof isFresh>

/** `short`: asked at sign-in; the user then continues to `returnTo`. */
export function readPasswordQuery(request: Request) {
  const query = queryOf(request)
  return { isAsked: textField(query, 'short', 1) === '1', returnTo: textField(query, 'return_to') }
}

type PasswordQuery = ReturnType<typeof readPasswordQuery>

export async function showPassword(call: Call<PasswordPorts>, query: PasswordQuery): Promise<void> {
  const account = await openAccount(call, pathOf(query))
  if (account === null) return
  await renderPassword(call, account, await stateOf(call, account.session), query)
}

const pathOf = ({ isAsked, returnTo }: PasswordQuery) =>
  withQuery(passwordPath, { short: isAsked ? '1' : undefined, return_to: returnTo })

async function stateOf({ shell }: Call<PasswordPorts>, session: Session): Promise<PasswordState> {
  const state = await ownPasswordState(shell.parts, session)
  if (state !== undefined) return state
  throw new GatehouseError('not_found', 'the user has no password and may not set one', {
    text: 'You sign in without a password here.',
  })
}

async function renderPassword(
  { shell, response }: Call<PasswordPorts>,
  { session, viewer }: OpenedAccount,
  state: PasswordState,
  { isAsked, returnTo }: PasswordQuery,
  error?: GatehouseError,
): Promise<void> {
  const { parts } = shell
  const { email, exists, rule, minimumLength } = state
  const destination = returnTo === undefined ? undefined : destinationOf(shell, session, returnTo)
  const field = error?.code === 'credentials_invalid' ? ({ field: 'currentPassword' } as const) : undefined
  const methods = await signInMethods(parts, session.tenant, session.userId)
  const html = passwordPage({
    viewer,
    ...{ email, exists, rule, minimumLength },
    isFresh: await isFresh(parts, session),
    signInAgainHref: signInAgainHref(session, methods, passwordPath),
    returnTo: destination,
    notNowHref: isAsked ? (destination ?? '/account') : undefined,
    error: error && { ...errorTextOf(error), ...currentText(error), ...field },
  })
  sendResultPage(response, html, error)
}

const currentText = ({ code }: GatehouseError) =>
  code === 'credentials_invalid' ? { title: 'The current password is wrong', text: 'Check it and try again.' } : {}

function destinationOf({ parts, publicUrl }: PasswordPorts, { tenant }: Session, returnTo: string): string {
  return checkReturnUrl(returnTo, parts.connections.tenant(tenant), publicUrl)
}

export const passwordForm = z.object({
  currentPassword: z.string().max(8192).optional(),
  password: z.string().max(8192),
  endOtherSessions: z.literal('1').optional(),
  return_to: z.string().max(2048).optional(),
})

/** The form stays for these; others end on the error page. */
const correctable: ReadonlySet<ErrorCode> = new Set([
  'credentials_invalid',
  'password_weak',
  'server_busy',
  'too_many_attempts',
  'fresh_sign_in_required',
])

export async function submitPassword(call: Call<PasswordPorts>, form: z.output<typeof passwordForm>): Promise<void> {
  const { shell, request } = call
  const returnTo = form.return_to
  const query = { isAsked: returnTo !== undefined, returnTo }
  const account = await openAccount(call, passwordPath)
  if (account === null) return
  const { session } = account
  const state = await stateOf(call, session)
  const changed = await changeOwnPassword(shell.parts, session, {
    currentPassword: form.currentPassword,
    password: form.password,
    endOtherSessions: form.endOtherSessions === '1',
    source: sourceOf(request),
    knownBrowserOf: (email) => knownBrowserOf(shell, request, { tenant: session.tenant, email }),
    device: deviceOf(request.headers['user-agent']),
  })
  if (changed.outcome === 'refused')
    return correctable.has(changed.error.code)
      ? renderPassword(call, account, state, query, changed.error)
      : refusePage(call, changed)
  if (returnTo !== undefined) return redirectToDestination(call, destinationOf(shell, session, returnTo))
  redirect(call.response, withQuery('/account/security', { notice: 'password-changed' }))
}
