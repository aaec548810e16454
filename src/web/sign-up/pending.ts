/**
 * The page after a link was emailed. It continues once the password is saved, in whatever browser:
 * its script asks while it is visible, and without scripts it reloads itself. This browser then
 * gets the form to sign in; the mailbox alone does not sign it in.
 */
import type { Request } from 'express'
import { findOwnPassword } from '../../broker/login/change-password.ts'
import { isPasswordSaved } from '../../broker/login/email/password-saved.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import { definedOnly, loginHref, toQuery, withQuery } from '../../http/destination.ts'
import { pageNumber, queryOf, textField } from '../../http/fields.ts'
import { allowFetch, redirect, sendPage } from '../../http/respond.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import type { Call, PartsOf } from '../shell.ts'
import { currentSession } from '../sign-in/current-session.ts'
import type { LoginPorts } from '../sign-in/login.ts'
import { pendingBrowserHash } from '../sign-in/pending-browser.ts'
import { sealedEmailQuery, sealedNameQuery } from '../sign-in/prefilled-email.ts'
import { requestingApp } from '../sign-in/requesting-app.ts'
import { type LinkRequest, requestPaths } from './link-request.ts'
import { checkMailPage } from './sign-up-pages.tsx'

/** Maximum reloads of the page without scripts: five minutes. */
const maxReloads = 30
const reloadSeconds = 10

/**
 * `reload`: how often the page reloaded. `claimsSaved`: the user says that the password is saved.
 */
export function readPending(request: Request) {
  const query = queryOf(request)
  return { reload: pageNumber(query, 'reload'), claimsSaved: textField(query, 'saved', 8) !== undefined }
}

export async function showPending(
  call: Call<LoginPorts & PartsOf<typeof findOwnPassword>>,
  linkRequest: LinkRequest,
  { reload, claimsSaved }: ReturnType<typeof readPending>,
): Promise<void> {
  const { shell, response } = call
  const { purpose, tenant, params } = linkRequest
  const email = canonicalEmail(linkRequest.email)
  if (email === null) return redirect(response, withQuery(requestPaths[purpose], toQuery(params)))
  const returnTo = checkReturnUrl(params.returnTo, tenant, shell.publicUrl)
  const browser = await pendingBrowserHash(call)
  const isSaved = browser !== undefined && (await isPasswordSaved(shell.parts, { tenant: tenant.id, email, browser }))
  if (!isSaved && !claimsSaved) return sendPending(call, linkRequest, reload)
  const session = await currentSession(call)
  const isSignedIn = session?.tenant === tenant.id
  // another tab of this browser continued, and an app's request is answered once
  if (isSignedIn && (await findOwnPassword(shell.parts, session))?.record.email === email)
    return redirect(response, (await requestingApp(shell, params, tenant.id)) === undefined ? returnTo : '/account')
  const query = { ...toQuery(params), step: 'password', ...sealedEmailQuery(shell.keyRing, email) }
  const shown = { ...(isSaved && { notice: 'password-saved' }), ...(isSignedIn && { prompt: 'login' }) }
  redirect(response, withQuery('/login', { ...query, ...shown }))
}

export function sendPending({ shell, response }: Call<LoginPorts>, linkRequest: LinkRequest, reload = 0): void {
  const { purpose, tenant, params, email = '', name, isAgain } = linkRequest
  const action = requestPaths[purpose]
  const query = toQuery(params)
  const hint = sealedEmailQuery(shell.keyRing, email)
  const pendingQuery = { ...query, ...hint, ...sealedNameQuery(shell.keyRing, name) }
  const html = checkMailPage({
    tenant,
    email: canonicalEmail(email) ?? email,
    what: purpose,
    isAgain,
    again: { action, hidden: definedOnly({ ...query, email, name, again: '1' }) },
    changeEmailHref: withQuery(action, { ...query, ...hint }),
    signInHref: loginHref(params),
    pendingHref: withQuery(`${action}/waiting`, pendingQuery),
    savedHref: withQuery(`${action}/waiting`, { ...pendingQuery, saved: 'yes' }),
    ...(reload < maxReloads && {
      reload: {
        seconds: reloadSeconds,
        href: withQuery(`${action}/waiting`, { ...pendingQuery, reload: `${reload + 1}` }),
      },
    }),
  })
  allowFetch(response)
  sendPage(response, 200, html)
}
