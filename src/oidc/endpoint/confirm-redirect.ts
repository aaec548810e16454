/**
 * RFC 9700 4.11.2: an app that anyone could register must not turn our authorization endpoint into an open redirector. A refusal for an
 * app of a developer is redirected to it at once only where a user whom it may serve is signed in; else a page of ours comes first.
 * Inside a frame the refusal goes to the app at once: the browser's address does not change there.
 */
import type { Provider } from 'oidc-provider'
import { mayServe } from '../../app/app.ts'
import type { SessionCheckParts } from '../../broker/session/check-session.ts'
import { destinationOf, externalRedirectPage } from '../../pages/external-redirect-page.tsx'
import { appOf } from '../storage/clients.ts'
import { pendingRefusal, type Refusal } from './response-modes.ts'

export function confirmExternalRedirect(provider: Provider, { tenants }: Pick<SessionCheckParts, 'tenants'>): void {
  provider.use(async (request, next) => {
    await next()
    const refusal = pendingRefusal(request)
    if (refusal === undefined || !needsPage(refusal)) return
    const { ctx, redirectUri, fields } = refusal
    const { name, owner } = appOf(ctx.oidc.client)
    const { location } = ctx.response.headers
    const url = new URL(redirectUri)
    const form = { action: redirectUri, hidden: fields }
    ctx.remove('location')
    ctx.status = 400
    ctx.type = 'html'
    ctx.set('cache-control', 'no-store')
    if (typeof location !== 'string') ctx.set('content-security-policy', policyFor(url))
    ctx.body = externalRedirectPage({
      title: 'You are leaving this site',
      app: name,
      tenant: owner === undefined ? undefined : tenants.get(owner.tenant)?.name,
      destination: destinationOf(url),
      to: typeof location === 'string' ? { href: location } : { form },
    })
  })
}

function needsPage({ ctx, session }: Refusal): boolean {
  const app = appOf(ctx.oidc.client)
  const isKnownUser = session !== undefined && mayServe(app, session.tenant)
  return app.owner !== undefined && !isKnownUser && !frameDestinations.has(ctx.get('sec-fetch-dest'))
}

/** Browsers set this header; no link can. */
const frameDestinations: ReadonlySet<string> = new Set(['iframe', 'frame'])

const policyFor = ({ origin, protocol }: URL) =>
  `default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ${origin === 'null' ? protocol : origin}`
