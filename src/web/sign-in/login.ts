/** The sign-in page. */
import type { Request, Response } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { signInWithCredentials } from '../../broker/login/password-login.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import { errorTable, GatehouseError } from '../../errors.ts'
import { browserFor } from '../../http/browser.ts'
import { logoPathOf } from '../../http/connection-labels.ts'
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
import { errorTextOf, errorTexts } from '../../http/error-texts.ts'
import { type Fields, formOf, queryOf, requiredText, textField } from '../../http/fields.ts'
import { retryHeader } from '../../http/problem.ts'
import { sendPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import { buttonLook } from '../../pages/brand-buttons.ts'
import type { SignedIn } from '../../pages/layout.tsx'
import { canonicalEmail, domainOf } from '../../profile/profile.ts'
import { type BrowserName, isFoundByDomain, isOffered, routesForDomain, type Tenant } from '../../tenant.ts'
import { refusePage } from '../errors/failure.ts'
import type { Shell } from '../shell.ts'
import { chooseTenantPage } from './choose-tenant-page.tsx'
import { completeSignIn, redirectToDestination, sendRedirectPage } from './complete-sign-in.ts'
import { currentSession } from './current-session.ts'
import { type KnownBrowserPorts, knownBrowserOf, lastConnectionOf } from './known-browser.ts'
import { type LinkingPorts, redirectToLinking } from './linking.ts'
import { loginPage } from './login-page.tsx'
import { pendingBrowserHash, setVisitorCookie } from './pending-browser.ts'
import { sealedEmailQuery } from './prefilled-email.ts'

export type LoginPorts = KnownBrowserPorts & LinkingPorts & Pick<Shell, 'defaultTenant'>

type TenantLoginParams = LoginParams & { readonly tenant: string }

interface SignInView {
  readonly params: TenantLoginParams
  readonly prompt: 'login' | undefined
  readonly step: 'email' | 'password'
  readonly email?: string
  readonly notice?: string
  /** The current session, if the user must sign in again. */
  readonly signedIn?: SignedIn
  readonly error?: GatehouseError
  readonly reference?: string
}

export function readLoginQuery(request: Request) {
  const query = queryOf(request)
  return {
    params: readLoginParams(query),
    prompt: promptOf(query),
    email: textField(query, 'login_hint', 254),
    asksPassword: textField(query, 'step') === 'password',
  }
}

export async function showLogin(
  shell: LoginPorts,
  request: Request,
  response: Response,
  { prompt, email, asksPassword, ...query }: ReturnType<typeof readLoginQuery>,
): Promise<void> {
  const params = tenantOf(shell, query.params)
  if (params === null) return sendPage(response, 200, chooseTenantPage({ form: tenantForm(query.params) }))
  const returnTo = checkReturnUrl(params.returnTo, shell.parts.connections.tenant(params.tenant), shell.publicUrl)

  const session = await currentSession(shell, request)
  if (session !== null && session.tenant === params.tenant && prompt === undefined)
    return redirectToDestination(shell, request, response, returnTo)
  setVisitorCookie(request, shell, response)
  const step = asksPassword && canUsePassword(shell, params, email) ? 'password' : 'email'
  await renderSignIn(shell, request, response, {
    ...{ params, prompt, step },
    ...(email !== undefined && { email }),
    ...(session !== null && { signedIn: signedInOf(session) }),
  })
}

function canUsePassword(shell: LoginPorts, params: TenantLoginParams, email: string | undefined): boolean {
  const passwordConnection = shell.parts.connections.passwordConnection(shell.parts.connections.tenant(params.tenant))
  return passwordConnection !== null && canonicalEmail(email) !== null
}

interface LoginForm {
  readonly params: LoginParams
  readonly prompt: 'login' | undefined
  readonly email: string
  readonly password: string | undefined
}

export function readLoginForm(request: Request): LoginForm {
  const form = formOf(request)
  return {
    params: readLoginParams(form),
    prompt: promptOf(form),
    email: textField(form, 'email', 254)?.trim() ?? '',
    // absent on the email step, never empty
    password: 'password' in form ? requiredText(form, 'password', 4096) : undefined,
  }
}

/**
 * The email alone leads to its domain's connection or to the password step. With a password it
 * signs in.
 */
export async function submitLogin(
  shell: LoginPorts,
  request: Request,
  response: Response,
  form: LoginForm,
): Promise<void> {
  const { email, params: asked } = form
  const params = tenantOf(shell, asked) ?? tenantOfEmail(shell, asked, email)
  if (params === null) {
    if (canonicalEmail(email) === null)
      return sendPage(
        response,
        errorTable.email_invalid.status,
        chooseTenantPage({ form: tenantForm(asked, email), error: errorTexts.email_invalid }),
      )
    const error = {
      title: 'Organization not found',
      text: 'No organization here uses this email domain. Check the address, or ask your administrator.',
    }
    return sendPage(response, 404, chooseTenantPage({ form: tenantForm(asked, email), error }))
  }
  return form.password === undefined
    ? routeByEmail(shell, request, response, { ...form, params })
    : signInWithPassword(shell, request, response, { ...form, params, password: form.password })
}

async function routeByEmail(
  shell: LoginPorts,
  request: Request,
  response: Response,
  { params, prompt, email }: LoginForm & { readonly params: TenantLoginParams },
): Promise<void> {
  const tenant = shell.parts.connections.tenant(params.tenant)
  const address = canonicalEmail(email)
  if (address === null) {
    const error = new GatehouseError('email_invalid', 'no email address')
    return renderSignIn(shell, request, response, { params, prompt, step: 'email', email, error })
  }
  const passwordConnection = shell.parts.connections.passwordConnection(tenant)
  const browser = browserFor(tenant, request, response)
  const connection = routesForDomain(tenant, domainOf(address), browser).find(
    ({ id }) => id !== passwordConnection?.settings.id,
  )
  if (connection !== undefined)
    return sendRedirectPage(
      response,
      new URL(startHref(params, connection.id, address, prompt), shell.publicUrl),
      shell.parts.connections.get(tenant.id, connection.id).provider.brand.name,
    )
  if (passwordConnection !== null)
    return renderSignIn(shell, request, response, { params, prompt, step: 'password', email: address })
  const error = new GatehouseError('user_unknown', 'no connection for this email', {
    text: 'No sign-in method is set up for this email. Use one of the buttons.',
  })
  await renderSignIn(shell, request, response, { params, prompt, step: 'email', email, error })
}

async function signInWithPassword(
  shell: LoginPorts,
  request: Request,
  response: Response,
  { params, prompt, email, password }: LoginForm & { readonly params: TenantLoginParams; readonly password: string },
): Promise<void> {
  const passwordConnection = shell.parts.connections.passwordConnection(shell.parts.connections.tenant(params.tenant))
  if (passwordConnection === null)
    throw new GatehouseError('connection_unknown', `tenant ${params.tenant} has no passwords`)
  const address = canonicalEmail(email) ?? email
  const browser = (await pendingBrowserHash(request, shell)) ?? ''
  const loginRequest = { ...params, connection: passwordConnection.settings.id, browser }
  const attempt = {
    email: address,
    source: sourceOf(request),
    knownBrowser: knownBrowserOf(shell, request, params.tenant, address),
  }
  const parameters = new URLSearchParams({ email, password })
  const credentials = { parameters, attempt, device: deviceOf(request.headers['user-agent']) }
  const finished = await signInWithCredentials(shell.parts, loginRequest, credentials)
  if (finished.outcome === 'signed in') return completeSignIn(shell, request, response, finished, address)
  if (finished.linkProof !== undefined) return redirectToLinking(shell, request, response, finished)
  const { error, reference } = finished
  if (error.code === 'link_mismatch' || error.code === 'login_other_browser')
    return refusePage(shell, request, response, finished)
  await renderSignIn(shell, request, response, { params, prompt, step: 'password', email: address, error, reference })
}

async function renderSignIn(shell: LoginPorts, request: Request, response: Response, view: SignInView): Promise<void> {
  const { params, prompt, step, email, notice, signedIn, error, reference } = view
  const tenant = shell.parts.connections.tenant(params.tenant)
  const passwordConnection = shell.parts.connections.passwordConnection(tenant)
  const browser = browserFor(tenant, request, response)
  const last = lastConnectionOf(shell, request, tenant.id)
  if (error !== undefined) response.set(retryHeader(error, errorTable[error.code].status))
  const mailing = { ...toQuery(params), ...sealedEmailQuery(shell.keyRing, email) }
  const appName = await requestingApp(shell, params)
  const html = loginPage({
    tenant: { name: tenant.name },
    ...(appName !== undefined && { app: { name: appName } }),
    connections: buttonConnections(shell, tenant, browser).map((connection) => ({
      id: connection.settings.id,
      ...buttonLook(connection.provider),
      label: connection.settings.label ?? `Sign in with ${connection.provider.brand.name}`,
      logoPath: logoPathOf(connection),
      href: startHref(params, connection.settings.id, undefined, prompt),
      lastUsed: connection.settings.id === last,
    })),
    brandStyles: shell.brandStyles.path,
    passwords: passwordConnection !== null,
    ...(passwordConnection?.upstream.passwords?.allowsSignUp && { signUpHref: withQuery('/sign-up', mailing) }),
    ...(passwordConnection !== null && { resetHref: withQuery('/forgot', mailing) }),
    ...((passwordConnection !== null || hasDomainRouting(tenant, browser)) && {
      form: {
        action: '/login',
        step,
        hidden: { ...toQuery(params), ...(prompt !== undefined && { prompt }) },
        changeEmailHref: withQuery('/login', { ...toQuery(params), prompt }),
        ...(email !== undefined && { email }),
      },
    }),
    ...(error !== undefined && { error: { ...errorTextOf(error), ...(reference !== undefined && { reference }) } }),
    ...(notice !== undefined && { notice }),
    ...{ supportUrl: tenant.supportUrl, signedIn },
  })
  sendPage(response, error === undefined ? 200 : errorTable[error.code].status, html)
}

/** The app of the pending authorization request, from the return URL (web/consent/consent.ts). */
async function requestingApp({ parts, publicUrl }: LoginPorts, { returnTo }: LoginParams): Promise<string | undefined> {
  const address = URL.parse(returnTo, publicUrl)
  if (address?.origin !== publicUrl.origin || !address.pathname.startsWith('/consent/')) return undefined
  const id = address.searchParams.get('app')
  return id === null ? undefined : (await parts.appRegistry.find(id))?.name
}

function buttonConnections(
  shell: LoginPorts,
  tenant: Tenant,
  browser: BrowserName | undefined,
): readonly OpenConnection[] {
  return shell.parts.connections
    .all(tenant)
    .filter(
      ({ settings, upstream }) => settings.button && isOffered(settings, browser) && upstream.passwords === undefined,
    )
}

function hasDomainRouting(tenant: Tenant, browser: BrowserName | undefined): boolean {
  return tenant.connections.some((connection) => connection.domains.length > 0 && isOffered(connection, browser))
}

export function tenantOf(shell: LoginPorts, params: LoginParams): TenantLoginParams | null {
  const tenant = params.tenant ?? shell.defaultTenant
  return tenant === undefined ? null : { ...params, tenant: shell.parts.connections.tenant(tenant).id }
}

function tenantOfEmail(shell: LoginPorts, params: LoginParams, email: string): TenantLoginParams | null {
  const address = canonicalEmail(email)
  if (address === null) return null
  const tenant = [...shell.tenants.values()].find((candidate) => isFoundByDomain(candidate, domainOf(address)))
  return tenant === undefined ? null : { ...params, tenant: tenant.id }
}

function tenantForm(
  params: LoginParams,
  email?: string,
): { action: string; hidden: Fields & Record<string, string>; email?: string } {
  return { action: '/login', hidden: toQuery(params), ...(email !== undefined && { email }) }
}
