/** Sign-up and password reset: a link is mailed, and leads to the choice of the password. */

import type { Request } from 'express'
import type { ConnectionKey } from '../../broker/connections.ts'
import { type LinkPurpose, linkConnection, openLink, type requestLink } from '../../broker/login/password-link.ts'
import { finishLink } from '../../broker/login/set-password.ts'
import { GatehouseError } from '../../errors.ts'
import { type LoginParams, loginHref, readLoginParams, sourceOf, toQuery } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { fieldsOf, placeOf, textField } from '../../http/fields.ts'
import { sendPage, sendResultPage } from '../../http/respond.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import type { Tenant } from '../../tenant.ts'
import type { Call, PartsOf } from '../shell.ts'
import { completeSignIn } from '../sign-in/complete-sign-in.ts'
import { redirectToLinking } from '../sign-in/linking.ts'
import { type LoginPorts, tenantOf } from '../sign-in/login.ts'
import { openEmailQuery } from '../sign-in/prefilled-email.ts'
import { mailLink } from './mail-link.ts'
import { checkMailPage, choosePasswordPage, requestResetPage, signUpPage } from './sign-up-pages.tsx'

type SignUpCall = Call<LoginPorts & PartsOf<typeof requestLink> & PartsOf<typeof finishLink>>

const pages = {
  'sign-up': { action: '/sign-up', verify: 'verify', page: signUpPage },
  reset: { action: '/forgot', verify: 'reset', page: requestResetPage },
} as const

interface LinkRequest {
  readonly purpose: LinkPurpose
  readonly tenant: Tenant
  readonly connection: string
  readonly params: LoginParams & { readonly tenant: string }
  readonly email: string | undefined
  readonly name: string | undefined
}

/**
 * The query or form of a page that asks for an email. Throws `connection_unknown` if the tenant
 * has no passwords, or no sign-up.
 */
export function readLinkRequest(purpose: LinkPurpose) {
  return (request: Request, shell: SignUpCall['shell']): LinkRequest => {
    const fields = fieldsOf(request)
    const params = tenantOf(shell, readLoginParams(fields))
    if (params === null) throw new GatehouseError('connection_unknown', 'no tenant named')
    const { tenant, settings } = linkConnection(shell.parts, params.tenant, purpose)
    const email = openEmailQuery(shell.keyRing, fields) ?? textField(fields, 'email', 254)
    const name = textField(fields, 'name', 256)
    return { purpose, tenant, params, name, connection: settings.id, email: email?.trim() }
  }
}

/** Responds the same whether or not the email is known (PW-01). */
export async function submitLinkRequest(call: SignUpCall, linkRequest: LinkRequest): Promise<void> {
  const { purpose, tenant, params, connection, email = '', name } = linkRequest
  try {
    await mailLink(call.shell.parts, purpose, {
      ...params,
      connection,
      email,
      source: sourceOf(call.request),
      carried: destinationFields(params),
      ...(name !== undefined && { name }),
    })
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.text === undefined) throw error
    return showLinkRequest(call, { ...linkRequest, email }, error)
  }
  const shown = { email: canonicalEmail(email) ?? email, what: purpose, signInHref: loginHref(params) }
  sendPage(call.response, 200, checkMailPage({ tenant, ...shown }))
}

export async function showLinkRequest(
  { response }: Pick<SignUpCall, 'response'>,
  { purpose, tenant, params, email, name }: LinkRequest,
  error?: GatehouseError,
): Promise<void> {
  const { action, page } = pages[purpose]
  const html = page({
    tenant,
    email,
    name,
    form: { action, hidden: toQuery(params) },
    signInHref: loginHref(params),
    error: error && errorTextOf(error),
  })
  sendResultPage(response, html, error)
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
      // a link that a mail program changed is refused like an expired one
      code: typeof code === 'string' ? code : '',
      password: textField(fields, 'password', 8192) ?? '',
      destination: () => destinationFields(readLoginParams(fields)),
    }
  }
}

/** Opening a mailed link consumes nothing, since mail scanners open it too (RE-02). */
export async function showChoosePassword(
  { shell, response }: SignUpCall,
  { purpose, place, code, destination }: MailedLink,
  error?: GatehouseError,
): Promise<void> {
  const { tenant, email, rule } = await openLink(shell.parts, purpose, place, code)
  const action = `/t/${place.tenant}/${place.connection}/${pages[purpose].verify}`
  const html = choosePasswordPage({
    tenant,
    what: purpose,
    email,
    rule,
    form: { action, hidden: { code, ...destination() } },
    error: error && errorTextOf(error),
  })
  sendResultPage(response, html, error)
}

export async function submitChoosePassword(call: SignUpCall, link: MailedLink): Promise<void> {
  const { purpose, place, code, password } = link
  const { parts } = call.shell
  try {
    const { email } = await openLink(parts, purpose, place, code)
    const device = deviceOf(call.request.headers['user-agent'])
    const finished = await finishLink(parts, purpose, place, { code, password, device })
    if (finished.outcome === 'signed in') return await completeSignIn(call, finished, email)
    return await redirectToLinking(call, finished)
  } catch (error) {
    if (!(error instanceof GatehouseError) || (error.code !== 'password_weak' && error.code !== 'server_busy'))
      throw error
    await showChoosePassword(call, link, error)
  }
}

/** Passed on for the page of an expired link. The tenant and the link are stored with the code. */
function destinationFields(params: LoginParams): Record<string, string> {
  const { tenant: _, link: __, ...destination } = toQuery(params)
  return destination
}
