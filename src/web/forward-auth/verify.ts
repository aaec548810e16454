/**
 * `/verify`, for nginx `auth_request`, Traefik `forwardAuth` and Caddy `forward_auth`: 200 with
 * X-Auth-* headers; 401 with the sign-in page in `Location`, or 302 with `?login=redirect`; 403
 * without access. Runs for every request of every user: ahead of Express, with one store read.
 * Fails closed.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { App } from '../../app/app.ts'
import { assertScope } from '../../broker/access/authorize.ts'
import { type AccessDecision, type AccessRule, decideAccess } from '../../broker/session/access-rule.ts'
import { type CredentialPorts, checkCredential } from '../../broker/session/check-credential.ts'
import type { Session } from '../../broker/session/session.ts'
import { isCookie } from '../../broker/session/token-source.ts'
import { GatehouseError } from '../../errors.ts'
import { isFitForHeader, withoutOurCookies } from '../../http/cookies.ts'
import { credentialRefused, type PresentedCredential, readCredential } from '../../http/presented-credential.ts'
import { asGatehouseError, endWithProblem, errorForLog, problemOf } from '../../http/problem.ts'
import { mayWriteThroughProxy } from '../../http/same-origin.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'
import { countFailure, type MeasuredChecks, resultsFor } from '../../primitives/measured-checks.ts'
import { allowListOf } from '../../primitives/network-address.ts'
import { credentialClientOf } from '../api/credential-ports.ts'
import { isAt } from '../api/sessions/session-check.ts'
import type { Shell } from '../shell.ts'
import {
  type AppRefusal,
  accessPageAddress,
  appRefusal,
  appRefusalError,
  requestedApp,
  servesTenantOf,
  type VerifyAccessPorts,
} from './app-access.ts'
import { forwardedUrl } from './forwarded-url.ts'
import { emptyIdentityHeaders, identityHeaders } from './identity-headers.ts'
import { hasSecondFactor, signInAddress } from './sign-in-address.ts'
import type { VerifyTokens } from './verify-token.ts'

const path = '/verify'

export const isVerify = ({ url = '' }: IncomingMessage) => isAt(url, path)

export type VerifyShell = Pick<Shell, 'keyRing' | 'cookie' | 'log' | 'publicUrl' | 'tenants' | 'trustedProxies'> & {
  readonly check: CredentialPorts
  readonly checks: MeasuredChecks
  /** Throttles the log of invalid queries, which anyone can send. */
  readonly shouldLog: (fault: string) => boolean
  readonly reference: () => string
  readonly tokens: VerifyTokens
  readonly access: VerifyAccessPorts
}

export async function answerVerify(
  shell: VerifyShell,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let results = shell.checks.none
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw new GatehouseError('method_not_allowed', 'only GET, HEAD here')
    const verifyQuery = parseVerifyQuery(shell, request.url ?? path)
    const presented = presentedTo(shell, request)
    results = resultsFor(shell.checks, presented?.token)
    const session = presented === null ? null : await sessionOf(shell, request, presented)
    const app = await requestedApp(shell.access, verifyQuery.app)
    const decision = accessDecision(shell, session, verifyQuery, app)
    const refusal = decision === 'pass' && session !== null ? appRefusal(shell.access, app, session) : undefined
    if (refusal !== undefined) {
      results.refused += 1
      return refuseUser(shell, request, response, verifyQuery, refusal)
    }
    if (decision === 'pass' && session !== null) {
      const { audience, authorization, cookies } = verifyQuery
      allowRequest(response, session, {
        ...(audience !== undefined && { 'x-auth-token': await shell.tokens(session, audience) }),
        ...(cookies && { cookie: withoutOurCookies(request.headers.cookie, shell.cookie) }),
        ...(authorization && appAuthorization(request)),
      })
      results.accepted += 1
      return
    }
    refuse(shell, request, response, { verifyQuery, decision, refused: session === null ? presented : null })
    results.refused += 1
  } catch (thrown) {
    const error = asGatehouseError(thrown)
    countFailure(results, error)
    sendError(shell, response, error)
  }
}

/** The app's own `Authorization`, without a token of ours, which acts as the user everywhere. */
function appAuthorization({ headers: { authorization } }: IncomingMessage): OutgoingHttpHeaders {
  const isOfApp = authorization !== undefined && !/gth_[sa]_/.test(authorization) && isFitForHeader(authorization)
  return isOfApp ? { authorization } : {}
}

type Decision = AccessDecision | 'no second factor'

/** A token is issued only for an origin that logins of the session's tenant may return to. */
function accessDecision(
  { check }: VerifyShell,
  session: Session | null,
  verifyQuery: VerifyQuery,
  app: App | undefined,
): Decision {
  const { audience, mfa } = verifyQuery
  const decision = decideAccess(session, verifyQuery)
  if (session !== null && !servesTenantOf(app, session)) return 'other tenant'
  const needsFactor = mfa || app?.mfa === 'required'
  if (decision === 'pass' && session !== null && needsFactor && !hasSecondFactor(check.tenants, session))
    return 'no second factor'
  if (decision !== 'pass' || session === null || audience === undefined) return decision
  return check.tenants.get(session.tenant)?.returnOrigins.includes(audience) ? decision : 'other tenant'
}

/**
 * @param more the token, and `Cookie` and `Authorization` without ours for proxies that cannot
 * remove it
 */
function allowRequest(response: ServerResponse, session: Session, more: OutgoingHttpHeaders): void {
  response.writeHead(200, {
    ...identityHeaders(session),
    ...more,
    'cache-control': 'no-store',
    'content-length': 0,
  })
  response.end()
}

interface Refusal {
  readonly verifyQuery: VerifyQuery
  readonly decision: Decision
  /** The presented credential without a valid session; null if none, or if its user was refused. */
  readonly refused: PresentedCredential | null
}

function refuse(
  shell: VerifyShell,
  request: IncomingMessage,
  response: ServerResponse,
  { verifyQuery, decision, refused }: Refusal,
): void {
  const proxied = isProxied(shell, request)
  const browser = isNavigation(request, proxied)
  if (decision === 'not a member' || (decision === 'other tenant' && !browser))
    return sendError(shell, response, new GatehouseError('access_refused', `access rule: ${decision}`))
  const isFactor = decision === 'no second factor'
  const error = isFactor ? new GatehouseError('mfa_required', `access rule: ${decision}`) : credentialRefused(refused)
  if (!browser) return sendError(shell, response, error)
  const need = { tenant: verifyQuery.tenants[0], isFactor }
  const location = signInAddress(shell, need, proxied ? forwardedUrl(request.headers) : null)
  if (!verifyQuery.redirect) return sendError(shell, response, error, { location })
  response.writeHead(302, { ...emptyIdentityHeaders, location, 'cache-control': 'no-store', 'content-length': 0 })
  response.end()
}

/** Browsers are led to a page that says whom the app is for; the body is for other clients. */
function refuseUser(
  shell: VerifyShell,
  request: IncomingMessage,
  response: ServerResponse,
  { redirect }: VerifyQuery,
  refusal: AppRefusal,
): void {
  const proxied = isProxied(shell, request)
  const error = appRefusalError(refusal)
  if (!isNavigation(request, proxied)) return sendError(shell, response, error)
  const requested = proxied ? forwardedUrl(request.headers) : null
  const location = accessPageAddress(shell.publicUrl, refusal.app, requested)
  if (!redirect) return sendError(shell, response, error, { location })
  logRefusal(shell, error)
  response.writeHead(302, { ...emptyIdentityHeaders, location, 'cache-control': 'no-store', 'content-length': 0 })
  response.end()
}

function logRefusal(shell: VerifyShell, error: GatehouseError, requestId = shell.reference()): void {
  if (shell.shouldLog(error.message))
    shell.log.info({ requestId, route: path, error: errorForLog(error) }, 'refused by the access rules of an app')
}

/** Query in the proxy's configuration, such as `?tenant=acme&group=admins&login=redirect`. */
interface VerifyQuery extends AccessRule {
  readonly redirect: boolean
  /** Whether the session needs a second factor. */
  readonly mfa: boolean
  /** Whether the answer says which cookies the app may have. */
  readonly cookies: boolean
  /** Whether the answer has the app's own `Authorization`. */
  readonly authorization: boolean
  /** The app's origin: whom the token is for. None is made without. */
  readonly audience: string | undefined
  /** Id of an app whose access rules count. */
  readonly app: string | undefined
}

const parsedQueries = new BoundedMap<string, VerifyQuery>(200)

/** Rejects unknown parameters, so that a typo cannot widen access. Throws `request_invalid`. */
function parseVerifyQuery(shell: VerifyShell, url: string): VerifyQuery {
  const parsed = parsedQueries.get(url)
  if (parsed !== undefined) return parsed
  const query = new URLSearchParams(url.slice(path.length))
  const invalid = (what: string) => new GatehouseError('request_invalid', `the question to ${path} has ${what}`)
  for (const [name, value] of query) {
    if (!['tenant', 'group', 'role', 'login', 'cookies', 'authorization', 'audience', 'app', 'mfa'].includes(name))
      throw invalid(`an unknown parameter ${name.slice(0, 40)}`)
    if (value === '') throw invalid(`no value for ${name}`)
  }
  const login = query.getAll('login')
  if (login.some((mode) => mode !== 'redirect')) throw invalid('another login mode than redirect')
  for (const name of ['cookies', 'authorization'])
    if (query.getAll(name).some((whose) => whose !== 'app')) throw invalid(`another word than app for ${name}`)
  if (query.getAll('mfa').some((value) => value !== 'required')) throw invalid('another word than required for mfa')
  const tenants = query.getAll('tenant')
  if (tenants.some((tenant) => !shell.check.tenants.has(tenant))) throw invalid('an unknown tenant')
  const [audience, ...moreAudiences] = query.getAll('audience')
  const isServed = [...shell.check.tenants.values()].some(({ returnOrigins }) => returnOrigins.includes(audience ?? ''))
  if (moreAudiences.length > 0) throw invalid('more than one audience')
  if (audience !== undefined && !isServed) throw invalid('an audience that is in no returnOrigins of a tenant')
  const [app, ...moreApps] = query.getAll('app')
  if (moreApps.length > 0) throw invalid('more than one app')
  const verifyQuery = {
    app,
    audience,
    tenants,
    groups: query.getAll('group'),
    roles: query.getAll('role'),
    redirect: login.length > 0,
    mfa: query.has('mfa'),
    cookies: query.has('cookies'),
    authorization: query.has('authorization'),
  }
  parsedQueries.set(url, verifyQuery)
  return verifyQuery
}

/** A token in the query is read from the requested URL, which only a proxy of ours may name. */
function presentedTo(shell: VerifyShell, request: IncomingMessage): PresentedCredential | null {
  const { authorization, cookie, 'x-forwarded-uri': uri } = request.headers
  const hasQuery = typeof uri === 'string' && uri.includes('?')
  const url = hasQuery && isProxied(shell, request) ? uri : ''
  return readCredential(shell, { headers: { authorization, cookie }, rawHeaders: request.rawHeaders, url })
}

async function sessionOf(
  shell: VerifyShell,
  request: IncomingMessage,
  { token, source }: PresentedCredential,
): Promise<Session | null> {
  const session = await checkCredential(shell.check, token, source, credentialClientOf(shell, request))
  if (session === null) return null
  assertScope(session, 'sites:access')
  if (isCookie(source) && isProxied(shell, request)) assertWriteOrigin(shell, request, session)
  return session
}

/** Without X-Forwarded-Method, a request counts as a read. Throws `origin_refused` (SE-07). */
function assertWriteOrigin({ check, publicUrl }: VerifyShell, { headers }: IncomingMessage, { tenant }: Session): void {
  const method = headers['x-forwarded-method'] ?? 'GET'
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return
  const requested = forwardedUrl(headers)?.origin ?? publicUrl.origin
  const listed = check.tenants.get(tenant)?.returnOrigins ?? []
  if (mayWriteThroughProxy(headers, [requested, publicUrl.origin, ...listed])) return
  throw new GatehouseError('origin_refused', 'a write with a cookie, from a page of another origin', {
    text: 'A write with a cookie needs a page of this origin, or of the returnOrigins of the tenant.',
  })
}

/** X-Forwarded-* headers count only when a proxy of ours wrote them. */
function isProxied({ trustedProxies }: VerifyShell, { socket }: IncomingMessage): boolean {
  return socket.remoteAddress !== undefined && allowListOf(trustedProxies).allowsAddress(socket.remoteAddress)
}

/**
 * Whether the request loads a page, and so can be redirected to sign in. Fetches and forms cannot.
 */
function isNavigation({ headers, method }: IncomingMessage, proxied: boolean): boolean {
  const requestedMethod = proxied ? (headers['x-forwarded-method'] ?? method) : method
  if (requestedMethod !== 'GET' && requestedMethod !== 'HEAD') return false
  const mode = headers['sec-fetch-mode']
  return mode === undefined ? (headers.accept?.includes('text/html') ?? false) : mode === 'navigate'
}

function sendError(
  shell: VerifyShell,
  response: ServerResponse,
  error: GatehouseError,
  more: OutgoingHttpHeaders = {},
): void {
  const reference = shell.reference()
  const problem = problemOf(error, reference)
  const line = { requestId: reference, route: path, error: errorForLog(error) }
  if (problem.status >= 500) shell.log.error(line, '/verify failed')
  else if (error.code === 'request_invalid' && shell.shouldLog(error.message))
    shell.log.warn(line, 'invalid /verify query; check the proxy configuration')
  if (error.code === 'app_access_refused') logRefusal(shell, error, reference)
  const allow = problem.status === 405 && { allow: 'GET, HEAD' }
  endWithProblem(response, problem, { ...emptyIdentityHeaders, ...more, ...allow })
}
