/**
 * Responses to refused requests: a page for a user, an OAuth error for a program, and one reference
 * for the log line and the trace.
 */
import { type Configuration, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import type { Logger } from 'pino'
import { type App, isOwnerOf } from '../../app/app.ts'
import { refusalTracer, traceBudget } from '../../broker/limits/refusal-traces.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionCheckPorts } from '../../broker/session/check-session.ts'
import type { Session } from '../../broker/session/session.ts'
import { AttemptTrace, referenceOf } from '../../broker/trace.ts'
import { type Check, type ErrorCode, errorTable, GatehouseError } from '../../errors.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { errorForLog } from '../../http/problem.ts'
import { errorPage } from '../../pages/error-page.tsx'
import type { PageLink } from '../../pages/parts.tsx'
import { unencodedCharacter } from '../../primitives/address-characters.ts'
import { textOf } from '../../profile/profile.ts'
import { recordUnprovenRefusal, sourceOf } from '../endpoint/rate-limits.ts'
import { setErrorDescription } from '../endpoint/responses.ts'
import { appOf } from '../storage/clients.ts'
import { requestCache } from '../storage/request-cache.ts'
import { describeFailure } from './describe-error.ts'
import { unencodedRedirectUri } from './error-messages.ts'

export interface RefusalPorts extends Pick<CorePorts, 'counters' | 'now' | 'random' | 'trace'> {
  readonly tenants: SessionCheckPorts['tenants']
  readonly log: Logger
}

type Failure = Error | errors.OIDCProviderError
type RecordRefusal = (ctx: KoaContextWithOIDC, failure: Failure) => RecordedRefusal

interface RecordedRefusal {
  readonly error: GatehouseError
  /** Finds the log line and the trace. */
  readonly reference: string
}

/** The page for a request that cannot be sent back to its app. */
export function errorPageRenderer(
  record: RecordRefusal,
  { tenants }: Pick<RefusalPorts, 'tenants'>,
): NonNullable<Configuration['renderError']> {
  return (ctx, _out, failure) => {
    const { error, reference } = record(ctx, failure)
    const { fixer } = errorTable[error.code]
    const oauth = oauthCodeOf(failure)
    const { session } = requestCache()
    const { tenant } = ctx.oidc.params ?? {}
    ctx.type = 'html'
    ctx.set('cache-control', 'no-store')
    ctx.body = errorPage({
      ...errorTextOf(error),
      code: error.code,
      fixer,
      reference,
      tenant: tenants.get(session?.tenant ?? (typeof tenant === 'string' ? tenant : '')),
      details: [
        ...(oauth === undefined ? [] : [{ label: 'OAuth error', values: [oauth] }]),
        ...detailsOf(ctx, failure),
      ],
      links: linksOf(ctx, session),
    })
  }
}

function linksOf({ oidc: { client } }: KoaContextWithOIDC, session: Session | undefined): readonly PageLink[] {
  if (session === undefined) return [{ href: '/login', label: 'Go to the sign-in page' }]
  const back = { href: '/account', label: 'Back to your account' }
  if (client === undefined || !isOwnerOf(appOf(client), session)) return [back]
  return [{ href: `/developer/apps/${client.clientId}`, label: "Open the app's settings" }, back]
}

/** Adds descriptions. Only refused sign-ins and token requests become traces. */
export function describeErrors(provider: Provider, ports: RefusalPorts, record: RecordRefusal): void {
  const describeError = (ctx: KoaContextWithOIDC, failure: errors.OIDCProviderError) => {
    const description = describeFailure(ctx, failure)
    const { body } = ctx
    if (typeof body === 'object' && body !== null && 'error' in body)
      ctx.body = {
        ...body,
        // RFC 6749 5.2; oidc-provider says invalid_request
        ...(isUnregisteredGrant(failure) && { error: 'unauthorized_client' }),
        ...(description !== undefined && { error_description: description }),
      }
    // no CORS for unknown clients; but a page must see that its token expired
    if (ctx.oidc.client === undefined && !isTokenFailure(failure)) ctx.remove('Access-Control-Allow-Origin')
    if (failure.statusCode === 503) ctx.set('retry-after', '2')
  }
  const describeAndRecord = (ctx: KoaContextWithOIDC, failure: errors.OIDCProviderError) => {
    describeError(ctx, failure)
    record(ctx, failure)
  }
  provider.on('grant.error', (ctx, failure) => {
    if (pendingCodes.has(failure.error)) return describeError(ctx, failure)
    const isUnproven = failure.statusCode < 500 && !isAuthenticatedClient(ctx, failure)
    const wait = isUnproven ? recordUnprovenRefusal(ports, sourceOf(ctx.req), ctx.oidc.client?.clientId) : undefined
    if (wait !== undefined) return askToRetryLater(ctx, wait)
    describeAndRecord(ctx, failure)
  })
  provider.on('pushed_authorization_request.error', describeAndRecord)
  provider.on('device_authorization.error', describeError)
  provider.on('introspection.error', describeError)
  provider.on('revocation.error', describeError)
  provider.on('userinfo.error', describeError)
  provider.on('authorization.error', (ctx, failure) => {
    const description = describeFailure(ctx, failure)
    if (description !== undefined) setErrorDescription(ctx, description)
    if (failure.allow_redirect && failure.error !== 'access_denied') record(ctx, failure)
  })
  provider.on('server_error', (ctx, failure) => {
    ports.log.error({ route: ctx.oidc?.route, error: errorForLog(failure) }, 'the OpenID Provider failed')
  })
}

/** Device polling before the user has entered the code (RFC 8628 3.5). */
const pendingCodes: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down'])

function isUnregisteredGrant({ error_description: description = '' }: errors.OIDCProviderError): boolean {
  return /^(requested grant type|urn:ietf:params:oauth:grant-type:device_code) is not allowed/.test(description)
}

/** Whether userinfo refused the token, which discloses no more than the token's holder knows. */
function isTokenFailure(failure: Failure): boolean {
  return failure instanceof errors.InvalidToken || failure instanceof errors.InsufficientScope
}

function isAuthenticatedClient({ oidc: { client } }: KoaContextWithOIDC, failure: Failure): boolean {
  return client !== undefined && client.clientAuthMethod !== 'none' && !(failure instanceof errors.InvalidClientAuth)
}

/** Replaces the refusal, which is neither logged nor traced. */
function askToRetryLater(ctx: KoaContextWithOIDC, seconds: number): void {
  const wait = Math.ceil(seconds)
  ctx.status = 429
  ctx.type = 'json'
  ctx.set('retry-after', `${wait}`)
  ctx.remove('WWW-Authenticate')
  if (ctx.oidc.client === undefined) ctx.remove('Access-Control-Allow-Origin')
  const description = `too many token requests for this app from this address were refused; try again in ${wait} seconds`
  ctx.body = { error: 'temporarily_unavailable', error_description: description }
}

/**
 * Logs every refusal and traces some (broker/limits/refusal-traces.ts). Refusals of unknown apps
 * have their own trace budget.
 */
export function refusalRecorder({ now, random, trace, tenants, log }: RefusalPorts): RecordRefusal {
  const mayTrace = traceBudget(now)
  const traceUnknown = refusalTracer(trace, now)
  return (ctx, failure) => {
    const error = asRefusal(ctx, failure)
    const { client, params, route } = ctx.oidc
    const requested = params?.['tenant']
    const known = typeof requested === 'string' && tenants.has(requested) ? requested : 'unknown'
    const tenant = requestCache().session?.tenant ?? known
    const app = client?.clientId ?? 'unknown'
    const source = sourceOf(ctx.req)
    const head = { reference: referenceOf(random(8)), tenant, connection: `app ${app}`.slice(0, 100), startedAt: now() }
    if (client === undefined) traceUnknown({ ...head, error, source, connection: undefined })
    else if (mayTrace(source)) new AttemptTrace({ ...head, app }, now, trace).refused(error)
    const level = error.code === 'internal' || error.code === 'store_unavailable' ? 'error' : 'info'
    log[level](
      {
        reference: head.reference,
        code: error.code,
        app,
        route,
        ...(error.code === 'redirect_uri_refused' && { expected: error.check?.expected }),
        error: errorForLog(error),
      },
      'refused',
    )
    return { error, reference: head.reference }
  }
}

function asRefusal(ctx: KoaContextWithOIDC, failure: Failure): GatehouseError {
  const code = errorCodeOf(ctx, failure)
  const description = describeFailure(ctx, failure)
  const oauthCode = oauthCodeOf(failure)
  const isRedirectUri = code === 'redirect_uri_refused'
  const got = ctx.oidc.params?.['redirect_uri']
  const registered = ctx.oidc.client?.redirectUris?.join(', ') ?? 'a registered one'
  const [name, expected, received] = isRedirectUri
    ? ['redirect_uri', registered, typeof got === 'string' ? got : 'none, or several']
    : [ctx.oidc.route, 'a request this app may make', description ?? oauthCode ?? 'an internal error']
  const check: Check = { name, ok: false, expected, got: received }
  const message = `${oauthCode ?? failure.name}${description === undefined ? '' : `: ${description}`}`
  const text = isRedirectUri ? redirectUriText(ctx) : code === 'app_unknown' ? unknownAppText : undefined
  return new GatehouseError(code, message, {
    cause: code === 'internal' ? failure : undefined,
    check,
    ...(text !== undefined && { text }),
  })
}

/** Text for a user whom an unknown app sent here. */
const unknownAppText = 'The app that sent you here is not registered with this sign-in service, or was removed.'

function redirectUriText(ctx: KoaContextWithOIDC): string | undefined {
  const unencoded = unencodedRedirectUri(ctx.oidc)
  const count = receivedRedirectUris(ctx).length
  if (count === 1) return unencoded && `The app's ${unencoded}.`
  return `The app's request has ${count === 0 ? 'no redirect_uri' : `${count} redirect_uri`}: it must have one.`
}

function receivedRedirectUris(ctx: KoaContextWithOIDC): readonly string[] {
  return [ctx.query['redirect_uri'] ?? ctx.oidc.params?.['redirect_uri']]
    .flat()
    .filter((each) => typeof each === 'string')
}

/** Unregistered, missing or repeated. It is unknown in a pushed request that cannot be read. */
function isRedirectUriFailure({ oidc }: KoaContextWithOIDC, failure: Failure): boolean {
  if (failure instanceof errors.InvalidRedirectUri) return true
  const { route, client, params } = oidc
  return (
    route === 'authorization' &&
    client !== undefined &&
    params?.['request_uri'] === undefined &&
    params?.['request'] === undefined &&
    typeof params?.['redirect_uri'] !== 'string'
  )
}

function errorCodeOf(ctx: KoaContextWithOIDC, failure: Failure): ErrorCode {
  if (!(failure instanceof errors.OIDCProviderError)) return 'internal'
  if (isRedirectUriFailure(ctx, failure)) return 'redirect_uri_refused'
  if (failure instanceof errors.InvalidClient) return 'app_unknown'
  if (failure instanceof errors.SessionNotFound || failure instanceof errors.InvalidRequestUri)
    return 'interaction_expired'
  if (failure.error === 'temporarily_unavailable') return 'store_unavailable'
  if (/^refresh ?token already (used|consumed)$/i.test(failure.error_detail ?? '')) return 'refresh_reused'
  if (/^authorization ?code already consumed$/i.test(failure.error_detail ?? '')) return 'code_reused'
  return 'app_request_refused'
}

function oauthCodeOf(failure: Failure): string | undefined {
  return failure instanceof errors.OIDCProviderError && failure.expose ? failure.error : undefined
}

interface Detail {
  readonly label: string
  readonly values: readonly string[]
}

/** The page escapes the values. */
function detailsOf(ctx: KoaContextWithOIDC, failure: Failure): readonly Detail[] {
  const { client, params } = ctx.oidc
  const app = params?.['client_id']
  const details = typeof app === 'string' ? [{ label: 'App', values: [shown(client?.clientName ?? app)] }] : []
  if (!isRedirectUriFailure(ctx, failure)) {
    const description = describeFailure(ctx, failure)
    return description === undefined ? details : [...details, { label: 'Why', values: [shown(description)] }]
  }
  const values = receivedRedirectUris(ctx)
  if (client !== undefined) details.push({ label: 'Setting', values: [redirectUriSetting(appOf(client))] })
  details.push({ label: 'redirect_uri received', values: values.length === 0 ? ['none'] : values.map(shown) })
  if (client !== undefined && isOwnerOf(appOf(client), requestCache().session))
    details.push({ label: 'Registered for this app', values: (client.redirectUris ?? []).slice(0, 20).map(shown) })
  else if (values.length === 1 && !values.some(unencodedCharacter))
    details.push({ label: 'Why', values: [notRegistered] })
  return details
}

const redirectUriSetting = ({ id, owner }: App) =>
  owner === undefined ? `apps.${id}.redirectUris in gatehouse.yaml` : 'Redirect URIs, in the developer portal'

const notRegistered =
  "This redirect URI is not registered for the app. The app's owner sees the registered ones here after signing in; an operator sees them in the trace."

function shown(text: string): string {
  return textOf(text.slice(0, 500)) ?? 'no printable text'
}
