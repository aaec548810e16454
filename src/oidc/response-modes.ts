/** How answers go back to the app: as the library sends them, but for our form, and for refusals in our words. */
import { type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { postAnswer } from './form-post.ts'

type ResponseMode = Parameters<Provider['registerResponseMode']>[1]

const words = new WeakMap<object, string>()

/** What the app is told of the refusal that is on its way to it. */
export function noteWords(ctx: KoaContextWithOIDC, description: string): void {
  words.set(ctx, description)
}

export class GatehouseProvider extends Provider {
  override registerResponseMode(name: string, handler: ResponseMode): void {
    const send = name === 'form_post' ? postAnswer : handler.bind(this)
    super.registerResponseMode(name, (ctx, redirectUri, answer) => {
      const description = words.get(ctx)
      const isRefusal = 'error' in answer && description !== undefined
      return send(ctx, redirectUri, isRefusal ? { ...answer, error_description: description } : answer)
    })
  }
}
