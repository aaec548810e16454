/**
 * A row of the API. The server validates with it; the OpenAPI document, the API page and the SDK's
 * types are generated from it.
 */
import type { z } from 'zod'
import { type RequiredPermission, type Role, rolesWith } from '../../broker/access/permission.ts'
import type { CallingApp } from '../../broker/apps/ownership.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import type { Session } from '../../broker/session/session.ts'
import type { ErrorCode } from '../../errors.ts'
import type { AccessTokenUse } from '../../http/interaction.ts'
import type { Download } from '../../http/respond.ts'
import type { Call, Shell } from '../shell.ts'
import type { BrowserSession } from './headless/browser-session.ts'

/** Callers of routes, with the value that the handler receives for each. */
export interface Callers {
  readonly anyone: undefined
  readonly session: Session
  /** A session, or an app by an access token, which the handler limits to its scopes. */
  readonly 'session or access token': Session | AccessTokenUse
  /** A session of a user with the role. */
  readonly developer: Session
  /** A session of an admin or operator. */
  readonly admin: Session
  /** The same; a session that began with a sign-in of the last hour. */
  readonly 'recently signed-in admin': Session
  readonly app: CallingApp
}
export type Caller = keyof Callers

export const isAccessTokenUse = (caller: Callers[Caller]): caller is AccessTokenUse =>
  caller !== undefined && 'sessionId' in caller

/** Facts of the request for handlers, besides its parsed values. */
export interface ApiClient {
  readonly authorization: string | undefined
  readonly hasDpopProof: boolean
  readonly endpoint: URL
  /** The network address that rate limits count by. */
  readonly source: string
  /** Origin of the page that calls; undefined for a program. */
  readonly origin: string | undefined
  readonly device: string
}

export interface ApiCall<
  C extends Caller,
  P extends z.ZodType,
  B extends z.ZodType,
  Q extends z.ZodType = z.ZodObject,
> {
  readonly shell: Shell
  readonly caller: Callers[C]
  readonly params: z.output<P>
  readonly query: z.output<Q>
  readonly body: z.output<B>
  readonly client: ApiClient
  readonly browser: BrowserSession
  /** Roles of the caller, if the permission needs more than `member`. */
  readonly roles: readonly Role[]
}

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T

/** The body of the answer, a file, or a refused login, which has a trace of its own. */
export type Reply<S extends z.ZodType> =
  | Immutable<z.output<S>>
  | { readonly download: Download }
  | { readonly refused: Refused }

/** The response of a request that succeeds. */
export interface Answer<S extends z.ZodType = z.ZodType> {
  readonly status: 200 | 201 | 202 | 204
  readonly description: string
  /** Undefined: no content. */
  readonly schema?: S | undefined
  readonly example?: unknown
  /** Media types of a file, in place of a schema. */
  readonly mediaTypes?: readonly string[] | undefined
}

export function answer<S extends z.ZodType = z.ZodVoid>(
  status: Answer['status'],
  description: string,
  schema?: S,
  example?: unknown,
): Answer<S> {
  return { status, description, schema, example }
}

export function fileAnswer(description: string, mediaTypes: readonly string[]): Answer<z.ZodVoid> {
  return { status: 200, description, mediaTypes }
}

export interface ApiRoute<
  C extends Caller = Caller,
  S extends z.ZodType = z.ZodType,
  P extends z.ZodObject = z.ZodObject,
  B extends z.ZodType = z.ZodType,
  Q extends z.ZodObject = z.ZodObject,
> {
  /** The `operationId`. */
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: `/api/v1/${string}`
  readonly caller: C
  /** `none` for callers without a user; the core decides it for all others. */
  readonly permission: RequiredPermission
  /** Takes `Authorization: Secret gth_d_…` too, which acts as the developer. */
  readonly acceptsDeveloperSecret?: true
  /** Pages of the tenant's `returnOrigins` may call it, with the session cookie. */
  readonly fromReturnOrigins?: true
  readonly summary: string
  readonly description?: string
  /** Parameters of the path. */
  readonly params?: P
  /** A strict object, of optional members. Without it the query of a request is ignored. */
  readonly query?: Q
  readonly body?: { readonly schema: B; readonly example: unknown }
  readonly answer: Answer<S>
  /** The URL of what was created. */
  location?(created: z.output<S>): string
  /** Besides those of the caller (`errorsOf`) and of every request. */
  readonly errors?: readonly ErrorCode[]
  /** Runs before the body is validated. */
  prepare?(call: Call): Promise<void>
  handler?(call: ApiCall<C, P, B, Q>): Promise<Reply<NoInfer<S>>>
  /** Writes the response itself, in place of `handler`. */
  respond?(call: Call): Promise<void>
}

/** Checks a row: the handler against the schemas. */
export function apiRoute<
  C extends Caller,
  S extends z.ZodType,
  P extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodObject = z.ZodObject<Record<never, never>>,
>(
  id: string,
  method: ApiRoute['method'],
  path: ApiRoute['path'],
  row: Omit<ApiRoute<C, S, P, B, Q>, 'id' | 'method' | 'path'>,
): ApiRoute {
  return { id, method, path, ...row } as unknown as ApiRoute
}

/** Ways to authenticate, as the document and the page describe them. */
export const credentials = {
  sessionToken: {
    name: 'session or API token',
    text: '`Authorization: Bearer gth_s_…` or `gth_a_…`: a session token or an API token. If the tenant allows it (`sessions.tokenInQuery`, `sessions.tokenCookie`), also as `?token=` or in a plain cookie.',
    scheme: { type: 'http', scheme: 'bearer' },
  },
  sessionCookie: {
    name: 'session cookie',
    text: "Gatehouse's encrypted session cookie. It may write only from pages of this origin and, where a call says so, of the tenant's `returnOrigins`.",
    scheme: { type: 'apiKey', in: 'cookie' },
  },
  accessToken: {
    name: 'access token',
    text: '`Authorization: Bearer gth_at_…`, an access token of `/oauth2/token` with the scope `openid` and without an API as its audience.',
    scheme: { type: 'http', scheme: 'bearer' },
  },
  developerSecret: {
    name: "developer's client secret",
    text: "`Authorization: Secret gth_d_…`, the developer's own client secret. Only the calls that list it accept it.",
    scheme: { type: 'apiKey', in: 'header', name: 'Authorization' },
  },
  appSecret: {
    name: 'client secret',
    text: '`Authorization: Secret gth_c_…`, a client secret of the app.',
    scheme: { type: 'apiKey', in: 'header', name: 'Authorization' },
  },
  appKey: {
    name: 'app key',
    text: '`Authorization: Bearer …`, a JWT signed by a key of the app. `iss` and `sub` are the app ID, `aud` is this issuer or the URL called, `jti` is used once, `exp` is at most 10 minutes ahead.',
    scheme: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  },
} as const

interface CallerRow {
  /** Heading on the page. */
  readonly title: string
  readonly text: string
  readonly credentials: readonly (keyof typeof credentials)[]
  readonly errors: readonly ErrorCode[]
  /** Authorization header of the sample requests. */
  readonly sample?: string
}

/** Callers in the order of the document and the page. */
export const callers: Readonly<Record<Caller, CallerRow>> = {
  anyone: {
    title: 'Anyone',
    text: 'Called by anyone. The request itself contains the proof, if one is needed.',
    credentials: [],
    errors: [],
  },
  session: {
    title: 'A signed-in user',
    text: "Called with a user's session.",
    credentials: ['sessionToken', 'sessionCookie'],
    errors: ['session_invalid', 'credentials_conflict'],
    sample: 'Bearer $SESSION_TOKEN',
  },
  'session or access token': {
    title: 'A signed-in user, or an app for them',
    text: "Called with a user's session, or with an OAuth access token that the user consented to.",
    credentials: ['sessionToken', 'sessionCookie', 'accessToken'],
    errors: ['session_invalid', 'credentials_conflict'],
    sample: 'Bearer $SESSION_TOKEN',
  },
  developer: {
    title: 'A developer',
    text: "Called with a developer's own session, for their apps.",
    credentials: ['sessionToken', 'sessionCookie'],
    errors: ['session_invalid', 'credentials_conflict'],
    sample: 'Bearer $SESSION_TOKEN',
  },
  admin: {
    title: 'An administrator',
    text: 'Called with the session of a user with the role `admin`, for their own tenant, or `operator`, for every tenant.',
    credentials: ['sessionToken', 'sessionCookie'],
    errors: ['session_invalid', 'credentials_conflict'],
    sample: 'Bearer $SESSION_TOKEN',
  },
  'recently signed-in admin': {
    title: 'An administrator, for the admin pages',
    text: 'Called with the session of a user with the role `admin` or `operator`, who signed in within the last hour, or with an API token of such a user.',
    credentials: ['sessionToken', 'sessionCookie'],
    errors: ['session_invalid', 'credentials_conflict', 'fresh_sign_in_required'],
    sample: 'Bearer $SESSION_TOKEN',
  },
  app: {
    title: "An app's server",
    text: "Called by an app's server, with its client secret or a JWT signed by one of its keys.",
    credentials: ['appSecret', 'appKey'],
    errors: ['app_authentication_failed'],
    sample: 'Secret $CLIENT_SECRET',
  },
}

/** The ways to authenticate that a route accepts. */
export function credentialsOf({ caller, acceptsDeveloperSecret }: ApiRoute): readonly (keyof typeof credentials)[] {
  const usual = callers[caller].credentials
  return acceptsDeveloperSecret === true ? [...usual, 'developerSecret'] : usual
}

/** Every user is a member, so only an API token may lack what members have. */
function errorsOfPermission(permission: RequiredPermission): readonly ErrorCode[] {
  if (permission === 'none') return []
  return rolesWith(permission).includes('member') ? ['api_token_refused'] : ['permission_refused', 'api_token_refused']
}

/** The errors of a route, without those that any request may meet. */
export function errorsOf({
  caller,
  method,
  permission,
  fromReturnOrigins,
  errors = [],
}: ApiRoute): readonly ErrorCode[] {
  const takesCookie = callers[caller].credentials.includes('sessionCookie')
  const isOriginChecked = takesCookie && (method !== 'get' || fromReturnOrigins === true)
  const ofOrigin = isOriginChecked ? (['origin_refused'] as const) : []
  const ofSite = isOriginChecked && fromReturnOrigins === true ? (['cross_site_refused'] as const) : []
  return [...callers[caller].errors, ...errorsOfPermission(permission), ...ofOrigin, ...ofSite, ...errors]
}

/** Says too that pages of other origins may call it, where they may. */
export function descriptionOf({ description, fromReturnOrigins }: ApiRoute): string | undefined {
  if (fromReturnOrigins !== true) return description
  const pages = "Pages of the tenant's `returnOrigins` may call this, with the session cookie."
  return description === undefined ? pages : `${description} ${pages}`
}

/** `:id` as OpenAPI writes it. */
export const templateOf = (path: string) => path.replace(/:(\w+)/g, '{$1}')
