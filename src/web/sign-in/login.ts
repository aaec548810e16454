/** The sign-in page. */
import type { Request } from 'express'
import { offersPasskeySignIn } from '../../broker/factors/passkeys/sign-in.ts'
import { signInWithCredentials } from '../../broker/login/password-login.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import { type ErrorCode, errorTable, type Fixer, GatehouseError } from '../../errors.ts'
import {
  type LoginParams,
  promptOf,
  readLoginParams,
  sourceOf,
  startHref,
  toQuery,
  withQuery,
} from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { errorTexts } from '../../http/error-texts.ts'
import { formOf, queryOf, requiredText, textField } from '../../http/fields.ts'
import { allowFetch, sendPage, sendResultPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import type { PageError } from '../../pages/form.tsx'
import type { SignedIn } from '../../pages/layout.tsx'
import { canonicalEmail, domainOf } from '../../profile/profile.ts'
import { isFoundByDomain, passkeyConnection } from '../../tenant.ts'
import { refusePage } from '../errors/failure.ts'
import { signInErrorText } from '../errors/form-error.ts'
import { type OfferPorts, withPasskeyOffer } from '../passkeys/offer.ts'
import type { PasskeySignal } from '../passkeys/passkey-form.tsx'
import type { Call, PartsOf, Shell } from '../shell.ts'
import { redirectToDestination, sendRedirectPage } from './complete-sign-in.ts'
import { connectedLabel } from './connected-label.ts'
import { connectionButtons, offeredConnections } from './connection-buttons.ts'
import { currentSession } from './current-session.ts'
import { type EmailCodeCall, submitCodeRequest } from './email-code/email-code.ts'
import { chooseKept, readKeepChoice } from './kept-sign-in.ts'
import { knownBrowserOf, lastConnectionOf } from './known-browser.ts'
import { type LinkingPorts, redirectToLinking } from './linking.ts'
import { type LoginNotice, loginNotice, readLoginNotice } from './login-notice.ts'
import { connectionForEmail } from './login-start.ts'
import { chooseTenantPage } from './pages/choose-tenant-page.tsx'
import { loginPage } from './pages/login-page.tsx'
import { pendingBrowserHash, setVisitorCookie } from './pending-browser.ts'
import { openEmailQuery, sealedEmailQuery } from './prefilled-email.ts'
import { requestingApp } from './requesting-app.ts'
import { finishSignIn } from './second-factor/finish-sign-in.ts'

export type LoginPorts = LinkingPorts &
  Pick<Shell, 'defaultTenant'> &
  PartsOf<typeof signInWithCredentials> &
  EmailCodeCall['shell'] &
  OfferPorts

type TenantLoginParams = LoginParams & { readonly tenant: string }

export interface SignInView {
  readonly params: TenantLoginParams
  readonly prompt: 'login' | undefined
  readonly step: 'email' | 'password'
  /**
   * The user chose to sign in by email: the form stands alone, above links to the other methods.
   */
  readonly emailFirst?: boolean
  readonly email?: string | undefined
  /** Default true. */
  readonly isKept?: boolean | undefined
  /** The current session, if the user must sign in again. */
  readonly signedIn?: SignedIn | undefined
  readonly notice?: LoginNotice | undefined
  readonly error?: GatehouseError
  /** Who can fix a refused sign-in. */
  readonly fixer?: Fixer
  readonly reference?: string
  /** A passkey that the browser may forget. */
  readonly signal?: PasskeySignal | undefined
}

export function readLoginQuery(request: Request, { keyRing }: Pick<Shell, 'keyRing'>) {
  const query = queryOf(request)
  return {
    params: readLoginParams(query),
    prompt: promptOf(query),
    email: openEmailQuery(keyRing, query) ?? textField(query, 'login_hint', 254),
    /** From `/t/{tenant}/{connection}/start` of a connection that asks here. */
    step: textField(query, 'step', 16),
    notice: readLoginNotice(query),
  }
}

export async function showLogin(call: Call<LoginPorts>, query: ReturnType<typeof readLoginQuery>): Promise<void> {
  const { shell, response } = call
  const { prompt, email } = query
  const params = tenantOf(shell, query.params)
  if (params === null) return sendPage(response, 200, chooseTenantPage({ form: tenantForm(query.params) }))
  const tenant = shell.parts.connections.tenant(params.tenant)
  const returnTo = checkReturnUrl(params.returnTo, tenant, shell.publicUrl)

  const session = await currentSession(call)
  if (session !== null && session.tenant === params.tenant && prompt === undefined)
    return redirectToDestination(call, returnTo)
  setVisitorCookie(call)
  const hasPassword = shell.parts.connections.passwordConnection(tenant) !== null && canonicalEmail(email) !== null
  const step = query.step === 'password' && hasPassword ? 'password' : 'email'
  const signedIn = session === null ? undefined : signedInOf(session)
  const emailFirst = query.step !== undefined && step === 'email'
  const notice = loginNotice(shell, params, session, query.notice)
  await renderSignIn(call, { params, prompt, step, emailFirst, email, signedIn, notice })
}

interface LoginForm {
  readonly params: LoginParams
  readonly prompt: 'login' | undefined
  readonly email: string
  readonly emailFirst: boolean
  readonly password: string | undefined
  /** Undefined where the form does not ask. */
  readonly isKept?: boolean | undefined
  /** Passkey support of the browser, as the page's script detected it. */
  readonly passkeySupport?: string | undefined
}

export function readLoginForm(request: Request): LoginForm {
  const form = formOf(request)
  return {
    params: readLoginParams(form),
    prompt: promptOf(form),
    email: textField(form, 'email', 254)?.trim() ?? '',
    emailFirst: textField(form, 'step', 16) === 'email',
    // absent on the email step, never empty
    password: 'password' in form ? requiredText(form, 'password', 4096) : undefined,
    isKept: readKeepChoice(form),
    passkeySupport: textField(form, 'passkeys', 16),
  }
}

/** The email alone leads to its domain's connection or to the password step. */
export async function submitLogin(call: Call<LoginPorts>, form: LoginForm): Promise<void> {
  const { email, password } = form
  const params = tenantOf(call.shell, form.params) ?? tenantOfEmail(call.shell, form.params, email)
  if (params === null) {
    const isEmail = canonicalEmail(email) !== null
    const error = isEmail ? organizationNotFound : errorTexts.email_invalid
    const html = chooseTenantPage({ form: tenantForm(form.params), email, error })
    return sendPage(call.response, isEmail ? 404 : errorTable.email_invalid.status, html)
  }
  return password === undefined
    ? routeByEmail(call, { ...form, params })
    : signInWithPassword(call, { ...form, params, password })
}

const organizationNotFound: PageError = {
  title: 'Organization not found',
  text: 'No organization here uses this email domain. Check the address, or ask your administrator.',
}

interface TenantLoginForm extends LoginForm {
  readonly params: TenantLoginParams
}

async function routeByEmail(call: Call<LoginPorts>, form: TenantLoginForm): Promise<void> {
  const { params, prompt, email, emailFirst } = form
  const { connections } = call.shell.parts
  const tenant = connections.tenant(params.tenant)
  const view = { params, prompt, email, emailFirst, step: 'email' } as const
  const address = canonicalEmail(email)
  if (address === null)
    return renderSignIn(call, { ...view, error: new GatehouseError('email_invalid', 'no email address') })
  const id = connectionForEmail(call, tenant, address)
  if (id !== undefined) {
    const url = new URL(startHref(params, id, address, prompt), call.shell.publicUrl)
    return sendRedirectPage(call.response, url, connections.get(tenant.id, id).provider.brand.name)
  }
  if (connections.passwordConnection(tenant) !== null)
    return renderSignIn(call, { ...view, step: 'password', email: address })
  if (connections.emailConnection(tenant) !== null) return submitCodeRequest(call, { params, prompt, email: address })
  const text = 'No sign-in method is set up for this email. Use one of the buttons.'
  const error = new GatehouseError('user_unknown', 'no connection for this email', { text })
  await renderSignIn(call, { ...view, error })
}

async function signInWithPassword(
  call: Call<LoginPorts>,
  form: TenantLoginForm & { readonly password: string },
): Promise<void> {
  const { params, prompt, email, emailFirst, password, isKept, passkeySupport } = form
  const { shell, request } = call
  const { connections } = shell.parts
  const passwordConnection = connections.passwordConnection(connections.tenant(params.tenant))
  if (passwordConnection === null)
    throw new GatehouseError('connection_unknown', `tenant ${params.tenant} has no passwords`)
  const address = canonicalEmail(email) ?? email
  const browser = (await pendingBrowserHash(call)) ?? ''
  const loginRequest = { ...params, connection: passwordConnection.settings.id, browser }
  const knownBrowser = knownBrowserOf(shell, request, { tenant: params.tenant, email: address })
  const finished = await signInWithCredentials(shell.parts, loginRequest, {
    parameters: new URLSearchParams({ email, password }),
    attempt: { email: address, source: sourceOf(request), knownBrowser },
    device: deviceOf(request.headers['user-agent']),
  })
  if (finished.outcome !== 'refused') chooseKept(call, isKept)
  if (finished.outcome === 'signed in')
    return finishSignIn(call, await withPasskeyOffer(call, finished, passkeySupport), address)
  if (finished.outcome !== 'refused') return finishSignIn(call, finished, address)
  if (finished.linkProof !== undefined) return redirectToLinking(call, finished)
  if (refusedOnOwnPage.has(finished.error.code)) return refusePage(call, finished)
  const { error, fixer, reference } = finished
  const refusal = { error, fixer, reference }
  await renderSignIn(call, { params, prompt, step: 'password', emailFirst, email: address, isKept, ...refusal })
}

/** Another password would be refused too, or the page of the connection is needed. */
export const refusedOnOwnPage: ReadonlySet<ErrorCode> = new Set([
  'link_mismatch',
  'login_other_browser',
  'sso_required',
])

export async function renderSignIn(call: Call<LoginPorts>, view: SignInView): Promise<void> {
  const { shell, request, response } = call
  const { params, prompt, step, emailFirst = false, email, signedIn, error, fixer, reference, signal } = view
  const { connections } = shell.parts
  const tenant = connections.tenant(params.tenant)
  const passwordConnection = connections.passwordConnection(tenant)
  const mailsCodes = connections.emailConnection(tenant) !== null
  const hasRouting =
    passwordConnection !== null ||
    mailsCodes ||
    offeredConnections(call, tenant).some(({ settings }) => settings.domains.length > 0)
  const last = lastConnectionOf(shell, request, tenant.id)
  const query = toQuery(params)
  const hidden = { ...query, ...(prompt !== undefined && { prompt }) }
  const steps = { ...hidden, ...(emailFirst && { step: 'email' }) }
  const hasPasskeys = offersPasskeySignIn(shell.parts, tenant)
  const mailing = { ...query, ...sealedEmailQuery(shell.keyRing, email) }
  const connects = await connectedLabel(shell, params, tenant.id)
  // the one step that proves the account: nothing else helps
  const buttons = connects === undefined || step === 'email' ? connectionButtons(call, tenant, params, prompt) : []
  const html = loginPage({
    tenant,
    connects,
    app: await requestingApp(shell, params, tenant.id),
    signedIn,
    connections: buttons,
    brandStyles: shell.brandStyles.path,
    typed: passwordConnection !== null || mailsCodes,
    ...(connects === undefined &&
      passwordConnection?.upstream.passwords?.allowsSignUp && { signUpHref: withQuery('/sign-up', mailing) }),
    ...(passwordConnection !== null && { resetHref: withQuery('/forgot', mailing) }),
    ...(hasRouting && {
      form: {
        // the address of a page after a refused form leads back to it
        action: withQuery('/login', steps),
        step,
        first: emailFirst,
        email,
        hidden: steps,
        changeEmailHref: withQuery('/login', steps),
      },
    }),
    ...(shell.cookie.persistent && { keep: view.isKept ?? true }),
    ...(mailsCodes && step === 'password' && { codeAction: '/login/email' }),
    notice: view.notice,
    ...(hasPasskeys && {
      passkeys: {
        action: withQuery('/login/passkey', { ...query, prompt }),
        options: '/login/passkey/options',
        hidden,
        lastUsed: last === passkeyConnection,
        autofill: error?.code !== 'passkey_invalid',
        signal,
      },
    }),
    error: error && { ...signInErrorText(error, step, fixer), reference },
  })
  if (hasPasskeys) allowFetch(response)
  sendResultPage(response, html, error)
}

type TenantPorts = Pick<LoginPorts, 'defaultTenant' | 'parts' | 'tenants'>

export function tenantOf(shell: TenantPorts, params: LoginParams): TenantLoginParams | null {
  const tenant = params.tenant ?? shell.defaultTenant
  return tenant === undefined ? null : { ...params, tenant: shell.parts.connections.tenant(tenant).id }
}

function tenantOfEmail({ tenants }: TenantPorts, params: LoginParams, email: string): TenantLoginParams | null {
  const address = canonicalEmail(email)
  if (address === null) return null
  const tenant = [...tenants.values()].find((each) => isFoundByDomain(each, domainOf(address)))
  return tenant === undefined ? null : { ...params, tenant: tenant.id }
}

const tenantForm = (params: LoginParams) => ({ action: '/login', hidden: toQuery(params) })
