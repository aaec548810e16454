/** The linking page: proof that two sign-in methods belong to one user. */
import type { Request, Response } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { findPendingLink, savePendingLink } from '../../broker/identity/pending-link.ts'
import { signInMethods } from '../../broker/identity/sign-in-methods.ts'
import { declineLink } from '../../broker/login/decline-link.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import { errorTable, GatehouseError } from '../../errors.ts'
import { connectionLabel, logoPathOf } from '../../http/connection-labels.ts'
import { loginHref, loginParamsOf, sourceOf, startHref, toQuery, withQuery } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { queryOf, requiredText, textField } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import { buttonLook } from '../../pages/brand-buttons.ts'
import { type FailurePorts, refusePage } from '../errors/failure.ts'
import type { Shell, WithParts } from '../shell.ts'
import { type CompleteSignInPorts, completeSignIn } from './complete-sign-in.ts'
import { type CurrentSessionPorts, currentSession } from './current-session.ts'
import { linkingPage } from './linking-page.tsx'
import { ensureBrowser, type PendingBrowserPorts, pendingBrowserHash } from './pending-browser.ts'

export type LinkingPorts = FailurePorts &
  PendingBrowserPorts &
  CurrentSessionPorts &
  CompleteSignInPorts &
  Pick<Shell, 'brandStyles'> &
  WithParts<'codes' | 'counters' | 'domainProof' | 'mailer' | 'passwords' | 'publicUrl'>

/** Another user has the email: redirects to the linking page. */
export async function redirectToLinking(
  shell: LinkingPorts,
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

/** `/link`. Works only in the browser that signed in. */
export async function showLinking(shell: LinkingPorts, request: Request, response: Response): Promise<void> {
  const query = queryOf(request)
  const link = requiredText(query, 'code', 128)
  const pendingLink = await findPendingLink(shell.parts, link)
  if (pendingLink === null || pendingLink.browser !== (await pendingBrowserHash(request, shell)))
    throw new GatehouseError('link_invalid', 'no identity waits for this code in this browser', {
      text: "It was already used or has expired. Sign in again, and we'll ask you again if needed.",
    })
  const { tenant, returnTo, identity, why, mayDecline } = pendingLink
  const params = { tenant, returnTo }
  const email = identity.profile.email?.address
  const prompt = textField(query, 'again', 8) === undefined ? undefined : 'login'
  const { name, supportUrl } = shell.parts.connections.tenant(tenant)
  const session = await currentSession(shell, request)
  const html = linkingPage({
    tenant: { name },
    email: email ?? '',
    newLabel: connectionLabel(shell.parts.connections, tenant, pendingLink.connection),
    why,
    connections: (await signInMethods(shell.parts, tenant, ...pendingLink.existingUserIds)).map((connection) => ({
      id: connection.settings.id,
      ...buttonLook(connection.provider),
      label: labelOf(connection),
      logoPath: logoPathOf(connection),
      href: startHref({ ...params, link }, connection.settings.id, email, prompt),
      lastUsed: false,
    })),
    brandStyles: shell.brandStyles.path,
    ...(mayDecline && { decline: { action: '/link', hidden: { code: link } } }),
    backHref: loginHref(params),
    reference: pendingLink.reference,
    ...{ supportUrl, ...(session !== null && { signedIn: signedInOf(session) }) },
  })
  sendPage(response, errorTable.link_refused.status, html)
}

/** Continues as a new user. */
export async function submitDeclineLink(
  shell: LinkingPorts,
  request: Request,
  response: Response,
  { code }: { readonly code: string },
): Promise<void> {
  const finished = await declineLink(shell.parts, {
    code,
    browser: (await pendingBrowserHash(request, shell)) ?? '',
    device: deviceOf(request.headers['user-agent']),
  })
  if (finished.outcome === 'refused') return redirectToLinking(shell, request, response, finished)
  const { tenant, connection, profile } = finished.session
  const isTyped = shell.parts.connections.get(tenant, connection).upstream.passwords !== undefined
  return completeSignIn(shell, request, response, finished, isTyped ? profile.email?.address : undefined)
}

/** A connection without a button does not show its own label. */
function labelOf({ settings, provider, upstream }: OpenConnection): string {
  if (upstream.passwords !== undefined) return 'Sign in with your password'
  const brands = `Sign in with ${provider.brand.name}`
  return settings.button ? (settings.label ?? brands) : brands
}
