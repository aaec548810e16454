/**
 * A row of the API. The server validates with it; the OpenAPI document, the API page and the SDK's
 * types are generated from it.
 */
import type { z } from 'zod'
import type { App } from '../../app/app.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import type { Session } from '../../broker/session/session.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Call, Shell } from '../shell.ts'

/** Who may call a route, and the value that its handler receives for them. */
export interface Callers {
  readonly anyone: undefined
  readonly session: Session
  /** A session. The core checks that the tenant lets its user register apps. */
  readonly developer: Session
  readonly app: App
}
export type Caller = keyof Callers

/** What a handler may know of the request besides its parsed values. */
export interface ApiClient {
  readonly authorization: string | undefined
  readonly hasDpopProof: boolean
  readonly endpoint: URL
  /** The network address that rate limits count by. */
  readonly source: string
  readonly device: string
}

export interface ApiCall<C extends Caller, P extends z.ZodType, B extends z.ZodType> {
  readonly shell: Shell
  readonly caller: Callers[C]
  readonly params: z.output<P>
  readonly body: z.output<B>
  readonly client: ApiClient
}

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T

/** The body of the answer, or a refused login, which has a trace of its own. */
export type Reply<S extends z.ZodType> = Immutable<z.output<S>> | { readonly refused: Refused }

/** The response of a request that succeeds. */
export interface Answer<S extends z.ZodType = z.ZodType> {
  readonly status: 200 | 201 | 204
  readonly description: string
  /** Undefined: no content. */
  readonly schema?: S | undefined
  readonly example?: unknown
}

export function answer<S extends z.ZodType = z.ZodVoid>(
  status: Answer['status'],
  description: string,
  schema?: S,
  example?: unknown,
): Answer<S> {
  return { status, description, schema, example }
}

export interface ApiRoute<
  C extends Caller = Caller,
  S extends z.ZodType = z.ZodType,
  P extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
> {
  /** The `operationId`. */
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: `/api/v1/${string}`
  readonly caller: C
  readonly summary: string
  readonly description?: string
  /** Of the path. */
  readonly params?: P
  readonly body?: { readonly schema: B; readonly example: unknown }
  readonly answer: Answer<S>
  /** The URL of what was created. */
  location?(created: z.output<S>): string
  /** Besides those of the caller (`errorsOf`) and of every request. */
  readonly errors?: readonly ErrorCode[]
  /** Runs before the body is validated. */
  prepare?(call: Call): Promise<void>
  handler?(call: ApiCall<C, P, B>): Promise<Reply<NoInfer<S>>>
  /** In place of `handler`: writes the response itself. */
  respond?(call: Call): Promise<void>
}

/** Checks a row: the handler against the schemas. */
export function apiRoute<
  C extends Caller,
  S extends z.ZodType,
  P extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends z.ZodType = z.ZodUndefined,
>(
  id: string,
  method: ApiRoute['method'],
  path: ApiRoute['path'],
  row: Omit<ApiRoute<C, S, P, B>, 'id' | 'method' | 'path'>,
): ApiRoute {
  return { id, method, path, ...row } as unknown as ApiRoute
}

export const credentialsOfCaller = {
  anyone: [],
  session: ['sessionToken', 'sessionCookie'],
  developer: ['sessionToken', 'sessionCookie'],
  app: ['appSecret', 'appKey'],
} as const satisfies Record<Caller, readonly string[]>

export type Credential = (typeof credentialsOfCaller)[Caller][number]

const errorsOfCaller: Readonly<Record<Caller, readonly ErrorCode[]>> = {
  anyone: [],
  session: ['session_invalid'],
  developer: ['session_invalid', 'developer_refused'],
  app: ['app_authentication_failed'],
}

/** The errors of a route, without those that any request may meet. */
export function errorsOf({ caller, method, errors = [] }: ApiRoute): readonly ErrorCode[] {
  const hasCookie = caller === 'session' || caller === 'developer'
  return [...errorsOfCaller[caller], ...(hasCookie && method !== 'get' ? (['origin_refused'] as const) : []), ...errors]
}

/** `:id` as OpenAPI writes it. */
export const templateOf = (path: string) => path.replace(/:(\w+)/g, '{$1}')
