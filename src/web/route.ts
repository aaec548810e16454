/** A row of the route table (routes.ts), which app.ts registers with Express. */
import type { Request } from 'express'
import type { z } from 'zod'
import type { RequiredPermission } from '../broker/access/permission.ts'
import { parseBody } from '../http/fields.ts'
import type { Call, Shell } from './shell.ts'

export type Handler = (call: Call) => Promise<void>

/** Permitted callers of a route, which select its middleware (middleware.ts). */
export type Caller =
  | 'anyone'
  /** Anyone, recognized again by a cookie. */
  | 'browser'
  /** A form of our own pages. */
  | 'form'
  /** A page for administrators, whose handler authorizes them (admin/administrator.ts). */
  | 'administrator'
  /** A form of such a page. */
  | 'administrator form'
  /** The browser with the answer of an upstream. */
  | 'upstream'
  /** An upstream or an app with a message that proves itself. */
  | 'message'
  /** The API, whose rows name their callers (api/route.ts). */
  | 'api'
  /** The same, also for pages of the tenants' `returnOrigins`. */
  | 'headless'

export interface WebRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options'
  readonly path: string
  readonly caller: Caller
  /** Permission of the signed-in user. Without a user, the handler asks for a sign-in. */
  readonly permission: RequiredPermission
  readonly form?: z.ZodType
  readonly handler: Handler
  /** Page to which a reload (GET) redirects, for a form without a page at its own URL. */
  readonly page?: string
  /** HEAD gets 405: Express would run the handler of GET, which uses up a login. */
  readonly refusesHead?: boolean
}

/** A page or file for anyone. */
export const publicRoute = (path: string, handler: Handler): WebRoute => ({
  method: 'get',
  path,
  caller: 'anyone',
  permission: 'none',
  handler,
})

/** The request is parsed once, by `read`: the handler receives the value. */
export function parsedRoute<V>(
  row: Omit<WebRoute, 'handler'>,
  read: (request: Request, shell: Shell) => V,
  handler: (call: Call, value: V) => Promise<void>,
): WebRoute {
  return { ...row, handler: async (call) => handler(call, read(call.request, call.shell)) }
}

/** A form of our own pages. Its handler receives the parsed fields. */
export function formRoute<F extends z.ZodType>(
  path: string,
  permission: RequiredPermission,
  form: F,
  handler: (call: Call, form: z.output<F>) => Promise<void>,
): WebRoute {
  return parsedRoute(
    { method: 'post', caller: 'form', permission, path, form },
    ({ body }) => parseBody(form, body),
    handler,
  )
}
