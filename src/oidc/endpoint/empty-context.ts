/**
 * oidc-provider defines a getter, `ctx.oidc`, for each request. V8 allocates accessors in the old
 * generation, where each would keep its whole request until the next full collection.
 */
import type { Provider } from 'oidc-provider'

export function emptyFinishedContexts({ context }: Pick<Provider, 'context'>): void {
  const { onerror } = context
  /** Koa calls it at the end of each response, with or without an error. */
  context.onerror = function (error) {
    if (error !== undefined && error !== null) return onerror.call(this, error)
    if (!this.res.writableEnded) return // the client left, and the request is still handled
    if ('oidc' in this) clear(this.oidc)
    clear(this)
  }
}

function clear(object: unknown): void {
  if (typeof object !== 'object' || object === null) return
  for (const name of Object.keys(object)) Reflect.set(object, name, undefined)
}
