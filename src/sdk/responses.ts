/** What `/api/v1` answers, as types. The OpenAPI document (`/api/v1/openapi.json`) says the same; a test holds the two together. */

/** Names of OpenID Connect Core 5.1; absent is what nobody told. */
export interface Profile {
  readonly email?: string | undefined
  /** Proven by a connection that may speak for the address, whatever an upstream said of it. */
  readonly email_verified?: boolean | undefined
  readonly name?: string | undefined
  readonly given_name?: string | undefined
  readonly family_name?: string | undefined
  readonly middle_name?: string | undefined
  readonly nickname?: string | undefined
  readonly picture?: string | undefined
  readonly locale?: string | undefined
  readonly zoneinfo?: string | undefined
  /** Neither unique nor proven. */
  readonly preferred_username?: string | undefined
  /** Address of the user's page at the upstream. */
  readonly profile?: string | undefined
  readonly website?: string | undefined
  readonly gender?: string | undefined
  /** `YYYY-MM-DD`, `0000-MM-DD` or `YYYY`. */
  readonly birthdate?: string | undefined
  /** When the upstream last changed the profile, in seconds since 1970. */
  readonly updated_at?: number | undefined
  readonly phone_number?: string | undefined
  readonly phone_number_verified?: boolean | undefined
  readonly organization?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly roles?: readonly string[] | undefined
}

/** A signed-in browser or program. Times are ISO 8601. */
export interface Session {
  /** Public: it is not the token. */
  readonly id: string
  readonly tenant: string
  readonly user: { readonly id: string }
  /** As it was at sign-in. */
  readonly profile: Profile
  readonly authenticated: {
    readonly connection: string
    readonly kind: string
    readonly at: string
    readonly acr?: string | undefined
    readonly amr?: readonly string[] | undefined
  }
  readonly device: string
  readonly createdAt: string
  readonly seenAt: string
  /** When it ends if it is not used. */
  readonly idleExpiresAt: string
  /** When it ends at the latest. */
  readonly expiresAt: string
}

export interface NewSession {
  /** The session token; shown this once. */
  readonly token: string
  readonly session: Session
}

export interface SessionList {
  readonly sessions: readonly (Session & { readonly current: boolean })[]
}

export interface User {
  readonly id: string
  readonly tenant: string
  readonly profile: Profile
  /** Attribute → the connection that told it. */
  readonly sources: Readonly<Record<string, string>>
  readonly createdAt: string
  readonly identities: readonly {
    readonly connection: string
    readonly issuer: string
    readonly subject: string
    readonly lastLoginAt: string
  }[]
}

export interface ConsentList {
  readonly consents: readonly {
    readonly app: { readonly id: string; readonly name: string }
    readonly scopes: readonly string[]
    readonly firstGivenAt: string
    readonly givenAt: string
    /** The organization's own app: it has a grant, and asks consent for offline_access alone. */
    readonly firstParty?: true | undefined
  }[]
}

/** RFC 9457, and ours: `code` stays the same for ever, `fixer` says who can do something, `reference` finds it in Gatehouse's logs. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly fixer: 'user' | 'tenant admin' | 'app developer' | 'operator'
  readonly reference: string
  /** With `app_invalid`: what is wrong with which field. */
  readonly faults?:
    | readonly { readonly field: string; readonly index?: number | undefined; readonly message: string }[]
    | undefined
}

export type AppKind = 'web' | 'single-page' | 'native' | 'service'

/** OAuth settings of an app, in effect. */
export interface AppSettings {
  /** FAPI 2.0 Security Profile: sets the members below as it requires. */
  readonly profile?: 'fapi2' | undefined
  /** `or-nonce`: a sign-in may begin with a nonce in place of PKCE. `optional`, set by an operator alone: with neither. */
  readonly pkce: 'required' | 'or-nonce' | 'optional'
  readonly grants: readonly AppGrant[]
  /** Absent: all of them. */
  readonly responseModes?: readonly ('query' | 'fragment' | 'form_post')[] | undefined
  /** Of ID tokens and logout tokens. */
  readonly idTokenSignedResponseAlg: 'RS256' | 'ES256' | 'PS256' | 'EdDSA'
  readonly requirePushedAuthorizationRequests: boolean
  readonly requireSignedRequestObject: boolean
  readonly dpopBoundAccessTokens: boolean
  /** Absent: a secret or a key. */
  readonly tokenEndpointAuthMethod?: 'private_key_jwt' | undefined
  readonly clientAssertionAudience: 'any' | 'issuer'
  readonly refreshTokenRotation: boolean
  /** False: claims of scopes are in userinfo only. */
  readonly scopeClaimsInIdToken: boolean
  readonly tenantInIdToken: boolean
  /** Origins of the pages of a native app, beside those of its redirect URIs. */
  readonly corsOrigins: readonly string[]
}

export type AppGrant = 'authorization_code' | 'refresh_token' | 'client_credentials' | 'device_code'

/** Null restores the default. */
type SettingsChanges = {
  readonly [Name in keyof Omit<AppSettings, 'pkce'>]?: AppSettings[Name] | null | undefined
}

export interface AppSummary extends AppSettings {
  /** The OAuth client id. */
  readonly id: string
  readonly name: string
  readonly kind: AppKind
  /** An image as a `data:` URL. */
  readonly mark?: string | undefined
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogoutUri?: string | undefined
  readonly tenants: readonly string[] | 'all'
  readonly scopes: readonly string[]
  readonly createdAt: string
  readonly issuer: string
  /** Where an OpenID Connect library begins. */
  readonly discovery: string
}

export interface AppList {
  readonly apps: readonly AppSummary[]
}

export interface AppKey {
  /** The `kid`. */
  readonly id: string
  readonly name: string
  /** A JWK. */
  readonly publicKey?: { readonly kty: string; readonly kid: string; readonly [member: string]: unknown } | undefined
  readonly jwksUrl?: string | undefined
  readonly createdAt: string
  readonly lastUsedAt?: string | undefined
}

/** With its credentials, not what they are. */
export interface App extends AppSummary {
  readonly secrets: readonly {
    readonly id: string
    readonly createdAt: string
    readonly expiresAt?: string | undefined
    readonly lastUsedAt?: string | undefined
  }[]
  readonly keys: readonly AppKey[]
}

/** What is not given stays as it was; null takes it away. */
export interface AppChanges extends SettingsChanges {
  readonly name?: string | undefined
  /** Cannot change. */
  readonly kind?: AppKind | undefined
  /** https address of an image, which is fetched once. */
  readonly mark?: string | null | undefined
  readonly redirectUris?: readonly string[] | undefined
  readonly postLogoutRedirectUris?: readonly string[] | undefined
  readonly backchannelLogoutUri?: string | null | undefined
  /** Default required. */
  readonly pkce?: 'required' | 'or-nonce' | undefined
  readonly scopes?: readonly string[] | undefined
}

export interface NewApp extends AppChanges {
  readonly name: string
  readonly kind: AppKind
}

export interface Secret {
  readonly id: string
  /** `gth_c_…`; absent where it is withheld. */
  readonly secret?: string | undefined
  readonly createdAt: string
  readonly expiresAt?: string | undefined
  /** Why it is not shown. */
  readonly withheld?: string | undefined
}

export interface SecretList {
  readonly secrets: readonly Secret[]
}

export type NewKey =
  | { readonly name?: string | undefined; readonly generate: true }
  | {
      readonly name?: string | undefined
      /** A PEM or a JWK. */
      readonly publicKey: string | { readonly kty: string; readonly [member: string]: unknown }
    }
  | { readonly name?: string | undefined; readonly jwksUrl: string }

export interface MadeKey extends AppKey {
  /** PKCS #8 as PEM; in this answer and nowhere else. */
  readonly privateKey?: string | undefined
}

/** Names as in Profile; only what the person agreed to show the app. */
export interface Claims {
  readonly email?: string | undefined
  readonly email_verified?: boolean | undefined
  readonly name?: string | undefined
  readonly [claim: string]: unknown
}

export type CheckedToken =
  | { readonly active: false }
  | {
      readonly active: true
      readonly tenant: string
      readonly user: { readonly id: string }
      readonly claims: Claims
      readonly scopes: readonly string[]
      readonly authenticatedAt: string
      readonly expiresAt: string
    }

export interface AppUser {
  readonly id: string
  readonly tenant: string
  readonly status: 'active'
  readonly claims: Claims
  readonly scopes: readonly string[]
}
