/** Sign-in by an emailed code or link. Opening the link uses nothing up (RE-02). */
import type { Request } from 'express'
import { type EmailProof, openMailedCode, signInWithMailedCode } from '../../../broker/login/email/complete-code.ts'
import { codeMinutes, type MailedCodeContent } from '../../../broker/login/email/mailed-code.ts'
import { emailConnection, type requestEmailCode, resendSeconds } from '../../../broker/login/email/request-code.ts'
import type { Refused } from '../../../broker/login/outcome.ts'
import { errorTable, GatehouseError } from '../../../errors.ts'
import {
  type LoginParams,
  promptOf,
  readLoginParams,
  sourceOf,
  startHref,
  toQuery,
  withQuery,
} from '../../../http/destination.ts'
import { deviceOf } from '../../../http/device.ts'
import { fieldsOf, formOf, placeOf, queryOf, textField } from '../../../http/fields.ts'
import { redirect, sendPage, sendResultPage } from '../../../http/respond.ts'
import { canonicalEmail } from '../../../profile/profile.ts'
import { refusePage } from '../../errors/failure.ts'
import { formError } from '../../errors/form-error.ts'
import type { Call, PartsOf, Shell } from '../../shell.ts'
import { sendRedirectPage } from '../complete-sign-in.ts'
import { connectedLabel } from '../connected-label.ts'
import { chooseKept, readKeepChoice } from '../kept-sign-in.ts'
import { knownBrowserOf } from '../known-browser.ts'
import { type LinkingPorts, redirectToLinking } from '../linking.ts'
import { connectionForEmail } from '../login-start.ts'
import { ensureBrowser, pendingBrowserHash } from '../pending-browser.ts'
import { finishSignIn } from '../second-factor/finish-sign-in.ts'
import { enterCodePage, mailedLinkPage, otherBrowserPage } from './email-code-pages.tsx'
import { mailCode, requestedBy } from './mail-code.ts'

export type EmailCodeCall = Call<
  LinkingPorts & Pick<Shell, 'defaultTenant'> & PartsOf<typeof signInWithMailedCode> & PartsOf<typeof requestEmailCode>
>

export interface CodeRequest {
  readonly params: LoginParams & { readonly tenant: string }
  readonly prompt: 'login' | undefined
  readonly email: string
  readonly replaces?: string | undefined
  /** Undefined where the form does not ask. */
  readonly isKept?: boolean | undefined
}

/** Throws `connection_unknown` if no tenant is named, or it has no sign-in by email. */
export function readCodeRequest(request: Request, { defaultTenant }: Pick<Shell, 'defaultTenant'>): CodeRequest {
  const form = formOf(request)
  const params = readLoginParams(form)
  const tenant = params.tenant ?? defaultTenant
  if (tenant === undefined) throw new GatehouseError('connection_unknown', 'no tenant named')
  return {
    params: { ...params, tenant },
    prompt: promptOf(form),
    email: textField(form, 'email', 254)?.trim() ?? '',
    replaces: textField(form, 'challenge', 64),
    isKept: readKeepChoice(form),
  }
}

/** Emails a code, unless the address belongs to another connection. Throws `email_invalid`. */
export async function submitCodeRequest(call: EmailCodeCall, request: CodeRequest): Promise<void> {
  const { shell, response } = call
  const { params, prompt, replaces, isKept } = request
  const { tenant, settings } = emailConnection(shell.parts, params.tenant)
  const email = canonicalEmail(request.email)
  if (email === null) throw new GatehouseError('email_invalid', 'no email address')
  const other = connectionForEmail(call, tenant, email)
  if (other !== undefined)
    return sendRedirectPage(
      response,
      new URL(startHref(params, other, email, prompt), shell.publicUrl),
      shell.parts.connections.get(tenant.id, other).provider.brand.name,
    )
  const browser = await ensureBrowser(call)
  await browser.stored
  try {
    const challenge = await mailCode(shell.parts, {
      ...params,
      connection: settings.id,
      email,
      source: sourceOf(call.request),
      requested: requestedBy(call),
      knownBrowser: knownBrowserOf(shell, call.request, { tenant: tenant.id, email }),
      browser: browser.hash,
      replaces,
      ...(prompt !== undefined && { reauthenticate: true }),
    })
    chooseKept(call, isKept)
    redirect(response, withQuery('/login/code', { challenge }))
  } catch (error) {
    const isEarly = error instanceof GatehouseError && error.text !== undefined && replaces !== undefined
    if (!isEarly || error.code !== 'too_many_attempts') throw error
    await showEnterCode(call, { challenge: replaces }, error)
  }
}

export const readChallenge = (request: Request) => ({ challenge: textField(queryOf(request), 'challenge', 64) ?? '' })

/** Throws `code_expired`, `login_other_browser`. */
export async function showEnterCode(
  call: EmailCodeCall,
  { challenge }: { readonly challenge: string },
  error?: GatehouseError,
  { fixer, reference }: Partial<Pick<Refused, 'fixer' | 'reference'>> = {},
): Promise<void> {
  const content = await openMailedCode(call.shell.parts, challenge)
  if (content.browser !== (await pendingBrowserHash(call)))
    throw new GatehouseError('login_other_browser', 'the code was asked for in another browser')
  const { email } = content
  const fields = paramFields(content)
  const html = enterCodePage({
    tenant: call.shell.parts.connections.tenant(content.tenant),
    email,
    connects: await connectedLabel(call.shell, content, content.tenant),
    minutes: codeMinutes,
    form: { action: '/login/code', hidden: { challenge } },
    again: { action: '/login/email', hidden: { ...fields, email, challenge } },
    againSeconds: resendSeconds,
    changeEmailHref: withQuery('/login', fields),
    error: error && { ...formError(error, fixer), reference },
  })
  sendResultPage(call.response, html, error)
}

function paramFields({ tenant, returnTo, link, reauthenticate }: MailedCodeContent): Record<string, string> {
  const params = { tenant, returnTo, ...(link !== undefined && { link }) }
  return { ...toQuery(params), ...(reauthenticate && { prompt: 'login' }) }
}

export function readEnteredCode(request: Request) {
  const form = formOf(request)
  return { challenge: textField(form, 'challenge', 64) ?? '', code: textField(form, 'code', 32) ?? '' }
}

/** Throws `code_expired`. */
export async function submitEnteredCode(call: EmailCodeCall, given: ReturnType<typeof readEnteredCode>): Promise<void> {
  const { challenge, code } = given
  const finished = await finish(call, challenge, { code })
  if (finished?.outcome === 'refused') await showEnterCode(call, { challenge }, finished.error, finished)
}

/** Reads the challenge and the secret of an emailed link. */
export function readMailedLink(request: Request) {
  const fields = fieldsOf(request)
  const given = Object.hasOwn(fields, 'code') ? fields['code'] : undefined
  const [challenge = '', secret = ''] = typeof given === 'string' ? given.split('.') : []
  return { place: placeOf(request), challenge, secret }
}
type MailedLink = ReturnType<typeof readMailedLink>

/** A page with a button: opening the link uses nothing up. Throws `code_expired`. */
export async function showMailedLink(call: EmailCodeCall, { place, challenge, secret }: MailedLink): Promise<void> {
  const { shell, response } = call
  const { email, browser } = await openMailedCode(shell.parts, challenge)
  const tenant = shell.parts.connections.tenant(place.tenant)
  if (browser !== (await pendingBrowserHash(call))) return refuseOtherBrowser(call, tenant.id)
  const action = `/t/${place.tenant}/${place.connection}/sign-in`
  const form = { action, hidden: { code: `${challenge}.${secret}` } }
  sendPage(response, 200, mailedLinkPage({ tenant, email, form }))
}

function refuseOtherBrowser({ shell, response }: EmailCodeCall, tenantId: string): void {
  const tenant = shell.parts.connections.tenant(tenantId)
  const html = otherBrowserPage({ tenant, signInHref: withQuery('/login', { tenant: tenantId }) })
  sendPage(response, errorTable.login_other_browser.status, html)
}

/** Throws `code_expired`. */
export async function submitMailedLink(call: EmailCodeCall, { place, challenge, secret }: MailedLink): Promise<void> {
  const finished = await finish(call, challenge, { link: secret })
  if (finished?.error.code === 'login_other_browser') return refuseOtherBrowser(call, place.tenant)
  if (finished !== undefined) return refusePage(call, finished)
}

/** Signs in; returns a refusal that the page itself shows, such as a wrong code. */
async function finish(call: EmailCodeCall, challenge: string, proof: EmailProof['proof']) {
  const { shell, request } = call
  const { email } = await openMailedCode(shell.parts, challenge)
  const finished = await signInWithMailedCode(shell.parts, {
    challenge,
    proof,
    browser: await pendingBrowserHash(call),
    source: sourceOf(request),
    device: deviceOf(request.headers['user-agent']),
  })
  if (finished.outcome !== 'refused') {
    await finishSignIn(call, finished, email)
    return undefined
  }
  if (finished.linkProof !== undefined) {
    await redirectToLinking(call, finished)
    return undefined
  }
  const isShown = 'link' in proof || finished.error.code === 'code_invalid'
  if (isShown) return finished
  refusePage(call, finished)
  return undefined
}
