/** One person, several gates: the page that asks for the proof, and adding and unlinking from the signed-in page. */
import type { Request, Response } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { connectionToSignInAgain, isFresh } from '../../broker/identity/fresh-sign-in.ts'
import { findPendingLink, savePendingLink } from '../../broker/identity/pending-link.ts'
import { identityName, signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { confirmIdentity } from '../../broker/identity/suspend-identities.ts'
import { unlinkIdentity } from '../../broker/identity/unlink-identity.ts'
import { declineLink } from '../../broker/login/decline-link.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import { startLogin } from '../../broker/login/start-login.ts'
import type { Session } from '../../broker/session/session.ts'
import { errorTable, GatehouseError } from '../../errors.ts'
import { connectionLabel, logoPathOf } from '../../http/connection-labels.ts'
import { loginHref, loginParamsOf, sourceOf, startHref, toQuery, withQuery } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { formOf, queryOf, requiredText, textField } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import { requireSignIn } from '../account/account.ts'
import { accountHref, signInAgainHref } from '../account/sign-in-methods.ts'
import { refusePage } from '../errors/failure.ts'
import type { Shell } from '../shell.ts'
import { sendChallenge } from './challenge.ts'
import { browserSignIn, completeSignIn, sendRedirectPage } from './complete-sign-in.ts'
import { linkingPage } from './linking-page.tsx'
import { ensureBrowser, pendingBrowserHash, setLoginCookie } from './pending-browser.ts'

/** A login refused because somebody has its email: off to the page that says how to prove to be that somebody. */
export async function redirectToLinking(
  shell: Shell,
  request: Request,
  response: Response,
  refused: Refused,
): Promise<void> {
  const { linkProof, resume, reference } = refused
  if (linkProof === undefined || resume === undefined) return refusePage(shell, request, response, refused)
  // nothing left to prove it by: all their connections are gone
  if ((await signInMethods(shell.parts, resume.tenant, ...linkProof.existingUserIds)).length === 0)
    return refusePage(shell, request, response, refused)
  const browser = await ensureBrowser(request, shell)
  const code = await savePendingLink(shell.parts, { linkProof, resume, reference }, browser.hash, sourceOf(request))
  const { link: _, ...params } = toQuery(loginParamsOf(resume))
  redirect(response, withQuery('/link', { code, ...params }))
}

/** `/link`: can be reloaded and come back to. Shows nothing in another browser than the one the identity waits in. */
export async function showLinking(shell: Shell, request: Request, response: Response): Promise<void> {
  const query = queryOf(request)
  const link = requiredText(query, 'code', 128)
  const pendingLink = await findPendingLink(shell.parts, link)
  if (pendingLink === null || pendingLink.browser !== (await pendingBrowserHash(request, shell)))
    throw new GatehouseError('link_invalid', 'no identity waits for this code in this browser', {
      text: 'It was used already, or waited for more than ten minutes. Sign in again; we ask you once more if need be.',
    })
  const { tenant, returnTo, identity, why, mayDecline } = pendingLink
  const params = { tenant, returnTo }
  const email = identity.profile.email?.address
  const prompt = textField(query, 'again', 8) === undefined ? undefined : 'login'
  const { name, supportUrl } = shell.parts.connections.tenant(tenant)
  const signedIn = await browserSignIn(shell, request)
  const html = linkingPage({
    tenant: { name },
    email: email ?? '',
    newLabel: connectionLabel(shell.parts.connections, tenant, pendingLink.connection),
    why,
    connections: (await signInMethods(shell.parts, tenant, ...pendingLink.existingUserIds)).map((connection) => ({
      id: connection.settings.id,
      kind: connection.provider.kind,
      label: labelOf(connection),
      logoPath: logoPathOf(connection),
      href: startHref({ ...params, link }, connection.settings.id, email, prompt),
      lastUsed: false,
    })),
    ...(mayDecline && { decline: { action: '/link', hidden: { code: link } } }),
    backHref: loginHref(params),
    reference: pendingLink.reference,
    ...{ supportUrl, ...(signedIn !== null && { signedIn: signedInOf(signedIn.session) }) },
  })
  sendPage(response, errorTable.link_refused.status, html)
}

/** The way on of who has no other account. */
export async function submitDeclineLink(shell: Shell, request: Request, response: Response): Promise<void> {
  const finished = await declineLink(shell.parts, {
    code: requiredText(formOf(request), 'code', 128),
    browser: (await pendingBrowserHash(request, shell)) ?? '',
    device: deviceOf(request.headers['user-agent']),
  })
  if (finished.outcome === 'refused') return redirectToLinking(shell, request, response, finished)
  const { tenant, connection, profile } = finished.session
  const isTyped = shell.parts.connections.get(tenant, connection).upstream.passwords !== undefined
  return completeSignIn(shell, request, response, finished, isTyped ? profile.email?.address : undefined)
}

/** The label of a gate without a button is nobody's business. */
function labelOf({ settings, provider, upstream }: OpenConnection): string {
  if (upstream.passwords !== undefined) return 'Sign in with your password'
  const brands = `Sign in with ${provider.brand.name}`
  return settings.button ? (settings.label ?? brands) : brands
}

/** From the signed-in page only: a form of ours, a fresh session, and a login bound to both session and browser (ID-08). */
export async function addIdentity(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await freshSession(shell, request, response)
  if (session === null) return
  const connection = shell.parts.connections.get(session.tenant, requiredText(formOf(request), 'connection', 64))
  if (connection.upstream.passwords !== undefined)
    throw new GatehouseError('connection_unknown', 'a password is added behind a mailed link')
  const browser = await ensureBrowser(request, shell)
  const params = { tenant: session.tenant, returnTo: accountHref('added') }
  const started = await startLogin(shell.parts, {
    ...params,
    connection: connection.settings.id,
    browser: browser.hash,
    addTo: session.id,
    reauthenticate: true, // not silently whoever the upstream happens to know in this browser
  })
  if (started.outcome === 'refused') return refusePage(shell, request, response, started)
  setLoginCookie(shell, response, browser, started.state)
  // a form may not be redirected to another origin (`form-action`)
  const { challenge } = started
  if (challenge.step === 'redirect') return sendRedirectPage(response, challenge.url, connection.provider.brand.name)
  sendChallenge(response, challenge, params, undefined)
}

export async function removeIdentity(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await freshSession(shell, request, response)
  if (session === null) return
  const outcome = await unlinkIdentity(shell.parts, session, requiredText(formOf(request), 'identity', 64))
  redirect(response, outcome === null ? '/account' : accountHref(outcome))
}

/** Takes a method that a password reset suspended for the user's own. */
export async function confirmMethod(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await freshSession(shell, request, response)
  if (session === null) return
  const name = requiredText(formOf(request), 'identity', 64)
  const confirmed = await confirmIdentity(shell.parts, session, (identity) => identityName(identity) === name)
  redirect(response, confirmed ? accountHref('confirmed') : '/account')
}

/** The session, if the person proved themselves just now; else null, and they are on their way to do so. */
async function freshSession(shell: Shell, request: Request, response: Response): Promise<Session | null> {
  const session = await requireSignIn(shell, request)
  if (await isFresh(shell.parts, session)) return session
  const connections = await signInMethods(shell.parts, session.tenant, session.userId)
  sendRedirectPage(
    response,
    new URL(signInAgainHref(session, connections), shell.publicUrl),
    connectionLabel(shell.parts.connections, session.tenant, connectionToSignInAgain(session, connections)),
  )
  return null
}
