/** The linking page: proof that two sign-in methods belong to one user. */
import type { Request } from 'express'
import { type OpenConnection, provesMailbox } from '../../broker/connections.ts'
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
import type { Call, PartsOf, Shell } from '../shell.ts'
import { type CurrentSessionPorts, currentSession } from './current-session.ts'
import { linkingPage } from './pages/linking-page.tsx'
import { ensureBrowser, type PendingBrowserPorts, pendingBrowserHash } from './pending-browser.ts'
import { type FinishSignInPorts, finishSignIn } from './second-factor/finish-sign-in.ts'

export type LinkingPorts = FailurePorts &
  PendingBrowserPorts &
  CurrentSessionPorts &
  FinishSignInPorts &
  Pick<Shell, 'brandStyles'> &
  PartsOf<typeof savePendingLink> &
  PartsOf<typeof declineLink>

/** Another user has the email: redirects to the linking page. */
export async function redirectToLinking(call: Call<LinkingPorts>, refused: Refused): Promise<void> {
  const { shell, request, response } = call
  const { linkProof, resume, reference } = refused
  if (linkProof === undefined || resume === undefined) return refusePage(call, refused)
  // no connection of the existing users is left to prove the link
  if ((await signInMethods(shell.parts, resume.tenant, ...linkProof.existingUserIds)).length === 0)
    return refusePage(call, refused)
  const browser = await ensureBrowser(call)
  const saved = savePendingLink(shell.parts, { linkProof, resume, reference }, browser.hash, sourceOf(request))
  const [code] = await Promise.all([saved, browser.stored])
  const { link: _, ...params } = toQuery(loginParamsOf(resume))
  redirect(response, withQuery('/link', { code, ...params }))
}

export function readLinkQuery(request: Request) {
  const query = queryOf(request)
  const code = requiredText(query, 'code', 128)
  return { code, prompt: textField(query, 'again', 8) === undefined ? undefined : ('login' as const) }
}

/** `/link`. Works only in the browser that signed in. */
export async function showLinking(call: Call<LinkingPorts>, { code, prompt }: ReturnType<typeof readLinkQuery>) {
  const { connections, ...parts } = call.shell.parts
  const pendingLink = await findPendingLink(parts, code)
  if (pendingLink === null || pendingLink.browser !== (await pendingBrowserHash(call)))
    throw new GatehouseError('link_invalid', 'no identity waits for this code in this browser', {
      text: "It was already used or has expired. Sign in again, and we'll ask you again if needed.",
    })
  const { tenant, returnTo, identity, why, mayDecline, existingUserIds, reference } = pendingLink
  const email = identity.profile.email?.address
  const session = await currentSession(call)
  const html = linkingPage({
    tenant: connections.tenant(tenant),
    email: email ?? '',
    newLabel: connectionLabel(connections, tenant, pendingLink.connection),
    connections: (await signInMethods({ ...parts, connections }, tenant, ...existingUserIds)).map((connection) => ({
      id: connection.settings.id,
      ...buttonLook(connection.provider),
      label: labelOf(connection),
      logoPath: logoPathOf(connection),
      href: startHref({ tenant, returnTo, link: code }, connection.settings.id, email, prompt),
      lastUsed: false,
    })),
    ...(mayDecline && { decline: { action: '/link', hidden: { code } } }),
    backHref: loginHref({ tenant, returnTo }),
    brandStyles: call.shell.brandStyles.path,
    why,
    reference,
    signedIn: session === null ? undefined : signedInOf(session),
  })
  sendPage(call.response, errorTable.link_refused.status, html)
}

export async function submitDeclineLink(call: Call<LinkingPorts>, { code }: { readonly code: string }): Promise<void> {
  const { parts } = call.shell
  const browser = (await pendingBrowserHash(call)) ?? ''
  const finished = await declineLink(parts, { code, browser, device: deviceOf(call.request.headers['user-agent']) })
  if (finished.outcome === 'refused') return redirectToLinking(call, finished)
  const { tenant, connection } = finished.resume
  const isTyped = provesMailbox(parts.connections.get(tenant, connection))
  const email = finished.outcome === 'signed in' ? finished.session.profile.email?.address : finished.pending.email
  return finishSignIn(call, finished, isTyped ? email : undefined)
}

/** A connection without a button does not show its own label. */
function labelOf({ settings, provider, upstream }: OpenConnection): string {
  if (upstream.passwords !== undefined) return 'Sign in with your password'
  if (upstream.mailbox !== undefined) return 'Sign in with an emailed code'
  const brands = `Sign in with ${provider.brand.name}`
  return settings.button ? (settings.label ?? brands) : brands
}
