/** `response_mode=form_post`: the answer goes to the app in a form. The library's page would need an inline script; ours does not. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { formPostPage } from '../../pages/interstitial-page.tsx'

export function postAnswer(
  ctx: KoaContextWithOIDC,
  redirectUri: string,
  answer: Readonly<Record<string, unknown>>,
): void {
  const { origin, protocol, host } = new URL(redirectUri)
  const target = origin === 'null' ? protocol : origin
  ctx.status = 'error' in answer ? 400 : 200
  ctx.type = 'html'
  ctx.set(
    'content-security-policy',
    `default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action ${target}`,
  )
  const fields = Object.entries(answer).map(([name, value]) => [name, String(value)] as const)
  ctx.body = formPostPage({ action: redirectUri, fields: Object.fromEntries(fields), name: host })
}
