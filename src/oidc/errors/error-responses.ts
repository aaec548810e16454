/**
 * What the provider refuses, in words that say what was got and what was expected, and who can put it right: nearly always the app's
 * developer. A page where a person looks at it, an OAuth error where a program does; a log line and a trace under one reference for both.
 */

import { type Configuration, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider'
import type { Logger } from 'pino'
import { isOwnerOf } from '../../app/app.ts'
import type { refusalTracer } from '../../broker/limits/refusal-traces.ts'
import { openTrace } from '../../broker/login/run-traced.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionCheckParts } from '../../broker/session/check-session.ts'
import { type Check, type ErrorCode, errorTable, GatehouseError } from '../../errors.ts'
import { errorTextOf } from '../../http/error-texts.ts'
import { errorForLog } from '../../http/problem.ts'
import { errorPage } from '../../pages/error-page.tsx'
import { unencodedCharacter } from '../../primitives/address-characters.ts'
import { textOf } from '../../profile/profile.ts'
import { recordUnprovenRefusal, sourceOf } from '../endpoint/rate-limits.ts'
import { setErrorDescription } from '../endpoint/response-modes.ts'
import { appOf } from '../storage/clients.ts'
import { readsOfRequest } from '../storage/request-cache.ts'
import { describeFailure } from './describe-error.ts'
import { unencodedRedirectUri } from './error-messages.ts'

export interface RefusalParts {
  readonly parts: CorePorts
  readonly check: Pick<SessionCheckParts, 'tenants'>
  /** Whether one more refusal of a source may become a trace. */
  readonly mayTrace: (source: string) => boolean
  /** Writes down a refusal of an app that is not known, as far as those may become traces. */
  readonly noteUnknown: ReturnType<typeof refusalTracer>
  readonly log: Logger
}

type Failure = Error | errors.OIDCProviderError

/** The page of a request that cannot be sent back to its app. */
export function renderError(refusals: RefusalParts): NonNullable<Configuration['renderError']> {
  return (ctx, _out, failure) => {
    const refused = refusalOf(ctx, failure)
    const reference = record(refusals, ctx, refused)
    const { title, text } = errorTextOf(refused)
    const { fixer } = errorTable[refused.code]
    const code = codeOf(failure)
    ctx.type = 'html'
    ctx.set('cache-control', 'no-store')
    ctx.body = errorPage({
      title,
      text,
      fixer,
      reference,
      details: [...(code === undefined ? [] : [{ label: 'Error', values: [code] }]), ...detailsOf(ctx, failure)],
      continueHref: '/account',
      continueLabel: 'Go to your page',
    })
  }
}

/** Programs are told what to change. A trace is written where a sign-in or its tokens were refused, not for every mistyped call. */
export function describeErrors(provider: Provider, refusals: RefusalParts): void {
  const { parts, log } = refusals
  const describeError = (ctx: KoaContextWithOIDC, failure: errors.OIDCProviderError) => {
    const description = describeFailure(ctx, failure)
    const { body } = ctx
    if (typeof body === 'object' && body !== null && 'error' in body)
      ctx.body = {
        ...body,
        ...(isUnregisteredGrant(failure) && { error: 'unauthorized_client' }), // RFC 6749 5.2; the library's is invalid_request
        ...(description !== undefined && { error_description: description }),
      }
    // nobody's origin is let in before it is known whose app it is; but a page has to see that its token is over
    if (ctx.oidc.client === undefined && !isTokenFailure(failure)) ctx.remove('Access-Control-Allow-Origin')
    if (failure.statusCode === 503) ctx.set('retry-after', '2')
  }
  const describeAndRecord = (ctx: KoaContextWithOIDC, failure: errors.OIDCProviderError) => {
    describeError(ctx, failure)
    record(refusals, ctx, refusalOf(ctx, failure))
  }
  provider.on('grant.error', (ctx, failure) => {
    if (pendingCodes.has(failure.error)) return describeError(ctx, failure)
    const isUnproven = failure.statusCode < 500 && !isAuthenticatedClient(ctx, failure)
    const wait = isUnproven ? recordUnprovenRefusal(parts, sourceOf(ctx.req), ctx.oidc.client?.clientId) : undefined
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
    if (failure.allow_redirect && failure.error !== 'access_denied') record(refusals, ctx, refusalOf(ctx, failure))
  })
  provider.on('server_error', (ctx, failure) => {
    log.error({ route: ctx.oidc?.route, error: errorForLog(failure) }, 'the OpenID provider failed')
  })
}

/** A grant that is not among those of the app. */
function isUnregisteredGrant({ error_description: description = '' }: errors.OIDCProviderError): boolean {
  return /^(requested grant type|urn:ietf:params:oauth:grant-type:device_code) is not allowed/.test(description)
}

/** What userinfo says of a token that is no good there: no more than its holder knows. */
function isTokenFailure(failure: Failure): boolean {
  return failure instanceof errors.InvalidToken || failure instanceof errors.InsufficientScope
}

/** An app that keeps a secret or a key, and showed it: what is wrong is something else. */
function isAuthenticatedClient({ oidc: { client } }: KoaContextWithOIDC, failure: Failure): boolean {
  return client !== undefined && client.clientAuthMethod !== 'none' && !(failure instanceof errors.InvalidClientAuth)
}

/** In place of the refusal that was to come; neither log nor trace has it. */
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

/** A device that asks whether its person has typed the code (RFC 8628 3.5). */
const pendingCodes: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down'])

function refusalOf(ctx: KoaContextWithOIDC, failure: Failure): GatehouseError {
  const code = errorCodeOf(ctx, failure)
  const description = describeFailure(ctx, failure)
  const got = ctx.oidc.params?.['redirect_uri']
  const check: Check =
    code === 'redirect_uri_refused'
      ? {
          name: 'redirect_uri',
          ok: false,
          expected: ctx.oidc.client?.redirectUris?.join(', ') ?? 'a registered one',
          got: typeof got === 'string' ? got : 'none, or several',
        }
      : {
          name: ctx.oidc.route,
          ok: false,
          expected: 'a request this app may make',
          got: description ?? codeOf(failure) ?? 'a fault',
        }
  const message = `${codeOf(failure) ?? failure.name}${description === undefined ? '' : `: ${description}`}`
  const unencoded = code === 'redirect_uri_refused' ? unencodedRedirectUri(ctx.oidc) : undefined
  return new GatehouseError(code, message, {
    ...{ cause: code === 'internal' ? failure : undefined, check },
    ...(unencoded !== undefined && { text: `The app's ${unencoded}. Please tell the people who run the app.` }),
  })
}

/** Another one than those registered, none at all, or several. Of a pushed request that cannot be read, nobody knows it. */
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
    return 'interaction_over'
  if (failure.error === 'temporarily_unavailable') return 'store_unavailable'
  if (/^refresh ?token already (used|consumed)$/i.test(failure.error_detail ?? '')) return 'refresh_reused'
  if (/^authorization ?code already consumed$/i.test(failure.error_detail ?? '')) return 'code_reused'
  return 'app_request_refused'
}

function codeOf(failure: Failure): string | undefined {
  return failure instanceof errors.OIDCProviderError && failure.expose ? failure.error : undefined
}

interface Detail {
  readonly label: string
  readonly values: readonly string[]
}

/** What came, and for addresses what would have been right: both as they are, escaped by the page. */
function detailsOf(ctx: KoaContextWithOIDC, failure: Failure): readonly Detail[] {
  const { client, params } = ctx.oidc
  const app = params?.['client_id']
  const details: Detail[] =
    typeof app === 'string' ? [{ label: 'App', values: [shown(client?.clientName ?? app)] }] : []
  if (isRedirectUriFailure(ctx, failure)) {
    const got = ctx.query['redirect_uri'] ?? params?.['redirect_uri']
    const values = [got].flat().filter((each) => typeof each === 'string')
    details.push({ label: 'redirect_uri we got', values: values.length === 0 ? ['none'] : values.map(shown) })
    if (client !== undefined && isOwnerOf(appOf(client), readsOfRequest().session))
      details.push({ label: 'Registered for this app', values: (client.redirectUris ?? []).slice(0, 20).map(shown) })
    else if (!values.some(unencodedCharacter)) details.push({ label: 'Why', values: [notRegistered] })
    return details
  }
  const description = describeFailure(ctx, failure)
  return description === undefined ? details : [...details, { label: 'Why', values: [shown(description)] }]
}

const notRegistered =
  'This address is not registered for the app. Its owner, signed in here, sees the registered ones; an operator, in the trace.'

const maxShownLength = 500

function shown(text: string): string {
  return textOf(text.slice(0, maxShownLength)) ?? 'nothing that can be shown'
}

/**
 * The reference both are found by. Anybody can be refused by the thousand, so only so many become traces (broker/limits/refusal-traces.ts), those
 * of apps that nobody knows counted apart; the log has every one.
 */
function record(
  { parts, check, log, mayTrace, noteUnknown }: RefusalParts,
  ctx: KoaContextWithOIDC,
  refused: GatehouseError,
): string {
  const app = ctx.oidc.client?.clientId
  const asked = ctx.oidc.params?.['tenant']
  const notFoundAsUndefined = typeof asked === 'string' && check.tenants.has(asked) ? asked : 'unknown'
  const tenant = readsOfRequest().session?.tenant ?? notFoundAsUndefined
  const trace = openTrace(parts, { tenant, connection: `app ${app ?? 'unknown'}`.slice(0, 100) })
  const source = sourceOf(ctx.req)
  if (app === undefined)
    noteUnknown({ reference: trace.reference, error: refused, source, tenant, connection: undefined })
  else if (mayTrace(source)) trace.refused(refused)
  const level = refused.code === 'internal' || refused.code === 'store_unavailable' ? 'error' : 'info'
  log[level](
    {
      ...{ reference: trace.reference, code: refused.code, app: app ?? 'unknown', route: ctx.oidc.route },
      ...(refused.code === 'redirect_uri_refused' && { expected: refused.check?.expected }),
      error: errorForLog(refused),
    },
    'refused',
  )
  return trace.reference
}
