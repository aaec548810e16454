/** Changes to oidc-provider's responses: our pages, and descriptions of errors. */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import { mayServe } from '../../app/app.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { SessionCheckPorts } from '../../broker/session/check-session.ts'
import type { Session } from '../../broker/session/session.ts'
import { pagePolicy } from '../../http/respond.ts'
import { destinationOf, externalRedirectPage } from '../../pages/external-redirect-page.tsx'
import { redirectPage, submittedFormPage } from '../../pages/message-page.tsx'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { providerWithModes } from '../library-internals.ts'
import { appOf } from '../storage/clients.ts'
import { requestCache } from '../storage/request-cache.ts'
import { discoveryRoutes, formTarget, routes } from './routes.ts'

const errorDescriptions = new HiddenProperty<object, string>()

export function setErrorDescription(ctx: KoaContextWithOIDC, description: string): void {
  errorDescriptions.set(ctx, description)
}

/** An error response that is about to go to the app, in any response mode. */
interface Refusal {
  readonly ctx: KoaContextWithOIDC
  readonly session: Session | undefined
  readonly redirectUri: string
  readonly fields: Readonly<Record<string, string>>
}

const refusals = new HiddenProperty<object, Refusal>()

export const GatehouseProvider = providerWithModes((name, original) => {
  const send = name === 'form_post' ? sendFormPost : original
  return (ctx, redirectUri, parameters) => {
    if (!('error' in parameters)) return send(ctx, redirectUri, parameters)
    const description = errorDescriptions.get(ctx)
    const refusal = { ...parameters, ...(description !== undefined && { error_description: description }) }
    const fields = Object.fromEntries(Object.entries(refusal).map(([field, value]) => [field, String(value)]))
    refusals.set(ctx, { ctx, session: requestCache().session, redirectUri, fields })
    return send(ctx, redirectUri, refusal)
  }
})

/** oidc-provider's own form_post page needs an inline script; ours does not. */
function sendFormPost(
  ctx: KoaContextWithOIDC,
  redirectUri: string,
  parameters: Readonly<Record<string, unknown>>,
): void {
  ctx.status = 'error' in parameters ? 400 : 200
  ctx.type = 'html'
  const policy = pagePolicy({ 'script-src': "'self'", 'form-action': formTarget(redirectUri) })
  ctx.set('content-security-policy', policy)
  const fields = Object.entries(parameters).map(([name, value]) => [name, String(value)] as const)
  ctx.body = submittedFormPage({ title: `Redirecting to ${new URL(redirectUri).host}`, action: redirectUri, fields })
}

/**
 * RFC 9700 4.11.2: our authorization endpoint must be no open redirector for apps of developers.
 * Their errors are redirected at once only for a signed-in user of the app or in a frame; else a
 * page of ours comes first.
 */
export function confirmExternalRedirect(provider: Provider, { tenants }: Pick<SessionCheckPorts, 'tenants'>): void {
  provider.use(async (request, next) => {
    await next()
    const refusal = refusals.get(request)
    if (refusal === undefined || !needsPage(refusal)) return
    const { ctx, redirectUri, fields } = refusal
    const { name, owner } = appOf(ctx.oidc.client)
    const { location } = ctx.response.headers
    ctx.remove('location')
    ctx.status = 400
    ctx.type = 'html'
    ctx.set('cache-control', 'no-store')
    if (typeof location !== 'string')
      ctx.set('content-security-policy', pagePolicy({ 'form-action': formTarget(redirectUri) }))
    ctx.body = externalRedirectPage({
      title: 'You are leaving this site',
      app: name,
      tenant: owner === undefined ? undefined : tenants.get(owner.tenant)?.name,
      destination: destinationOf(new URL(redirectUri)),
      to: typeof location === 'string' ? location : { action: redirectUri, hidden: fields },
    })
  })
}

function needsPage({ ctx, session }: Refusal): boolean {
  const app = appOf(ctx.oidc.client)
  const isUserOfApp = session !== undefined && mayServe(app, session.tenant)
  // set by browsers, never by a link
  const isInFrame = ['iframe', 'frame'].includes(ctx.get('sec-fetch-dest'))
  return app.owner !== undefined && !isUserOfApp && !isInFrame
}

export function adjustResponses(provider: Provider, { apis, publicUrl }: Pick<CorePorts, 'apis' | 'publicUrl'>): void {
  const apiScopes = apis.flatMap(({ scopes }) => Object.keys(scopes))

  provider.use(async (ctx, next) => {
    await next()
    const { body, path, method, status } = ctx
    if (discoveryRoutes.includes(path) && isDiscoveryDocument(body))
      ctx.body = { ...body, scopes_supported: [...new Set([...body.scopes_supported, ...apiScopes])] }
    // Chromium applies `form-action` to every redirect after a form: a page redirects instead
    if (path === routes.code_verification && method === 'POST' && status >= 300 && status < 400) {
      const href = new URL(ctx.response.get('location'), publicUrl).href
      ctx.remove('location')
      ctx.set('refresh', `0; url=${href}`)
      ctx.status = 200
      ctx.type = 'html'
      ctx.body = redirectPage(href, ctx.oidc.client === undefined ? 'your app' : appOf(ctx.oidc.client).name)
    }
  })
}

function isDiscoveryDocument(body: unknown): body is { readonly scopes_supported: readonly string[] } {
  return typeof body === 'object' && body !== null && 'scopes_supported' in body && Array.isArray(body.scopes_supported)
}
