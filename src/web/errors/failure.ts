/** Every failed request ends here: with a page for users, or a problem document for the API. */
import type { ErrorRequestHandler, Request, Response } from 'express'
import { isTraced, refusalTracer, sharedTraceBudget, type UntracedRefusal } from '../../broker/limits/refusal-traces.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import type { Resume } from '../../broker/ports/volatile.ts'
import { type ErrorCode, errorTable, GatehouseError } from '../../errors.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import {
  type LoginParams,
  loginHref,
  loginParamsOf,
  readLoginParams,
  sourceOf,
  startHref,
  toQuery,
  withQuery,
} from '../../http/destination.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { type Fields, formOf, pathPart, queryOf } from '../../http/fields.ts'
import { asGatehouseError, errorForLog, logReference, problemOf } from '../../http/problem.ts'
import { requestIdOf } from '../../http/request-log.ts'
import { sendResultPage } from '../../http/respond.ts'
import { type ErrorPageProps, errorPage } from '../../pages/error-page.tsx'
import type { PageLink } from '../../pages/parts.tsx'
import type { Call, Shell, WithParts } from '../shell.ts'

export type FailurePorts = Pick<Shell, 'log' | 'publicUrl' | 'tenants'> & WithParts<'connections' | 'now' | 'trace'>

type FailureCall = Call<FailurePorts>

/** A refused login: the reason, the reference of its trace, and links to continue. */
export function refusePage(call: FailureCall, refused: Refused): void {
  const { shell, request, response } = call
  const { error, reference, resume } = refused
  logFailure(call, error, reference)
  if (response.headersSent) return
  const tenant = shell.tenants.get(resume?.tenant ?? pathPart(request, 'tenant'))
  const links =
    resume === undefined
      ? [{ href: withQuery('/login', { tenant: tenant?.id }), label: 'Try again' }]
      : recoveryLinks(shell, error, resume)
  const provider = tenant && resume && connectionLabel(shell.parts.connections, tenant.id, resume.connection)
  sendError(response, error, { reference, links, supportUrl: tenant?.supportUrl }, provider)
}

/** The same for a program. */
export function refuseProblem(call: FailureCall, { error, reference }: Refused): void {
  logFailure(call, error, reference)
  sendProblem(call.response, error, reference)
}

/** The same connection would be refused again. */
const needsOtherConnection: ReadonlySet<ErrorCode> = new Set(['method_suspended', 'user_revoked', 'linking_refused'])

function recoveryLinks(shell: FailurePorts, error: GatehouseError, resume: Resume): readonly PageLink[] {
  if (resume.linkToSession !== undefined) return [{ href: '/account', label: 'Back to your account' }]
  const { link, ...elsewhere } = loginParamsOf(resume)
  if (error.code === 'link_mismatch')
    return [{ href: withQuery('/link', { code: link, ...toQuery(elsewhere), again: '1' }), label: 'Back' }]
  // a pending link works in one browser only
  const params = error.code === 'login_other_browser' ? elsewhere : loginParamsOf(resume)
  const [signIn, app] = [loginHref(params), appHref(shell, error, resume)]
  const toApp = app === undefined ? [] : [{ href: app, label: 'Return to the app' }]
  if (needsOtherConnection.has(error.code)) return [{ href: signIn, label: 'Go to the sign-in page' }, ...toApp]
  const start = startHref({ ...params, tenant: resume.tenant }, resume.connection)
  return [
    { href: start, label: error.code === 'login_used' ? 'Continue' : 'Try again' },
    { href: signIn, label: 'Choose another way to sign in' },
    ...toApp,
  ]
}

/** Where an app's request waits for this sign-in: the app gets the OAuth error there. */
function appHref({ publicUrl }: FailurePorts, { code }: GatehouseError, { returnTo }: Resume): string | undefined {
  const { origin, pathname } = new URL(returnTo, publicUrl)
  const isPending = origin === publicUrl.origin && /^\/consent\/[\w-]+$/.test(pathname)
  return isPending ? withQuery(pathname, { refused: errorTable[code].oauth }) : undefined
}

export function failure(shell: FailurePorts): ErrorRequestHandler {
  const { parts } = shell
  const note = refusalTracer(parts.trace, parts.now, sharedTraceBudget(parts))
  return (thrown: unknown, request, response, next) => {
    const error = asGatehouseError(thrown)
    const reference = requestIdOf(response)
    logFailure({ shell, request }, error, reference)
    note({ reference, error, source: sourceOf(request), ...placeOf(shell, request) })
    if (response.headersSent) return next(thrown)
    if (/^\/api(\/|$)/i.test(request.path)) return sendProblem(response, error, reference)
    sendError(response, error, {
      ...(isTraced(error.code) && { reference }),
      ...recoveryLinksFrom(shell, request, error),
    })
  }
}

/** What the address names, where that is ours. */
function placeOf(shell: FailurePorts, request: Request): Pick<UntracedRefusal, 'tenant' | 'connection'> {
  const [, ofPath, part] = /^\/t\/([^/]+)\/([^/]+)/.exec(request.path) ?? []
  const tenant = shell.tenants.get(ofPath ?? String(request.query['tenant']))
  return { tenant: tenant?.id, connection: tenant?.connections.find(({ id }) => id === part)?.id }
}

export function sendProblem(response: Response, error: GatehouseError, reference: string): void {
  const { status, headers, body } = problemOf(error, reference)
  response.status(status).set(headers).send(JSON.stringify(body))
}

function sendError(response: Response, error: GatehouseError, recovery: Recovery, provider?: string): void {
  const { fixer } = errorTable[error.code]
  sendResultPage(response, errorPage({ ...errorTextOf(error, provider), fixer, ...recovery }), error)
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

type Recovery = Pick<ErrorPageProps, 'links' | 'reference' | 'supportUrl'>

/** Links to continue: from the tenant and the destination of the request. */
function recoveryLinksFrom(shell: FailurePorts, request: Request, error: GatehouseError): Recovery {
  const params = loginParamsFrom(shell, request, error)
  const signIn = { href: loginHref(params), label: 'Go to the sign-in page' }
  const requestPath = error.code === 'link_invalid' ? linkRequestPath(request.path) : undefined
  const newLink = requestPath && { href: withQuery(requestPath, toQuery(params)), label: 'Request a new link' }
  const supportUrl = shell.tenants.get(params.tenant ?? '')?.supportUrl
  return { links: newLink === undefined ? [signIn] : [newLink, signIn], supportUrl }
}

/** What was refused itself is left out: it would be refused again. */
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

/** The page that mails a link like the one at this path. */
function linkRequestPath(path: string): '/sign-up' | '/forgot' | undefined {
  const [, endpoint] = /^\/t\/[^/]+\/[^/]+\/(verify|reset)\/?$/.exec(path) ?? []
  if (endpoint === undefined) return undefined
  return endpoint === 'verify' ? '/sign-up' : '/forgot'
}
