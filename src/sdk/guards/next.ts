/** For route handlers of Next.js, and every other server with the web's Request and Response. */
import type { Caller, SessionCaller, TokenCaller } from '../caller.ts'
import { createGuards, type GuardOptions, isRefusal } from './guards.ts'
import { type Refusal, responseOf } from './refusals.ts'
import type { GuardedRequest } from './request.ts'

/** `Context` is what the framework passes besides the request. */
export type GuardedHandler<C extends Caller, R extends Request, Context> = (
  request: R,
  caller: C,
  context: Context,
) => Response | Promise<Response>

/** Throws a TypeError for invalid options. */
export function gatehouse(options: GuardOptions<Request>) {
  const { session, scopes, checker } = createGuards(options, webRequest)
  const guarded =
    <C extends Caller, R extends Request, Context>(
      check: (request: Request) => Promise<C | Refusal>,
      handler: GuardedHandler<C, R, Context>,
    ) =>
    async (request: R, context: Context): Promise<Response> => {
      const decision = await check(request)
      if (!isRefusal(decision)) return handler(request, decision, context)
      const { body, ...init } = responseOf(decision)
      return new Response(body, init)
    }
  return {
    checker,
    withSession: <R extends Request, Context>(handler: GuardedHandler<SessionCaller, R, Context>) =>
      guarded(session, handler),
    withScope: <R extends Request, Context>(scope: string, handler: GuardedHandler<TokenCaller, R, Context>) =>
      guarded(scopes([scope]), handler),
  }
}

function webRequest({ method, url, headers }: Request): GuardedRequest {
  const { pathname, search } = new URL(url)
  return { method, url: pathname + search, headers: Object.fromEntries(headers) }
}
