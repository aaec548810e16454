/** The OpenID Provider as the web server and the pages use it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyRing } from '../crypto/keyring.ts'
import { withQuery } from './destination.ts'

/** The reason of an interaction whose session is fine, but lacks a second factor. */
export const secondFactorReason = 'second_factor'

/** An app's pending request, which continues after an action of the user. */
export interface PendingInteraction {
  readonly uid: string
  readonly prompt: string
  readonly reasons: readonly string[]
  readonly details: Readonly<Record<string, unknown>>
  readonly parameters: Readonly<Record<string, unknown>>
  readonly startedAt: Date
}

export const consentPath = (uid: string) => `/consent/${encodeURIComponent(uid)}`

const signedText = (path: string, app: string) => `app of interaction ${path} ${app}`

/** Names the app also for pages of a request that is over. */
export function consentHref(keyRing: KeyRing, uid: string, app: string): string {
  const path = consentPath(uid)
  return withQuery(path, { app, signature: keyRing.sign(signedText(path, app)).toString('base64url') })
}

/** The app of an address that `consentHref` made. */
export function signedAppOf(keyRing: KeyRing, { pathname, searchParams }: URL): string | undefined {
  const app = searchParams.get('app') ?? ''
  const signature = Buffer.from(searchParams.get('signature') ?? '', 'base64url')
  return keyRing.verify(signedText(pathname, app), signature) ? app : undefined
}

/** The session in which the user acted (oidc/policy/prompts.ts), or an error for the app. */
export type Settled =
  /** Signed in after the request began. */
  | { readonly freshLogin: string }
  | { readonly seen: string }
  /** Signed in, but the upstream did not ask for credentials. */
  | { readonly stale: string }
  /** Continues without the second factor that the app prefers. */
  | { readonly declined: string }
  /** Selected this account. */
  | { readonly chosen: string }
  | { readonly consented: string }
  | { readonly error: string; readonly error_description: string }

/** Rights of an access token at our API. */
export interface AccessTokenUse {
  readonly userId: string
  readonly tenant: string
  /** Consented scopes of OpenID Connect. */
  readonly scopes: readonly string[]
  /** The session that it was issued in, which may have ended. */
  readonly sessionId: string | undefined
}

export interface OpenIdProvider {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Throws `interaction_expired`. */
  interaction(request: IncomingMessage, response: ServerResponse): Promise<PendingInteraction>
  /** Returns the URL where the app's request continues. Throws `interaction_expired`. */
  settle(request: IncomingMessage, response: ServerResponse, result: Settled): Promise<string>
  /** Claims of an ID token of ours for this app, even an expired one; null for any other token. */
  readIdToken(token: string, appId: string): Promise<Readonly<Record<string, unknown>> | null>
  /** Null for any token that userinfo would not accept as Bearer. Throws `store_unavailable`. */
  readAccessToken(token: string): Promise<AccessTokenUse | null>
  /** Loads the library and builds the provider before the first request. */
  prepare(): Promise<void>
}

/** The provider's paths, served before Express. */
export interface OpenIdEndpoint {
  matches(request: IncomingMessage): boolean
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
}
