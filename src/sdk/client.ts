/**
 * The API as functions. All throw `GatehouseRefusal` for an error response (see
 * `error.problem.code`) and `GatehouseUnreachable` for no valid response in time.
 *
 *     const gatehouse = gatehouseClient({ issuer: 'https://login.example' })
 *     const { token } = await gatehouse.openSession({ tenant: 'acme', email, password })
 *     const user = await gatehouse.user(token).get()
 *     const shop = gatehouse.app({ app: 'shop', secret })
 *     const { token } = await shop.exchangeCode({ code, redirectUri, codeVerifier })
 *     const { active } = await shop.checkToken(token)
 */

import { type AppCredential, appProof } from './app-credential.ts'
import { type CallName, calls } from './calls.ts'
import { GatehouseRefusal, GatehouseUnreachable } from './errors.ts'
import type {
  App,
  AppChanges,
  AppList,
  AppSummary,
  AppUser,
  CheckedToken,
  ConsentList,
  CreatedKey,
  NewApp,
  NewKey,
  NewSession,
  PasswordSignIn,
  Problem,
  Secret,
  SecretList,
  Session,
  SessionList,
  User,
} from './responses.ts'
import { type ApiResponse, member, originOf, type RequestOptions, sendRequest, textMember } from './send-request.ts'

export type { AppCredential, AppSigningKey } from './app-credential.ts'
export { GatehouseRefusal, GatehouseUnreachable } from './errors.ts'
export type * from './responses.ts'

export type ClientOptions = RequestOptions

/** Calls with a user's session token. */
export interface UserApi {
  /** Checks the session. Refused with `session_invalid`. */
  session(): Promise<Session>
  /** Signs out. */
  endSession(): Promise<void>
  sessions(): Promise<SessionList>
  /** Ends another session of the user. Refused with `session_unknown`. */
  endSessionOf(id: string): Promise<void>
  /** Ends all other sessions; returns the number. */
  endOtherSessions(): Promise<number>
  get(): Promise<User>
  consents(): Promise<ConsentList>
  /** Revokes the app's tokens of this user. Refused with `not_found`. */
  withdrawConsent(appId: string): Promise<void>
  /** Refused with `developer_refused` for a user who may not register apps. */
  readonly apps: DeveloperApi
}

/** Refused with `app_unknown` or `app_invalid` (see `problem.faults`). */
export interface DeveloperApi {
  list(): Promise<AppList>
  register(app: NewApp): Promise<App>
  get(id: string): Promise<App>
  update(id: string, changes: AppChanges): Promise<App>
  remove(id: string): Promise<void>
  secrets(id: string): Promise<SecretList>
  /** A new secret. The old one stays valid for `overlapSeconds`, by default a week. */
  rotateSecret(id: string, overlapSeconds?: number): Promise<Secret>
  revokeSecret(id: string, secretId: string): Promise<void>
  /** `privateKey` is in this response only. */
  addKey(id: string, key: NewKey): Promise<CreatedKey>
  removeKey(id: string, keyId: string): Promise<void>
}

/** Calls of an app's server. Refused with `app_authentication_failed`. */
export interface AppApi {
  self(): Promise<AppSummary>
  /**
   * Redeems a code of `/oauth2/auth` for the user's session and its token; first-party apps only.
   * Refused with `code_refused`, `code_reused`, `app_not_first_party`.
   */
  exchangeCode(grant: CodeGrant): Promise<NewSession>
  /** Whether a session token is valid, and the claims that the user agreed to share. */
  checkToken(token: string): Promise<CheckedToken>
  /** A user who consented to this app. Refused with `user_not_visible`. */
  user(id: string): Promise<AppUser>
}

export interface GatehouseClient {
  /** Refused with `credentials_invalid`, `too_many_attempts`, `user_blocked`. */
  openSession(signIn: PasswordSignIn): Promise<NewSession>
  /**
   * Redeems an authorization code (public clients) or an upstream's ID token. Browsers may call it.
   * Refused with `code_refused`, `code_reused`, `app_not_first_party`, `id_token_refused`.
   */
  exchangeForSession(
    proof:
      | ({ readonly app: string } & CodeGrant)
      | { readonly tenant?: string; readonly connection: string; readonly idToken: string; readonly nonce: string },
  ): Promise<NewSession>
  user(token: string): UserApi
  /** Throws a TypeError for an invalid key. */
  app(credential: AppCredential): AppApi
}

/** An authorization code (RFC 6749 4.1.3, RFC 7636 4.5). */
export interface CodeGrant {
  readonly code: string
  /** As in the authorization request. */
  readonly redirectUri: string
  readonly codeVerifier?: string
  /** Only if the authorization request had a nonce and no `code_challenge`. */
  readonly nonce?: string
}

type Requester = <T>(name: CallName, values?: Readonly<Record<string, string>>, json?: unknown) => Promise<T>

/** Throws a TypeError for an issuer that is not an origin. */
export function gatehouseClient(options: ClientOptions): GatehouseClient {
  const issuer = originOf(options)
  const request = createRequester(options, async () => undefined)
  return {
    openSession: (signIn) => request('createSession', {}, signIn),
    exchangeForSession: (proof) => request('exchangeForSession', {}, proof),
    user: (token) => userApi(createRequester(options, async () => `Bearer ${token}`)),
    app: (credential) => appApi(createRequester(options, appProof(issuer, credential).authorization)),
  }
}

function userApi(request: Requester): UserApi {
  return {
    session: () => request('getSession'),
    endSession: () => request('deleteOwnSession'),
    sessions: () => request('listSessions'),
    endSessionOf: (id) => request('deleteSession', { id }),
    endOtherSessions: async () => (await request<{ readonly ended: number }>('deleteOtherSessions')).ended,
    get: () => request('getUser'),
    consents: () => request('listConsents'),
    withdrawConsent: (appId) => request('deleteConsent', { appId }),
    apps: {
      list: () => request('listApps'),
      register: (app) => request('registerApp', {}, app),
      get: (id) => request('getApp', { id }),
      update: (id, changes) => request('updateApp', { id }, changes),
      remove: (id) => request('deleteApp', { id }),
      secrets: (id) => request('listSecrets', { id }),
      rotateSecret: (id, overlapSeconds) => request('rotateSecret', { id }, { overlapSeconds }),
      revokeSecret: (id, secretId) => request('revokeSecret', { id, secretId }),
      addKey: (id, key) => request('addKey', { id }, key),
      removeKey: (id, keyId) => request('deleteKey', { id, keyId }),
    },
  }
}

function appApi(request: Requester): AppApi {
  return {
    self: () => request('getCallingApp'),
    exchangeCode: (grant) => request('exchangeForSession', {}, grant),
    checkToken: (token) => request('checkToken', {}, { token }),
    user: (id) => request('getAppUser', { id }),
  }
}

function createRequester(options: ClientOptions, authorizationOf: () => Promise<string | undefined>): Requester {
  return async <T>(name: CallName, values: Readonly<Record<string, string>> = {}, json?: unknown): Promise<T> => {
    const [method, template] = calls[name]
    const path = template.replace(/\{(\w+)\}/g, (_, part: string) => partOf(values[part] ?? ''))
    const authorization = await authorizationOf()
    const asked = {
      method,
      path,
      ...(json !== undefined && { json }),
      ...(authorization !== undefined && { authorization }),
    }
    const answer = await sendRequest(options, asked)
    if (answer.status === 204) return undefined as T
    // the answer is Gatehouse's own, over a connection to its origin; the types are held against
    // its document
    if (answer.status >= 200 && answer.status < 300 && typeof answer.body === 'object' && answer.body !== null)
      return answer.body as T
    throw refusalOf(answer) ?? new GatehouseUnreachable(`${method} ${template} returned status ${answer.status}`)
  }
}

/** One segment of a path. */
function partOf(value: string): string {
  if (value === '' || /^\.{1,2}$/.test(value)) throw new TypeError(`${JSON.stringify(value)} is not an id`)
  return encodeURIComponent(value)
}

function refusalOf({ body, retryAfter }: ApiResponse): GatehouseRefusal | undefined {
  if (textMember(body, 'code') === undefined || typeof member(body, 'status') !== 'number') return undefined
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter)
  return new GatehouseRefusal(body as Problem, Number.isFinite(seconds) ? seconds : undefined)
}
