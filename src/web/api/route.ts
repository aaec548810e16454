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

export interface ResponseRow {
  readonly description: string
  readonly schema?: z.ZodType
  readonly example?: unknown
}
type Responses = Readonly<Record<number, ResponseRow>>

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T

type ReplyBody<Row> = Row extends { readonly schema: infer S extends z.ZodType }
  ? { readonly body: Immutable<z.output<S>> }
  : { readonly body?: undefined }

export type Reply<R extends Responses> =
  | {
      [S in keyof R & number]: {
        readonly status: S
        readonly headers?: Readonly<Record<string, string>>
      } & ReplyBody<R[S]>
    }[keyof R & number]
  /** A refused login, which has a trace of its own. */
  | { readonly refused: Refused }

type NoParams = z.ZodObject<Record<never, never>>

export interface ApiRoute<
  C extends Caller = Caller,
  R extends Responses = Responses,
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
  readonly responses: R
  /** Besides those of the caller (`errorsOf`) and of every request. */
  readonly errors?: readonly ErrorCode[]
  /** Runs before the body is validated. */
  prepare?(call: Call): Promise<void>
  handler?(call: ApiCall<C, P, B>): Promise<Reply<NoInfer<R>>>
  /** In place of `handler`: writes the response itself. */
  respond?(call: Call): Promise<void>
}

/** Checks a row: the handler against the schemas. */
export function apiRoute<
  C extends Caller,
  const R extends Responses,
  P extends z.ZodObject = NoParams,
  B extends z.ZodType = z.ZodUndefined,
>(row: ApiRoute<C, R, P, B>): ApiRoute {
  return row as unknown as ApiRoute
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
