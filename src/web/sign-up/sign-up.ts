/** Sign-up and password reset: a link is mailed, and leads to the choice of the password. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request, Response } from 'express'
import { type LinkPurpose, openLink, requestLink } from '../../broker/login/password-link.ts'
import { finishLink } from '../../broker/login/set-password.ts'
import { errorTable, GatehouseError } from '../../errors.ts'
import { loginHref, readLoginParams, sourceOf, toQuery } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { type Fields, formOf, pathPart, queryOf, textField } from '../../http/fields.ts'
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

type Handler = (shell: SignUpPorts, request: Request, response: Response) => Promise<void>

/** The form that asks for the email. */
export function showRequest(purpose: LinkPurpose): Handler {
  return async (shell, request, response) => {
    const query = queryOf(request)
    const place = placeOf(shell, query, purpose)
    const email = openEmailQuery(shell.keyRing, query) ?? textField(query, 'email', 254)
    sendPage(response, 200, requestHtml(purpose, place, email))
  }
}

/** Longer than queueing a mail takes, so that the time does not reveal whether one was sent. */
const minResponseMs = 250

/** The same words after the same time whether the address is known or not (PW-01). */
export function submitRequest(purpose: LinkPurpose): Handler {
  return async (shell, request, response) => {
    const form = formOf(request)
    const place = placeOf(shell, form, purpose)
    const email = textField(form, 'email', 254)?.trim() ?? ''
    const name = textField(form, 'name', 256)
    const linkRequest = {
      ...place.params,
      connection: place.connection,
      email,
      source: sourceOf(request),
      carried: loginParamsAsForm(form),
      ...(name !== undefined && { name }),
    }
    const minResponseTime = sleep(minResponseMs)
    try {
      const mailIt = await requestLink(shell.parts, purpose, linkRequest)
      await mailIt() // the page promises it
    } catch (error) {
      if (!(error instanceof GatehouseError) || error.text === undefined) throw error
      return sendPage(response, errorTable[error.code].status, requestHtml(purpose, place, email, name, error))
    }
    const shown = { email: canonicalEmail(email) ?? email, what: purpose, signInHref: loginHref(place.params) }
    await minResponseTime
    sendPage(response, 200, checkMailPage({ tenant: place.tenant, ...shown }))
  }
}

/** The page behind a mailed link. Opening it consumes nothing: mail scanners do it too (RE-02). */
export function showChoosePassword(purpose: LinkPurpose): Handler {
  return async (shell, request, response) => choosePassword(shell, request, response, purpose, queryOf(request))
}

export function submitChoosePassword(purpose: LinkPurpose): Handler {
  return async (shell, request, response) => {
    const form = formOf(request)
    const code = codeIn(form)
    const place = { tenant: pathPart(request, 'tenant'), connection: pathPart(request, 'connection') }
    try {
      const { email } = await openLink(shell.parts, purpose, place, code)
      const password = textField(form, 'password', 8192) ?? ''
      const device = deviceOf(request.headers['user-agent'])
      const finished = await finishLink(shell.parts, purpose, place, { code, password, device })
      if (finished.outcome === 'signed in') return await completeSignIn(shell, request, response, finished, email)
      return await redirectToLinking(shell, request, response, finished)
    } catch (error) {
      if (!(error instanceof GatehouseError) || (error.code !== 'password_weak' && error.code !== 'server_busy'))
        throw error
      await choosePassword(shell, request, response, purpose, form, error)
    }
  }
}

async function choosePassword(
  shell: SignUpPorts,
  request: Request,
  response: Response,
  purpose: LinkPurpose,
  fields: Fields,
  error?: GatehouseError,
): Promise<void> {
  const code = codeIn(fields)
  const place = { tenant: pathPart(request, 'tenant'), connection: pathPart(request, 'connection') }
  const { tenant, email, rule } = await openLink(shell.parts, purpose, place, code)
  const action = `/t/${place.tenant}/${place.connection}/${pages[purpose].verify}`
  const html = choosePasswordPage({
    tenant,
    what: purpose,
    email,
    rule,
    form: { action, hidden: { code, ...loginParamsAsForm(fields) } },
    ...(error !== undefined && { error: errorTextOf(error) }),
  })
  sendPage(response, error === undefined ? 200 : errorTable[error.code].status, html)
}

/** Mail programs may garble links: such a code is invalid, not an error of the request. */
function codeIn(fields: Fields): string {
  const code = Object.hasOwn(fields, 'code') ? fields['code'] : undefined
  return typeof code === 'string' ? code : ''
}

/** The destination, for an expired link; a valid code has its own. */
function loginParamsAsForm(fields: Fields): Record<string, string> {
  const { tenant: _, link: __, ...carried } = toQuery(readLoginParams(fields))
  return carried
}

interface Place {
  readonly tenant: Tenant
  readonly connection: string
  readonly params: ReturnType<typeof readLoginParams> & { readonly tenant: string }
}

/** Throws `connection_unknown` when the tenant has no passwords or no sign-up. */
function placeOf(shell: SignUpPorts, fields: Parameters<typeof readLoginParams>[0], purpose: LinkPurpose): Place {
  const params = tenantOf(shell, readLoginParams(fields))
  if (params === null) throw new GatehouseError('connection_unknown', 'no tenant named')
  const tenant = shell.parts.connections.tenant(params.tenant)
  const connection = shell.parts.connections.passwordConnection(tenant)
  if (connection === null || (purpose === 'sign-up' && connection.upstream.passwords?.allowsSignUp !== true))
    throw new GatehouseError('connection_unknown', `tenant ${tenant.id} has no ${purpose} page`)
  return { tenant, connection: connection.settings.id, params }
}

function requestHtml(
  purpose: LinkPurpose,
  place: Place,
  email?: string,
  name?: string,
  error?: GatehouseError,
): string {
  return pages[purpose].page({
    tenant: place.tenant,
    ...(email !== undefined && { email }),
    form: {
      action: pages[purpose].action,
      hidden: toQuery(place.params),
      ...(email !== undefined && { email }),
      ...(name !== undefined && { name }),
    },
    signInHref: loginHref(place.params),
    ...(error !== undefined && { error: errorTextOf(error) }),
  })
}
