/** Authorization responses of oidc-provider, with our form_post page and error descriptions. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Session } from '../../broker/session/session.ts'
import { pagePolicy } from '../../http/respond.ts'
import { submittedFormPage } from '../../pages/message-page.tsx'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { providerWithModes } from '../library-internals.ts'
import { readsOfRequest } from '../storage/request-cache.ts'
import { formTarget } from './routes.ts'

const errorDescriptions = new HiddenProperty<object, string>()

export function setErrorDescription(ctx: KoaContextWithOIDC, description: string): void {
  errorDescriptions.set(ctx, description)
}

export interface Refusal {
  readonly ctx: KoaContextWithOIDC
  readonly session: Session | undefined
  readonly redirectUri: string
  readonly fields: Readonly<Record<string, string>>
}

const refusals = new HiddenProperty<object, Refusal>()

/** The error response that is about to go to the app, in any response mode. */
export function pendingRefusal(ctx: object): Refusal | undefined {
  return refusals.get(ctx)
}

export const GatehouseProvider = providerWithModes((name, original) => {
  const send = name === 'form_post' ? sendFormPost : original
  return (ctx, redirectUri, parameters) => {
    if (!('error' in parameters)) return send(ctx, redirectUri, parameters)
    const description = errorDescriptions.get(ctx)
    const refusal = { ...parameters, ...(description !== undefined && { error_description: description }) }
    const fields = Object.fromEntries(Object.entries(refusal).map(([field, value]) => [field, String(value)]))
    refusals.set(ctx, { ctx, session: readsOfRequest().session, redirectUri, fields })
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
