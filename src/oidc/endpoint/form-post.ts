/** `response_mode=form_post`. oidc-provider's own page needs an inline script; ours does not. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { formPostPage } from '../../pages/interstitial-page.tsx'
import { formTarget } from './routes.ts'

export function sendFormPost(
  ctx: KoaContextWithOIDC,
  redirectUri: string,
  parameters: Readonly<Record<string, unknown>>,
): void {
  ctx.status = 'error' in parameters ? 400 : 200
  ctx.type = 'html'
  ctx.set(
    'content-security-policy',
    `default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ${formTarget(redirectUri)}`,
  )
  const fields = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
  ctx.body = formPostPage({ action: redirectUri, fields, name: new URL(redirectUri).host })
}
