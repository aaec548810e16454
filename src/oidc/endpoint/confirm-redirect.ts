/**
 * RFC 9700 4.11.2: our authorization endpoint must be no open redirector for apps of developers.
 * Their errors are redirected at once only for a signed-in user of the app or in a frame; else a
 * page of ours comes first.
 */
import type { Provider } from 'oidc-provider'
import { mayServe } from '../../app/app.ts'
import type { SessionCheckParts } from '../../broker/session/check-session.ts'
import { pagePolicy } from '../../http/respond.ts'
import { destinationOf, externalRedirectPage } from '../../pages/external-redirect-page.tsx'
import { appOf } from '../storage/clients.ts'
import { pendingRefusal, type Refusal } from './response-modes.ts'
import { formTarget } from './routes.ts'

export function confirmExternalRedirect(provider: Provider, { tenants }: Pick<SessionCheckParts, 'tenants'>): void {
  provider.use(async (request, next) => {
    await next()
    const refusal = pendingRefusal(request)
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
