/** How answers go back to the app: as the library sends them, but for our form, and for refusals in our words. */
import { type KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Session } from '../../broker/session/session.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import { readsOfRequest } from '../storage/request-cache.ts'
import { postAnswer } from './form-post.ts'

type ResponseMode = Parameters<Provider['registerResponseMode']>[1]

const errorDescriptions = new HiddenProperty<object, string>()

/** What the app is told of the refusal that is on its way to it. */
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

/** The refusal that this response takes to the app, however it goes there. */
export function pendingRefusal(ctx: object): Refusal | undefined {
  return refusals.get(ctx)
}

export class GatehouseProvider extends Provider {
  override registerResponseMode(name: string, handler: ResponseMode): void {
    const send = name === 'form_post' ? postAnswer : handler.bind(this)
    super.registerResponseMode(name, (ctx, redirectUri, answer) => {
      const description = errorDescriptions.get(ctx)
      if (!('error' in answer)) return send(ctx, redirectUri, answer)
      const refusal = { ...answer, ...(description !== undefined && { error_description: description }) }
      const fields = Object.entries(refusal).map(([field, value]) => [field, String(value)] as const)
      refusals.set(ctx, { ctx, session: readsOfRequest().session, redirectUri, fields: Object.fromEntries(fields) })
      return send(ctx, redirectUri, refusal)
    })
  }
}
