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

import { factorsApi } from './account/factors-client.ts'
import { ownAccountApi } from './account/own-account-client.ts'
import { passkeysApi } from './account/passkeys-client.ts'
import { adminApi } from './admin/admin-client.ts'
import { type AppCredential, appProof } from './app-credential.ts'
import { type CallName, calls, type Requester, textsOf } from './calls.ts'
import type * as api from './responses.ts'
import {
  type ApiResponse,
  GatehouseRefusal,
  GatehouseUnreachable,
  member,
  originOf,
  type RequestOptions,
  sendRequest,
  textMember,
} from './send-request.ts'

export type { AppCredential, AppSigningKey } from './app-credential.ts'
export type * from './responses.ts'
export { GatehouseRefusal, GatehouseUnreachable } from './send-request.ts'

export type ClientOptions = RequestOptions

/** An authorization code (RFC 6749 4.1.3, RFC 7636 4.5). */
export interface CodeGrant {
  readonly code: string
  /** As in the authorization request. */
  readonly redirectUri: string
  readonly codeVerifier?: string
  /** Only if the authorization request had a nonce and no `code_challenge`. */
  readonly nonce?: string
}

/** Times are in ISO 8601, such as `2026-11-22T09:30:00Z`. */
export interface AuditFilter {
  /** Id of the actor or target. */
  readonly user?: string
  readonly action?: string
  readonly since?: string
  readonly until?: string
  /** 1 to 200; default 50. */
  readonly limit?: number
  readonly cursor?: string
}

/** The cookie is for browsers: a program gets the token. */
export type PasswordSignIn = Omit<api.PasswordSignIn, 'cookie' | 'token'>
export type SecondFactor = Omit<api.SecondFactor, 'cookie' | 'token'>
export type EmailCode = Omit<api.EmailCodeSignIn, 'cookie' | 'token'>
export type ChosenPassword = Omit<api.ChosenPassword, 'cookie' | 'token'>

export type AssignableRole = 'admin' | 'developer'

export type GatehouseClient = ReturnType<typeof gatehouseClient>
/** Calls with a user's session token. */
export type UserApi = ReturnType<typeof userApi>
/** Refused with `app_unknown` or `app_invalid` (see `problem.faults`). */
export type DeveloperApi = UserApi['apps']

/** Calls that a developer's client secret may make. */
export type DeveloperSecretApi = Pick<UserApi, 'apps' | 'get'>
/** Calls of an app's server. Refused with `app_authentication_failed`. */
export type AppApi = ReturnType<typeof appApi>

/** Throws a TypeError for an issuer that is not an origin. */
export function gatehouseClient(options: ClientOptions) {
  const issuer = originOf(options)
  const request = createRequester(options, async () => undefined)
  return {
    /**
     * Refused with `credentials_invalid`, `too_many_attempts`, `user_blocked`; and with
     * `mfa_required`, whose `problem.challenge` is for `proveSecondFactor`.
     */
    openSession: (signIn: PasswordSignIn) => request<api.NewSession>('createSession', {}, signIn),
    /** Refused with `factor_invalid`, `mfa_challenge_invalid`, `too_many_attempts`. */
    proveSecondFactor: (proof: SecondFactor) => request<api.NewSession>('proveSecondFactor', {}, proof),
    /** Emails six digits. Succeeds for any email. Keep the challenge secret. */
    requestEmailCode: (asked: api.EmailCodeRequest) => request<api.EmailCodeChallenge>('requestEmailCode', {}, asked),
    /** Refused with `code_invalid`, `code_expired`, `mfa_required`. */
    completeEmailCode: (entered: EmailCode) => request<api.NewSession>('completeEmailCode', {}, entered),
    /** Emails a code. Succeeds whether or not a user has the email. */
    requestSignUp: (signUp: api.SignUpRequest) => request<void>('requestSignUp', {}, signUp),
    /** Refused with `link_invalid`. The code still works afterwards. */
    checkSignUp: (mailed: api.MailedCode) => request<api.CheckedCode>('checkSignUp', {}, mailed),
    /** Refused with `link_invalid`, `password_weak`. */
    completeSignUp: (chosen: ChosenPassword) => request<api.NewSession>('completeSignUp', {}, chosen),
    requestPasswordReset: (reset: api.PasswordResetRequest) => request<void>('requestPasswordReset', {}, reset),
    checkPasswordReset: (mailed: api.MailedCode) => request<api.CheckedCode>('checkPasswordReset', {}, mailed),
    completePasswordReset: (chosen: ChosenPassword) => request<api.NewSession>('completePasswordReset', {}, chosen),
    /**
     * Redeems an authorization code (public clients) or an upstream's ID token. Browsers may call
     * it. Refused with `code_refused`, `code_reused`, `app_not_first_party`, `id_token_refused`.
     */
    exchangeForSession: (
      proof:
        | ({ readonly app: string } & CodeGrant)
        | { readonly tenant?: string; readonly connection: string; readonly idToken: string; readonly nonce: string },
    ) => request<api.NewSession>('exchangeForSession', {}, proof),
    passkeys: passkeysApi(request),
    /** Ends credentials that were found in public, and emails their owners. */
    reportLeaks: (leaks: api.LeakReport) => request<api.LeakReportAnswer>('reportLeaks', {}, leaks),
    /** By a developer's client secret: apps and the own profile only. */
    developer: (secret: string): DeveloperSecretApi =>
      userApi(createRequester(options, async () => `Secret ${secret}`)),
    user: (token: string): UserApi => userApi(createRequester(options, async () => `Bearer ${token}`)),
    /** Throws a TypeError for an invalid key. */
    app: (credential: AppCredential): AppApi =>
      appApi(createRequester(options, appProof(issuer, credential).authorization)),
  }
}

function userApi(request: Requester) {
  return {
    /** Checks the session. Refused with `session_invalid`. */
    session: () => request<api.Session>('getSession'),
    /** Signs out. */
    endSession: () => request<void>('deleteOwnSession'),
    sessions: () => request<api.SessionList>('listSessions'),
    /** Ends another session of the user. Refused with `session_unknown`. */
    endSessionOf: (id: string) => request<void>('deleteSession', { id }),
    /** Ends all other sessions; returns the number. */
    endOtherSessions: async () => (await request<{ readonly ended: number }>('deleteOtherSessions')).ended,
    get: () => request<api.User>('getUser'),
    /**
     * Ends all sessions and returns a new one. Refused with `credentials_invalid`, `password_weak`.
     */
    changePassword: (change: Omit<api.PasswordChange, 'cookie' | 'token'>) =>
      request<api.NewSession>('changePassword', {}, change),
    identities: () => request<api.IdentityList>('listIdentities'),
    /** Refused with `fresh_sign_in_required`, `identity_last`. */
    unlinkIdentity: (id: string) => request<void>('unlinkIdentity', { id }),
    confirmIdentity: (id: string) => request<void>('confirmIdentity', { id }),
    ...factorsApi(request),
    ...ownAccountApi(request),
    consents: () => request<api.ConsentList>('listConsents'),
    /** Revokes the app's tokens of this user. Refused with `not_found`. */
    revokeConsent: (appId: string) => request<void>('deleteConsent', { appId }),
    /** The developer's own client secret. Refused with `secret_refused`, `secret_unknown`. */
    developerSecret: {
      list: () => request<api.SecretList>('listDeveloperSecrets'),
      create: () => request<api.Secret>('createDeveloperSecret'),
      rotate: (id: string, overlapSeconds?: number) =>
        request<api.Secret>('rotateDeveloperSecret', { id }, { overlapSeconds }),
      revoke: (id: string) => request<void>('revokeDeveloperSecret', { id }),
    },
    /** Confirms a second factor: the session gets this token. Refused with `factor_invalid`. */
    stepUp: (proof: api.StepUp) => request<api.OpenedSession>('stepUp', {}, proof),
    roles: () => request<api.RoleList>('listOwnRoles'),
    /**
     * For an admin of the tenant. Refused with `permission_refused`, with `not_found` for users of
     * other tenants, and with `fresh_sign_in_required` for changes.
     */
    users: {
      roles: (id: string) => request<api.RoleList>('listRoles', { id }),
      assignRole: (id: string, role: AssignableRole) => request<api.RoleList>('assignRole', { id, role }),
      removeRole: (id: string, role: AssignableRole) => request<void>('removeRole', { id, role }),
    },
    /** For an admin. Changes need a sign-in or a factor ten minutes old at most. */
    serviceAccounts: {
      /** One page; `cursor` is `next` of the page before. */
      list: (page: { readonly limit?: number; readonly cursor?: string } = {}) =>
        request<api.ServiceAccountList>('listServiceAccounts', textsOf(page)),
      create: (account: api.NewServiceAccount) => request<api.ServiceAccount>('createServiceAccount', {}, account),
      tokens: (id: string) => request<api.ApiTokenList>('listServiceTokens', { id }),
      createToken: (id: string, token: api.NewApiToken) =>
        request<api.CreatedApiToken>('createServiceToken', { id }, token),
      rotateToken: (id: string, tokenId: string, overlapSeconds?: number) =>
        request<api.CreatedApiToken>('rotateServiceToken', { id, tokenId }, { overlapSeconds }),
      revokeToken: (id: string, tokenId: string) => request<void>('revokeServiceToken', { id, tokenId }),
    },
    /**
     * API tokens. Refused with `token_unknown`, `token_invalid`; an API token may only list and
     * revoke.
     */
    tokens: {
      list: () => request<api.ApiTokenList>('listTokens'),
      /** `token` is in this response only. A lifetime over 90 days needs a recent sign-in. */
      create: (token: api.NewApiToken) => request<api.CreatedApiToken>('createToken', {}, token),
      /** The old one still works for `overlapSeconds`, by default not at all. */
      rotate: (id: string, overlapSeconds?: number) =>
        request<api.CreatedApiToken>('rotateToken', { id }, { overlapSeconds }),
      confirm: (id: string) => request<void>('confirmToken', { id }),
      revoke: (id: string) => request<void>('revokeToken', { id }),
      /** Returns the number. */
      revokeAll: async () => (await request<{ readonly revoked: number }>('revokeTokens')).revoked,
    },
    /**
     * For admins of the tenant. Pass `next` as `cursor` for more. Refused with
     * `permission_refused`.
     */
    auditEvents: (filter: AuditFilter = {}) => request<api.AuditPage>('listAuditEvents', textsOf(filter)),
    /** The data of the admin pages. */
    admin: adminApi(request),
    /** Refused with `permission_refused` for a user who may not register apps. */
    apps: {
      list: () => request<api.AppList>('listApps'),
      register: (app: api.NewApp) => request<api.App>('registerApp', {}, app),
      get: (id: string) => request<api.App>('getApp', { id }),
      update: (id: string, changes: api.AppChanges) => request<api.App>('updateApp', { id }, changes),
      remove: (id: string) => request<void>('deleteApp', { id }),
      secrets: (id: string) => request<api.SecretList>('listSecrets', { id }),
      /** A new secret. The old one stays valid for `overlapSeconds`, by default a week. */
      rotateSecret: (id: string, overlapSeconds?: number) =>
        request<api.Secret>('rotateSecret', { id }, { overlapSeconds }),
      revokeSecret: (id: string, secretId: string) => request<void>('revokeSecret', { id, secretId }),
      /** `privateKey` is in this response only. */
      addKey: (id: string, key: api.NewKey) => request<api.CreatedKey>('addKey', { id }, key),
      removeKey: (id: string, keyId: string) => request<void>('deleteKey', { id, keyId }),
    },
  }
}

function appApi(request: Requester) {
  return {
    self: () => request<api.App>('getCallingApp'),
    /**
     * Changes of the app by itself. Refused with `app_declared`, `app_invalid`, `app_owner_only`.
     */
    update: (changes: api.AppChanges) => request<api.App>('updateCallingApp', {}, changes),
    rotateSecret: (rotation: { readonly overlapSeconds?: number; readonly replaces?: string } = {}) =>
      request<api.Secret>('rotateCallingAppSecret', {}, rotation),
    revokeSecret: (secretId: string) => request<void>('revokeCallingAppSecret', { secretId }),
    /** `privateKey` is in this response only. */
    addKey: (key: api.NewKey) => request<api.CreatedKey>('addCallingAppKey', {}, key),
    removeKey: (keyId: string) => request<void>('deleteCallingAppKey', { keyId }),
    /**
     * Redeems a code of `/oauth2/auth` for the user's session and its token; first-party apps only.
     * Refused with `code_refused`, `code_reused`, `app_not_first_party`.
     */
    exchangeCode: (grant: CodeGrant) => request<api.NewSession>('exchangeForSession', {}, grant),
    /**
     * Whether a session or API token is valid, and the claims that the user agreed to share.
     * @param client the client of the app: API tokens with ranges are inactive without address
     */
    checkToken: (token: string, client: { readonly address?: string; readonly agent?: string } = {}) =>
      request<api.CheckedToken>('checkToken', {}, { token, ...client }),
    /** A user who consented to this app. Refused with `user_not_visible`. */
    user: (id: string) => request<api.AppUser>('getAppUser', { id }),
    /** The users who consented, newest first; `next` of a page is the `cursor` of the next one. */
    users: (page: { readonly limit?: number; readonly cursor?: string } = {}) =>
      request<api.AppUserPage>('listAppUsers', textsOf(page)),
    /** Ends the user's tokens and sessions at this app. Refused with `user_not_visible`. */
    endSessionsOf: async (id: string) =>
      (await request<{ readonly ended: number }>('endAppUserSessions', { id })).ended,
    /** Ends the consent too. Refused with `user_not_visible`. */
    endConsentOf: (id: string) => request<void>('endAppUserConsent', { id }),
    statistics: () => request<api.AppStatistics>('getAppStatistics'),
  }
}

function createRequester(options: ClientOptions, authorizationOf: () => Promise<string | undefined>): Requester {
  return async <T>(name: CallName, values: Readonly<Record<string, string>> = {}, json?: unknown): Promise<T> => {
    const [method, template] = calls[name]
    const path = template.replace(/\{(\w+)\}/g, (_, part: string) => partOf(values[part] ?? ''))
    const query = new URLSearchParams(Object.entries(values).filter(([part]) => !template.includes(`{${part}}`)))
    const authorization = await authorizationOf()
    const asked = {
      method,
      path: query.size === 0 ? path : `${path}?${query}`,
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
  if (value === '' || /^\.{1,2}$/.test(value)) throw new TypeError(`${JSON.stringify(value)} is not an ID`)
  return encodeURIComponent(value)
}

function refusalOf({ body, retryAfter }: ApiResponse): GatehouseRefusal | undefined {
  if (textMember(body, 'code') === undefined || typeof member(body, 'status') !== 'number') return undefined
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter)
  return new GatehouseRefusal(body as api.Problem, Number.isFinite(seconds) ? seconds : undefined)
}
