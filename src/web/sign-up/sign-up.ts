/** Sign-up and password reset: a link is emailed, and leads to the choice of the password. */

import type { Request } from 'express'
import { hasBreakGlassUser } from '../../broker/access/sso/decide-sso.ts'
import type { ConnectionKey } from '../../broker/connections.ts'
import { forgetPasswordSaved } from '../../broker/login/email/password-saved.ts'
import type { SignedIn } from '../../broker/login/outcome.ts'
import { type LinkPurpose, mayHavePassword, openLink, type requestLink } from '../../broker/login/password-link.ts'
import { finishLink } from '../../broker/login/set-password.ts'
import { GatehouseError } from '../../errors.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import {
  type LoginParams,
  loginHref,
  readLoginParams,
  sourceOf,
  startHref,
  toQuery,
  withQuery,
} from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { fieldsOf, placeOf, textField } from '../../http/fields.ts'
import { sendPage, sendResultPage } from '../../http/respond.ts'
import { canonicalEmail, domainOf } from '../../profile/profile.ts'
import type { Call, PartsOf } from '../shell.ts'
import { completeSignIn, keepSignIn } from '../sign-in/complete-sign-in.ts'
import { connectionButtons } from '../sign-in/connection-buttons.ts'
import { requestedBy } from '../sign-in/email-code/mail-code.ts'
import { redirectToLinking } from '../sign-in/linking.ts'
import type { LoginPorts } from '../sign-in/login.ts'
import { connectionForEmail } from '../sign-in/login-start.ts'
import { ensureBrowser, pendingBrowserHash } from '../sign-in/pending-browser.ts'
import { requestingApp, siteOf } from '../sign-in/requesting-app.ts'
import { finishSignIn } from '../sign-in/second-factor/finish-sign-in.ts'
import { type LinkRequest, requestPaths } from './link-request.ts'
import { mailLink } from './mail-link.ts'
import { sendPending } from './pending.ts'
import {
  choosePasswordPage,
  otherConnectionPage,
  passwordSavedPage,
  requestResetPage,
  signUpPage,
} from './sign-up-pages.tsx'

type SignUpCall = Call<LoginPorts & PartsOf<typeof requestLink> & PartsOf<typeof finishLink>>

const pages = {
  'sign-up': { verify: 'verify', page: signUpPage },
  reset: { verify: 'reset', page: requestResetPage },
} as const

/** Responds the same whether or not the email is known (PW-01). */
export async function submitLinkRequest(call: SignUpCall, linkRequest: LinkRequest): Promise<void> {
  const { purpose, tenant, params, connection, email = '', name } = linkRequest
  if (showOtherConnection(call, linkRequest)) return
  const browser = await ensureBrowser(call)
  const address = canonicalEmail(email)
  try {
    await browser.stored
    if (address !== null)
      await forgetPasswordSaved(call.shell.parts, { tenant: tenant.id, email: address, browser: browser.hash })
    await mailLink(call.shell.parts, purpose, {
      ...params,
      connection,
      email,
      browser: browser.hash,
      source: sourceOf(call.request),
      requested: requestedBy(call),
      carried: destinationFields(params),
      ...(name !== undefined && { name }),
    })
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.text === undefined) throw error
    return showLinkRequest(call, { ...linkRequest, email }, error)
  }
  sendPending(call, linkRequest)
}

/**
 * True if the domain of the address belongs to another connection: no email would be sent. The
 * sign-in page shows the same (`connectionForEmail`); the address itself makes no difference.
 */
function showOtherConnection(call: SignUpCall, { purpose, tenant, params, connection, email = '' }: LinkRequest) {
  const { connections } = call.shell.parts
  const address = canonicalEmail(email)
  const { settings } = connections.get(tenant.id, connection)
  if (address === null || mayHavePassword(tenant, settings, address)) return false
  if (hasBreakGlassUser(tenant, domainOf(address))) return false
  const other = connectionForEmail(call, tenant, address)
  if (other === undefined) return false
  const html = otherConnectionPage({
    tenant,
    domain: domainOf(address),
    label: connectionLabel(connections, tenant.id, other),
    href: startHref(params, other, address),
    backHref: withQuery(requestPaths[purpose], toQuery(params)),
  })
  sendPage(call.response, 200, html)
  return true
}

export async function showLinkRequest(
  call: SignUpCall,
  { purpose, tenant, params, email, name }: LinkRequest,
  error?: GatehouseError,
): Promise<void> {
  const html = pages[purpose].page({
    tenant,
    ...(purpose === 'sign-up' && {
      connections: connectionButtons(call, tenant, params),
      brandStyles: call.shell.brandStyles.path,
    }),
    email,
    name,
    form: { action: requestPaths[purpose], hidden: toQuery(params) },
    signInHref: loginHref(params),
    error: error && { ...errorTextOf(error), ...(error.code === 'email_invalid' && { field: 'email' }) },
  })
  sendResultPage(call.response, html, error)
}

interface MailedLink {
  readonly purpose: LinkPurpose
  readonly place: ConnectionKey
  readonly code: string
  readonly password: string
  /** Read after the code, so that an expired link is refused as such. */
  readonly destination: () => Readonly<Record<string, string>>
}

export function readMailedLink(purpose: LinkPurpose) {
  return (request: Request): MailedLink => {
    const fields = fieldsOf(request)
    const code = Object.hasOwn(fields, 'code') ? fields['code'] : undefined
    return {
      purpose,
      place: placeOf(request),
      // a link that an email program changed is refused like an expired one
      code: typeof code === 'string' ? code : '',
      password: textField(fields, 'password', 8192) ?? '',
      destination: () => destinationFields(readLoginParams(fields)),
    }
  }
}

/** Opening an emailed link consumes nothing, since email scanners open it too (RE-02). */
export async function showChoosePassword(
  { shell, response }: SignUpCall,
  { purpose, place, code, destination }: MailedLink,
  error?: GatehouseError,
): Promise<void> {
  const { tenant, email, rule, minimumLength } = await openLink(shell.parts, purpose, place, code)
  const action = `/t/${place.tenant}/${place.connection}/${pages[purpose].verify}`
  const html = choosePasswordPage({
    tenant,
    what: purpose,
    email,
    rule,
    minimumLength,
    form: { action, hidden: { code, ...destination() } },
    error: error && errorTextOf(error),
  })
  sendResultPage(response, html, error)
}

export async function submitChoosePassword(call: SignUpCall, link: MailedLink): Promise<void> {
  const { purpose, place, code, password } = link
  const { parts } = call.shell
  try {
    const { email, browser } = await openLink(parts, purpose, place, code)
    const device = deviceOf(call.request.headers['user-agent'])
    const finished = await finishLink(parts, purpose, place, { code, password, device })
    const isElsewhere = browser !== undefined && browser !== (await pendingBrowserHash(call))
    if (finished.outcome === 'signed in' && isElsewhere) return await showSaved(call, finished, email)
    if (finished.outcome !== 'refused') return await finishSignIn(call, finished, email)
    return await redirectToLinking(call, finished)
  } catch (error) {
    if (!(error instanceof GatehouseError) || (error.code !== 'password_weak' && error.code !== 'server_busy'))
      throw error
    await showChoosePassword(call, link, error)
  }
}

/** A sign-in that an app began waits in another browser: here it can only begin anew. */
async function showSaved(call: SignUpCall, signedIn: SignedIn, email: string): Promise<void> {
  const { shell } = call
  const { returnTo, tenant: tenantId } = signedIn.resume
  const app = await requestingApp(shell, { returnTo }, tenantId)
  const { origin, host } = new URL(returnTo)
  if (app === undefined && origin === shell.publicUrl.origin) return completeSignIn(call, signedIn, email)
  await keepSignIn(call, signedIn, email)
  const account = { href: '/account', label: 'Go to your account' }
  const href = app === undefined ? origin : siteOf(app)
  const site = href === undefined ? account : { href, label: `Continue to ${app?.name ?? host}` }
  const tenant = shell.parts.connections.tenant(tenantId)
  sendPage(call.response, 200, passwordSavedPage({ tenant, destination: site }))
}

/** Passed on for the page of an expired link. The tenant and the link are stored with the code. */
function destinationFields(params: LoginParams): Record<string, string> {
  const { tenant: _, link: __, ...destination } = toQuery(params)
  return destination
}
