/** What the library answers, put right for the outside: done last, on the way out. */
import type { Provider } from 'oidc-provider'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { interstitialPage } from '../../pages/interstitial-page.tsx'
import { appOf } from '../storage/clients.ts'
import { routes } from './routes.ts'

const discovery: ReadonlySet<string> = new Set([
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
])

export function adjustResponses(provider: Provider, { apis, publicUrl }: Pick<CorePorts, 'apis' | 'publicUrl'>): void {
  const ofApis = apis.flatMap(({ scopes }) => Object.keys(scopes))

  provider.use(async (ctx, next) => {
    await next()
    const { body, path, method, status } = ctx
    if (discovery.has(path) && isDocument(body))
      ctx.body = { ...body, scopes_supported: [...new Set([...body.scopes_supported, ...ofApis])] }
    // Chromium holds all redirects of a form to `form-action`, and this one may lead on to an upstream: a page goes on by itself
    if (path === routes.code_verification && method === 'POST' && status >= 300 && status < 400) {
      const href = new URL(ctx.response.get('location'), publicUrl).href
      ctx.remove('location')
      ctx.set('refresh', `0; url=${href}`)
      ctx.status = 200
      ctx.type = 'html'
      ctx.body = interstitialPage({
        href,
        name: ctx.oidc.client === undefined ? 'your app' : appOf(ctx.oidc.client).name,
      })
    }
  })
}

function isDocument(body: unknown): body is { readonly scopes_supported: readonly string[] } {
  return (
    typeof body === 'object' &&
    body !== null &&
    'scopes_supported' in body &&
    Array.isArray(body.scopes_supported) &&
    body.scopes_supported.every((scope) => typeof scope === 'string')
  )
}
