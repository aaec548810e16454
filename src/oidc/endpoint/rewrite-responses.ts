/** Changes to oidc-provider's responses. */
import type { Provider } from 'oidc-provider'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { redirectPage } from '../../pages/message-page.tsx'
import { appOf } from '../storage/clients.ts'
import { discoveryRoutes, routes } from './routes.ts'

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
