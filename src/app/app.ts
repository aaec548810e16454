/** An app: who trusts us (OAuth client, relying party). Registered on `/developer` and `/api/v1/apps`, or declared in gatehouse.yaml. */
import type { JWK } from 'jose'
import type { AppKind, AppSettings } from './settings.ts'

/** A client secret. At most two live at once, so that a rotation overlaps. */
export interface ClientSecret {
  readonly id: string
  /** The secret itself, sealed under the key ring in the context `client secret <app id> <id>`, base64: its owner may look at it again. */
  readonly sealed: string
  /** SHA-256 as base64url (`secretHash`): what a presented one is compared with. */
  readonly hash: string
  readonly createdAt: Date
  /** Set when a newer one replaced it: until then both work. */
  readonly expiresAt: Date | undefined
}

/** A public key an app signs with: for `private_key_jwt` (RFC 7523) and for tokens it presents as Bearer. */
export interface AppKey {
  /** The `kid`. */
  readonly id: string
  readonly name: string
  readonly source:
    | { readonly kind: 'public key'; readonly jwk: JWK }
    /** Keys the app publishes itself, fetched through the SSRF guard. */
    | { readonly kind: 'jwks'; readonly url: string }
  readonly createdAt: Date
}

export interface App extends AppSettings {
  /** The OAuth client id. */
  readonly id: string
  readonly name: string
  readonly kind: AppKind
  /** A `data:` URL (logo.ts), shown on the consent page. Of apps stored by an earlier version also an https address, never shown. */
  readonly mark: string | undefined
  /** Compared as strings, character by character (OAuth 2.0 Security BCP 2.1). */
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogoutUri: string | undefined
  /** Ids of the tenants whose people it may sign in; `all` of them where an operator says so. */
  readonly tenants: readonly string[] | 'all'
  /** What it may ask for: OpenID Connect's scopes and those of the deployment's APIs. */
  readonly scopes: readonly string[]
  /** Consent is not asked: the app is the organization's own. Only an operator may say so. */
  readonly firstParty: boolean
  /** Who registered it; undefined when it is declared in gatehouse.yaml. */
  readonly owner: { readonly tenant: string; readonly userId: string } | undefined
  readonly secrets: readonly ClientSecret[]
  readonly keys: readonly AppKey[]
  readonly createdAt: Date
  /** Since when an operator has it switched off: then it is as if it were not there. */
  readonly disabledAt?: Date | undefined
  /** Grows with every change; a change names the one it was made from. */
  readonly revision: number
}

/** An API of the deployment (a resource server, RFC 8707): whom access tokens are for. */
export interface Api {
  /** The resource indicator: an absolute URI. */
  readonly id: string
  readonly name: string
  readonly scopes: Readonly<Record<string, string>>
  /** `opaque` ones are looked up and end at once; `jwt` ones are checked by their signature and live until they expire. */
  readonly accessTokens: 'opaque' | 'jwt'
  readonly accessTokenSeconds: number
  /** Ids of the apps that are this API's servers: they may look its tokens up. */
  readonly servedBy?: readonly string[]
  /** Ids of developers' apps that may call it in their own name, with no person's consent. */
  readonly callableBy?: readonly string[]
  /** Tenants whose users its access tokens may be for. Default all. */
  readonly tenants?: readonly string[] | 'all' | undefined
  /** Which apps may request its scopes. Default: declared apps, and apps of developers of the `tenants` it lists. */
  readonly askableBy?: 'everyone' | 'first-party' | readonly string[] | undefined
}

/** Whether an access token of this API may be for a user of the tenant. */
export function servesUsersOf({ tenants = 'all' }: Pick<Api, 'tenants'>, tenant: string): boolean {
  return tenants === 'all' || tenants.includes(tenant)
}

/** Whether an app may request the API's scopes when users sign in. In its own name: `mayCallAsItself`. */
export function mayAskFor(
  { id, owner, firstParty }: Pick<App, 'id' | 'owner' | 'firstParty'>,
  { askableBy, tenants = 'all' }: Pick<Api, 'askableBy' | 'tenants'>,
): boolean {
  if (askableBy === 'everyone') return true
  if (askableBy === 'first-party') return firstParty
  if (askableBy !== undefined) return askableBy.includes(id)
  return owner === undefined || (tenants !== 'all' && tenants.includes(owner.tenant))
}

export function mayServe(app: Pick<App, 'tenants'>, tenant: string): boolean {
  return app.tenants === 'all' || app.tenants.includes(tenant)
}

/** RFC 8252 8.6: a native app's redirect URI that any program on the device can receive. */
export function isConfirmedEachTime(kind: AppKind, redirectUri: unknown): boolean {
  return kind === 'native' && typeof redirectUri === 'string' && !redirectUri.startsWith('https://')
}

/** In its own name (client credentials). What an operator declared may do so by its scopes; a developer's app where an operator names it. */
export function mayCallAsItself(
  { id, owner }: Pick<App, 'id' | 'owner'>,
  { callableBy = [] }: Pick<Api, 'callableBy'>,
): boolean {
  return owner === undefined || callableBy.includes(id)
}

/** Who may see what an app registered: its addresses help whoever looks for one to abuse. */
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
