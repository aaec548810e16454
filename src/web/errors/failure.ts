/** Every failed request ends here: with a page for users, or a problem document for the API. */
import type { ErrorRequestHandler, Request, Response } from 'express'
import { isTraced, refusalTracer, sharedTraceBudget, type UntracedRefusal } from '../../broker/limits/refusal-traces.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import type { Resume } from '../../broker/ports/volatile.ts'
import type { Session } from '../../broker/session/session.ts'
import { listedFix } from '../../broker/sign-ins/fixes.ts'
import { requestRefusalCodes } from '../../broker/sign-ins/request-refusals.ts'
import { type ErrorCode, errorTable, type Fixer, GatehouseError } from '../../errors.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { type LoginParams, loginHref, readLoginParams, sourceOf, toQuery, withQuery } from '../../http/destination.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { type Fields, formOf, pathPart, queryOf } from '../../http/fields.ts'
import { asGatehouseError, errorForLog, logReference, problemOf } from '../../http/problem.ts'
import { requestIdOf } from '../../http/request/request-log.ts'
import { allowFetch, redirect, sendResultPage } from '../../http/respond.ts'
import { type ErrorPageProps, errorPage } from '../../pages/error-page.tsx'
import type { PageLink } from '../../pages/parts.tsx'
import { refusedFormPage, type StepUpPagePorts } from '../account/step-up/confirm.ts'
import { type AdminErrorPorts, adminErrorPage } from '../admin/admin-error.tsx'
import type { Call, Shell, WithParts } from '../shell.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { type RequestingAppPorts, requestingApp, siteOf } from '../sign-in/requesting-app.ts'
import { permissionText, switchLink } from './permission.ts'
import { canceledHref, loginRecoveryLinks, ssoLink } from './recovery-links.ts'

export type FailurePorts = Pick<Shell, 'defaultTenant' | 'log' | 'publicUrl' | 'tenants'> &
  WithParts<'connections' | 'now' | 'trace'>

type FailureCall = Call<FailurePorts>

/** A refused login: the reason, the reference of its trace, and links to continue. */
export function refusePage(call: FailureCall, refused: Refused): void {
  const { shell, request, response } = call
  const { error, fixer, reference, resume } = refused
  logFailure(call, error, reference)
  if (response.headersSent) return
  const tenant = shell.tenants.get(resume?.tenant ?? pathPart(request, 'tenant'))
  const links = loginRecoveryLinks(shell, error, resume, tenant?.id)
  const provider = tenant && resume && connectionLabel(shell.parts.connections, tenant.id, resume.connection)
  sendError(response, error, { fixer, reference, links, tenant }, provider)
}

/**
 * Canceled at the upstream: leads back to the sign-in page or the account, which say so in one
 * line.
 */
export function redirectCanceled(call: FailureCall, { error, reference }: Refused, resume: Resume): void {
  logFailure(call, error, reference)
  redirect(call.response, canceledHref(resume, reference))
}

/** The same for a program. */
export function refuseProblem(call: FailureCall, { error, fixer, reference }: Refused): void {
  logFailure(call, error, reference)
  sendProblem(call.response, error, reference, fixer)
}

export function failure(
  shell: FailurePorts & AdminErrorPorts & StepUpPagePorts & RequestingAppPorts,
): ErrorRequestHandler {
  const { parts } = shell
  const note = refusalTracer(parts.trace, parts.now, sharedTraceBudget(parts))
  return async (thrown: unknown, request, response, next) => {
    const error = asGatehouseError(thrown)
    const reference = requestIdOf(response)
    logFailure({ shell, request }, error, reference)
    note({ reference, error, source: sourceOf(request), ...(await placeOf(shell, request, error)) })
    if (response.headersSent) return next(thrown)
    if (/^\/api(\/|$)/i.test(request.path)) return sendProblem(response, error, reference)
    const inFrame = await adminErrorPage(shell, request, error, isTraced(error.code) ? reference : undefined)
    if (inFrame !== undefined) return sendResultPage(response, inFrame, error)
    const stepUp = await refusedFormPage(shell, request, error)
    if (stepUp !== undefined) {
      allowFetch(response)
      return sendResultPage(response, stepUp, error)
    }
    const session = await sessionOf({ shell, request })
    sendError(response, error, {
      ...(isTraced(error.code) && { reference }),
      fix: listedFix(error.code),
      ...recoveryFrom(shell, request, error, { session, app: await appOfRequest(shell, request, session) }),
    })
  }
}

/** The session; null also if the store does not respond: an error page must not fail again. */
async function sessionOf(call: Parameters<typeof currentSession>[0]): Promise<Session | null> {
  return currentSession(call).catch(() => null)
}

/** A link to the app whose request waited at this address. */
async function appOfRequest(
  shell: RequestingAppPorts,
  { originalUrl }: Request,
  session: Session | null,
): Promise<PageLink | undefined> {
  const app = await requestingApp(shell, { returnTo: originalUrl }, session?.tenant).catch(() => undefined)
  const href = app && siteOf(app)
  return href === undefined ? undefined : { href, label: `Return to ${app?.name}` }
}

type Place = Pick<UntracedRefusal, 'tenant' | 'connection' | 'userId'>

/** Tenant and connection: of the signed-in user, or those that the URL names, if we have them. */
async function placeOf(shell: CurrentSessionPorts, request: Request, { code }: GatehouseError): Promise<Place> {
  const session = requestRefusalCodes.includes(code) ? await sessionOf({ shell, request }) : null
  if (session !== null) return { tenant: session.tenant, connection: undefined, userId: session.userId }
  const [, ofPath, part] = /^\/t\/([^/]+)\/([^/]+)/.exec(request.path) ?? []
  const tenant = shell.tenants.get(ofPath ?? String(request.query['tenant']))
  return { tenant: tenant?.id, connection: tenant?.connections.find(({ id }) => id === part)?.id }
}

export function sendProblem(response: Response, error: GatehouseError, reference: string, fixer?: Fixer): void {
  const { status, headers, body } = problemOf(error, reference, fixer)
  response.status(status).set(headers).send(JSON.stringify(body))
}

function sendError(response: Response, error: GatehouseError, recovery: Recovery, provider?: string): void {
  const { fixer } = errorTable[error.code]
  const { code } = error
  sendResultPage(response, errorPage({ ...errorTextOf(error, provider), code, fixer, ...recovery }), error)
}

/** Errors of ours and of the stores are logged as errors, all others as warnings or less. */
function logFailure({ shell, request }: Omit<FailureCall, 'response'>, error: GatehouseError, reference: string): void {
  const { status } = errorTable[error.code]
  const level = status === 500 || error.code === 'store_unavailable' ? 'error' : status > 500 ? 'warn' : 'info'
  const line = { ...logReference(error, reference), code: error.code, method: request.method }
  shell.log[level]({ ...line, error: errorForLog(error) }, 'refused')
}

export const notFound = () => {
  throw new GatehouseError('not_found', 'no such address')
}

type Recovery = Pick<ErrorPageProps, 'fix' | 'links' | 'reference' | 'supportUrl' | 'tenant'> & {
  /** Default: that of the error. */
  readonly text?: string
  /** Default: that of the code. */
  readonly fixer?: Fixer
}

/** A sign-in resolves these, even if the user has a session. */
const signInCodes: ReadonlySet<ErrorCode> = new Set(['session_invalid', 'fresh_sign_in_required'])
/** The same request may work in a moment. */
const passingCodes: ReadonlySet<ErrorCode> = new Set(['store_unavailable', 'server_busy'])

interface Visit {
  readonly session: Session | null
  readonly app: PageLink | undefined
}

/** Links to continue: from the session, the tenant and the destination of the request. */
function recoveryFrom(shell: FailurePorts, request: Request, error: GatehouseError, { session, app }: Visit): Recovery {
  const params = loginParamsFrom(shell, request, error)
  const tenantId = params.tenant ?? session?.tenant
  const tenant = shell.tenants.get(tenantId ?? '')
  const back =
    session === null || signInCodes.has(error.code)
      ? { href: loginHref(params), label: 'Go to the sign-in page' }
      : { href: '/account', label: 'Back to your account' }
  const requestPath = error.code === 'link_invalid' ? linkRequestPath(request.path) : undefined
  const first =
    (error.code === 'interaction_expired' && app) ||
    (params.tenant && ssoLink(shell, error, { ...params, tenant: params.tenant })) ||
    (requestPath && { href: withQuery(requestPath, toQuery(params)), label: 'Request a new link' }) ||
    (passingCodes.has(error.code) && request.method === 'GET' && { href: request.originalUrl, label: 'Try again' })
  const supportUrl = tenant?.supportUrl ?? shell.tenants.get(shell.defaultTenant ?? '')?.supportUrl
  const text = session === null ? undefined : permissionText(error, session)
  const others = text === undefined || session === null ? [] : [switchLink(session, request)]
  return {
    links: [...(first ? [first] : []), back, ...others],
    tenant,
    supportUrl,
    ...(text !== undefined && { text }),
  }
}

/** Login parameters of the request, without the refused one, which would be refused again. */
function loginParamsFrom(shell: FailurePorts, request: Request, error: GatehouseError): LoginParams {
  const fields = { ...usableFields(queryOf(request)), ...usableFields(formOf(request)) }
  const [, ofPath] = /^\/t\/([^/]+)\//.exec(request.path) ?? []
  const tenant = shell.tenants.get(ofPath ?? fields['tenant'] ?? '')?.id
  if (error.code === 'return_to_refused') return readLoginParams({ tenant })
  const { link, ...params } = readLoginParams({ ...fields, tenant })
  return error.code === 'link_invalid' || link === undefined ? params : { ...params, link }
}

const maxLengths = { tenant: 64, return_to: 2048, link: 128 } as const

/** The login parameters that are valid: the request may be refused for any of them. */
function usableFields(fields: Fields): Readonly<Record<string, string>> {
  const texts = Object.entries(maxLengths).flatMap(([name, max]) => {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined
    return typeof value === 'string' && value.length <= max ? [[name, value] as const] : []
  })
  return Object.fromEntries(texts)
}

/** The page that emails a link like the one at this path. */
function linkRequestPath(path: string): '/sign-up' | '/forgot' | undefined {
  const [, endpoint] = /^\/t\/[^/]+\/[^/]+\/(verify|reset)\/?$/.exec(path) ?? []
  if (endpoint === undefined) return undefined
  return endpoint === 'verify' ? '/sign-up' : '/forgot'
}
