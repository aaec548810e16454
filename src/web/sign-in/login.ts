/** The sign-in page. */
import type { Request } from 'express'
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
import { formOf, queryOf, requiredText, textField } from '../../http/fields.ts'
import { sendPage, sendResultPage } from '../../http/respond.ts'
import { signedInOf } from '../../http/views.ts'
import { buttonLook } from '../../pages/brand-buttons.ts'
import type { PageError } from '../../pages/form.tsx'
import type { SignedIn } from '../../pages/layout.tsx'
import { canonicalEmail, domainOf } from '../../profile/profile.ts'
import { isFoundByDomain, isOffered } from '../../tenant.ts'
import { refusePage } from '../errors/failure.ts'
import type { Call, PartsOf, Shell } from '../shell.ts'
import { chooseTenantPage } from './choose-tenant-page.tsx'
import { completeSignIn, redirectToDestination, sendRedirectPage } from './complete-sign-in.ts'
import { currentSession } from './current-session.ts'
import { knownBrowserOf, lastConnectionOf } from './known-browser.ts'
import { type LinkingPorts, redirectToLinking } from './linking.ts'
import { loginPage } from './login-page.tsx'
import { connectionForEmail } from './login-start.ts'
import { pendingBrowserHash, setVisitorCookie } from './pending-browser.ts'
import { sealedEmailQuery } from './prefilled-email.ts'

export type LoginPorts = LinkingPorts & Pick<Shell, 'defaultTenant'> & PartsOf<typeof signInWithCredentials>

type TenantLoginParams = LoginParams & { readonly tenant: string }

interface SignInView {
  readonly params: TenantLoginParams
  readonly prompt: 'login' | undefined
  readonly step: 'email' | 'password'
  readonly email?: string | undefined
  /** The current session, if the user must sign in again. */
  readonly signedIn?: SignedIn | undefined
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

export async function showLogin(call: Call<LoginPorts>, query: ReturnType<typeof readLoginQuery>): Promise<void> {
  const { shell, response } = call
  const { prompt, email, asksPassword } = query
  const params = tenantOf(shell, query.params)
  if (params === null) return sendPage(response, 200, chooseTenantPage({ form: tenantForm(query.params) }))
  const tenant = shell.parts.connections.tenant(params.tenant)
  const returnTo = checkReturnUrl(params.returnTo, tenant, shell.publicUrl)

  const session = await currentSession(call)
  if (session !== null && session.tenant === params.tenant && prompt === undefined)
    return redirectToDestination(call, returnTo)
  setVisitorCookie(call)
  const hasPassword = shell.parts.connections.passwordConnection(tenant) !== null && canonicalEmail(email) !== null
  const step = asksPassword && hasPassword ? 'password' : 'email'
  const signedIn = session === null ? undefined : signedInOf(session)
  await renderSignIn(call, { params, prompt, step, email, signedIn })
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

async function routeByEmail(call: Call<LoginPorts>, { params, prompt, email }: TenantLoginForm): Promise<void> {
  const { connections } = call.shell.parts
  const tenant = connections.tenant(params.tenant)
  const view = { params, prompt, email, step: 'email' } as const
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
  const text = 'No sign-in method is set up for this email. Use one of the buttons.'
  const error = new GatehouseError('user_unknown', 'no connection for this email', { text })
  await renderSignIn(call, { ...view, error })
}

async function signInWithPassword(
  call: Call<LoginPorts>,
  { params, prompt, email, password }: TenantLoginForm & { readonly password: string },
): Promise<void> {
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
  if (finished.outcome === 'signed in') return completeSignIn(call, finished, address)
  if (finished.linkProof !== undefined) return redirectToLinking(call, finished)
  const { error, reference } = finished
  if (error.code === 'link_mismatch' || error.code === 'login_other_browser') return refusePage(call, finished)
  await renderSignIn(call, { params, prompt, step: 'password', email: address, error, reference })
}

async function renderSignIn(call: Call<LoginPorts>, view: SignInView): Promise<void> {
  const { shell, request, response } = call
  const { params, prompt, step, email, signedIn, error, reference } = view
  const { connections } = shell.parts
  const tenant = connections.tenant(params.tenant)
  const passwordConnection = connections.passwordConnection(tenant)
  const browser = browserFor(tenant, call)
  const offered = connections.all(tenant).filter(({ settings }) => isOffered(settings, browser))
  const buttons = offered.filter(({ settings, upstream }) => settings.button && upstream.passwords === undefined)
  const hasRouting = passwordConnection !== null || offered.some(({ settings }) => settings.domains.length > 0)
  const last = lastConnectionOf(shell, request, tenant.id)
  const query = toQuery(params)
  const mailing = { ...query, ...sealedEmailQuery(shell.keyRing, email) }
  const html = loginPage({
    tenant,
    app: await requestingApp(shell, params),
    signedIn,
    connections: buttons.map((connection) => ({
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
    ...(hasRouting && {
      form: {
        action: '/login',
        step,
        email,
        hidden: { ...query, ...(prompt !== undefined && { prompt }) },
        changeEmailHref: withQuery('/login', { ...query, prompt }),
      },
    }),
    error: error && { ...errorTextOf(error), reference },
  })
  sendResultPage(response, html, error)
}

/** The app of the pending authorization request, from the return URL (web/consent/consent.ts). */
async function requestingApp({ parts, publicUrl }: LoginPorts, { returnTo }: LoginParams) {
  const address = URL.parse(returnTo, publicUrl)
  if (address?.origin !== publicUrl.origin || !address.pathname.startsWith('/consent/')) return undefined
  const id = address.searchParams.get('app')
  return id === null ? undefined : ((await parts.appRegistry.find(id)) ?? undefined)
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
