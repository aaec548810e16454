/** An app: an OAuth client, registered by a developer or declared in gatehouse.yaml. */

import type { JWK } from 'jose'
import type { Tenant } from '../tenant.ts'
import type { AppKind, AppSettings } from './settings.ts'

/** A client secret. At most two live at once, so that a rotation overlaps. */
export interface ClientSecret {
  readonly id: string
  // Sealed in the context `client secret <app id> <id>`, base64: shown to its owner on request.
  readonly sealed: string
  /** SHA-256 as base64url (`secretHash`). */
  readonly hash: string
  readonly createdAt: Date
  /** Set when replaced by a newer one. */
  readonly expiresAt: Date | undefined
}

/** A public key of an app, for `private_key_jwt` (RFC 7523) and for JWTs it sends as Bearer. */
export interface AppKey {
  /** The `kid`. */
  readonly id: string
  readonly name: string
  readonly source:
    | { readonly kind: 'public key'; readonly jwk: JWK }
    /** Published by the app, fetched through the outbound guard. */
    | { readonly kind: 'jwks'; readonly url: string }
  readonly createdAt: Date
}

export interface App extends AppSettings {
  readonly id: string
  readonly name: string
  readonly kind: AppKind
  /** A `data:` URL (logo.ts). Earlier versions stored https URLs, which are never shown. */
  readonly logoUri: string | undefined
  /** Compared as strings, character by character (OAuth 2.0 Security BCP 2.1). */
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogoutUri: string | undefined
  /** Ids of the tenants whose users it may sign in; `all` only if an operator configures it. */
  readonly tenants: readonly string[] | 'all'
  /** Scopes it may request. */
  readonly scopes: readonly string[]
  /** Skips consent: one of the organization's own apps. Only an operator may set it. */
  readonly firstParty: boolean
  /** The developer who registered it; undefined if declared in gatehouse.yaml. */
  readonly owner: { readonly tenant: string; readonly userId: string } | undefined
  readonly secrets: readonly ClientSecret[]
  readonly keys: readonly AppKey[]
  readonly createdAt: Date
  /** Set while disabled by an operator. */
  readonly disabledAt?: Date | undefined
  /** Revision for optimistic locking. */
  readonly revision: number
}

/** An API of the deployment: a resource server (RFC 8707), the audience of access tokens. */
export interface Api {
  /** The resource indicator: an absolute URI. */
  readonly id: string
  readonly name: string
  readonly scopes: Readonly<Record<string, string>>
  /** `opaque` tokens are looked up and end at once; `jwt` tokens are valid until they expire. */
  readonly accessTokens: 'opaque' | 'jwt'
  readonly accessTokenSeconds: number
  /** Ids of the API's own apps, which may introspect its tokens. */
  readonly resourceServerApps?: readonly string[]
  /** Ids of developers' apps that may use client credentials for it. */
  readonly callableBy?: readonly string[]
  /** Tenants whose users its access tokens may be for. Default: all. */
  readonly tenants?: readonly string[] | 'all' | undefined
  // Which apps may request its scopes. Default: declared apps, and apps of the listed `tenants`.
  readonly requestableBy?: 'everyone' | 'first-party' | readonly string[] | undefined
}

export function servesUsersOf({ tenants = 'all' }: Pick<Api, 'tenants'>, tenant: string): boolean {
  return tenants === 'all' || tenants.includes(tenant)
}

/** Whether an app may request the API's scopes for users; in its own name: `mayCallAsItself`. */
export function mayAskFor(
  { id, owner, firstParty }: Pick<App, 'id' | 'owner' | 'firstParty'>,
  { requestableBy, tenants = 'all' }: Pick<Api, 'requestableBy' | 'tenants'>,
): boolean {
  if (requestableBy === 'everyone') return true
  if (requestableBy === 'first-party') return firstParty
  if (requestableBy !== undefined) return requestableBy.includes(id)
  return owner === undefined || (tenants !== 'all' && tenants.includes(owner.tenant))
}

export function mayServe(app: Pick<App, 'tenants'>, tenant: string): boolean {
  return app.tenants === 'all' || app.tenants.includes(tenant)
}

export function servedTenants(app: Pick<App, 'tenants'>, tenants: ReadonlyMap<string, Tenant>): readonly Tenant[] {
  return [...tenants.values()].filter(({ id }) => mayServe(app, id))
}

/** RFC 8252 8.6: a native app's redirect URI that any program on the device can receive. */
export function isConfirmedEachTime(kind: AppKind, redirectUri: unknown): boolean {
  return kind === 'native' && typeof redirectUri === 'string' && !redirectUri.startsWith('https://')
}

/** Client credentials: declared apps by scopes; developers' apps only if the API names them. */
export function mayCallAsItself(
  { id, owner }: Pick<App, 'id' | 'owner'>,
  { callableBy = [] }: Pick<Api, 'callableBy'>,
): boolean {
  return owner === undefined || callableBy.includes(id)
}

/** Only the owner sees an app's registration: its URLs would help an attacker. */
export function isOwnerOf(
  { owner }: Pick<App, 'owner'>,
  user: { readonly tenant: string; readonly userId: string } | undefined,
): boolean {
  return owner !== undefined && owner.tenant === user?.tenant && owner.userId === user.userId
}

/** OAuth's confidential clients: only these get a client secret. */
export function canKeepSecret({ kind }: Pick<App, 'kind'>): boolean {
  return kind === 'web' || kind === 'service'
}
