/** Sign-up and password reset: a link is mailed, and leads to the choice of the password. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import { type LinkPurpose, openLink, requestLink } from '../../broker/login/password-link.ts'
import { finishLink } from '../../broker/login/set-password.ts'
import { errorTable, GatehouseError } from '../../errors.ts'
import { loginHref, readLoginParams, sourceOf, toQuery } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { formOf, pathPart, queryOf, textField } from '../../http/fields.ts'
import { sendPage } from '../../http/respond.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import type { Tenant } from '../../tenant.ts'
import { completeSignIn } from '../sign-in/complete-sign-in.ts'
import { redirectToLinking } from '../sign-in/linking.ts'
import { type LoginPorts, tenantOf } from '../sign-in/login.ts'
import { openEmailQuery } from '../sign-in/prefilled-email.ts'
import { checkMailPage } from './check-mail-page.tsx'
import { choosePasswordPage } from './choose-password-page.tsx'
import { requestResetPage } from './request-reset-page.tsx'
import { signUpPage } from './sign-up-page.tsx'

export type SignUpPorts = LoginPorts

const pages = {
  'sign-up': { action: '/sign-up', verify: 'verify', page: signUpPage },
  reset: { action: '/forgot', verify: 'reset', page: requestResetPage },
} as const

interface LinkRequest {
  readonly purpose: LinkPurpose
  readonly tenant: Tenant
  readonly connection: string
  readonly params: ReturnType<typeof readLoginParams> & { readonly tenant: string }
  readonly email: string | undefined
  readonly name: string | undefined
}

/**
 * The query or form of a page that asks for an email. Throws `connection_unknown` if the tenant
 * has no passwords, or no sign-up.
 */
export function readLinkRequest(purpose: LinkPurpose) {
  return (request: Request, shell: SignUpPorts): LinkRequest => {
    const fields = request.method === 'POST' ? formOf(request) : queryOf(request)
    const params = tenantOf(shell, readLoginParams(fields))
    if (params === null) throw new GatehouseError('connection_unknown', 'no tenant named')
    const tenant = shell.parts.connections.tenant(params.tenant)
    const connection = shell.parts.connections.passwordConnection(tenant)
    if (connection === null || (purpose === 'sign-up' && connection.upstream.passwords?.allowsSignUp !== true))
      throw new GatehouseError('connection_unknown', `tenant ${tenant.id} has no ${purpose} page`)
    const email = openEmailQuery(shell.keyRing, fields) ?? textField(fields, 'email', 254)
    const name = textField(fields, 'name', 256)
    return { ...{ purpose, tenant, params, name }, connection: connection.settings.id, email: email?.trim() }
  }
}

export async function showLinkRequest(_shell: SignUpPorts, _request: Request, response: Response, asked: LinkRequest) {
  sendPage(response, 200, requestHtml(asked))
}

/** Longer than queueing a mail takes, so that the time does not tell whether one was queued. */
const minResponseMs = 250

/** Responds the same after the same time whether or not the email is known (PW-01). */
export async function submitLinkRequest(
  shell: SignUpPorts,
  request: Request,
  response: Response,
  asked: LinkRequest,
): Promise<void> {
  const { purpose, tenant, params, connection, email = '', name } = asked
  const linkRequest = {
    ...{ ...params, connection, email, source: sourceOf(request), carried: destinationFields(params) },
    ...(name !== undefined && { name }),
  }
  const minResponseTime = sleep(minResponseMs)
  try {
    const mailIt = await requestLink(shell.parts, purpose, linkRequest)
    await mailIt() // the page says that a mail is on its way
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.text === undefined) throw error
    return sendPage(response, errorTable[error.code].status, requestHtml({ ...asked, email }, error))
  }
  await minResponseTime
  const shown = { email: canonicalEmail(email) ?? email, what: purpose, signInHref: loginHref(params) }
  sendPage(response, 200, checkMailPage({ tenant, ...shown }))
}

interface MailedLink {
  readonly purpose: LinkPurpose
  readonly place: { readonly tenant: string; readonly connection: string }
  readonly code: string
  readonly password: string
  /** Read after the code, so that an expired link is refused as such. */
  readonly destination: () => Readonly<Record<string, string>>
}

export function readMailedLink(purpose: LinkPurpose) {
  return (request: Request): MailedLink => {
    const fields = request.method === 'POST' ? formOf(request) : queryOf(request)
    const code = Object.hasOwn(fields, 'code') ? fields['code'] : undefined
    return {
      purpose,
      place: { tenant: pathPart(request, 'tenant'), connection: pathPart(request, 'connection') },
      // a link that a mail program changed is refused like an expired one
      code: typeof code === 'string' ? code : '',
      password: textField(fields, 'password', 8192) ?? '',
      destination: () => destinationFields(readLoginParams(fields)),
    }
  }
}

/** Opening a mailed link consumes nothing, since mail scanners open it too (RE-02). */
export async function showChoosePassword(shell: SignUpPorts, _request: Request, response: Response, link: MailedLink) {
  await choosePassword(shell, response, link)
}

export async function submitChoosePassword(
  shell: SignUpPorts,
  request: Request,
  response: Response,
  link: MailedLink,
): Promise<void> {
  const { purpose, place, code, password } = link
  try {
    const { email } = await openLink(shell.parts, purpose, place, code)
    const device = deviceOf(request.headers['user-agent'])
    const finished = await finishLink(shell.parts, purpose, place, { code, password, device })
    if (finished.outcome === 'signed in') return await completeSignIn(shell, request, response, finished, email)
    return await redirectToLinking(shell, request, response, finished)
  } catch (error) {
    if (!(error instanceof GatehouseError) || (error.code !== 'password_weak' && error.code !== 'server_busy'))
      throw error
    await choosePassword(shell, response, link, error)
  }
}

async function choosePassword(
  shell: SignUpPorts,
  response: Response,
  { purpose, place, code, destination }: MailedLink,
  error?: GatehouseError,
): Promise<void> {
  const { tenant, email, rule } = await openLink(shell.parts, purpose, place, code)
  const action = `/t/${place.tenant}/${place.connection}/${pages[purpose].verify}`
  const html = choosePasswordPage({
    ...{ tenant, what: purpose, email, rule },
    form: { action, hidden: { code, ...destination() } },
    ...(error !== undefined && { error: errorTextOf(error) }),
  })
  sendPage(response, error === undefined ? 200 : errorTable[error.code].status, html)
}

/** Passed on for the page of an expired link. The tenant and the link are stored with the code. */
function destinationFields(params: ReturnType<typeof readLoginParams>): Record<string, string> {
  const { tenant: _, link: __, ...destination } = toQuery(params)
  return destination
}

function requestHtml({ purpose, tenant, params, email, name }: LinkRequest, error?: GatehouseError): string {
  return pages[purpose].page({
    tenant,
    ...(email !== undefined && { email }),
    form: {
      action: pages[purpose].action,
      hidden: toQuery(params),
      ...(email !== undefined && { email }),
      ...(name !== undefined && { name }),
    },
    signInHref: loginHref(params),
    ...(error !== undefined && { error: errorTextOf(error) }),
  })
}
