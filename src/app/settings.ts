/** OAuth settings of an app: required request properties, token formats, grants. */

import type { SigningAlgorithm } from '../crypto/signing-algorithm.ts'
import type { AppAccess } from './access.ts'

/**
 * `or-nonce`: a request without PKCE needs `scope=openid` and a nonce. `optional`: it needs neither
 * (OIDC Core 3.1.2.1). Both are for apps with a secret or key.
 */
export const pkceRules = ['required', 'or-nonce', 'optional'] as const
export type PkceRule = (typeof pkceRules)[number]

export const responseModes = ['query', 'fragment', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

/** RFC 6749 and RFC 8628 names; `device_code` stands for its URN. */
export const grantNames = ['authorization_code', 'refresh_token', 'client_credentials', 'device_code'] as const
export type GrantName = (typeof grantNames)[number]

export const assertionAudiences = ['any', 'issuer'] as const

/** Settings as written: undefined ones have the default of `settingsOf`. */
export interface AppSettings extends AppAccess {
  /** FAPI 2.0 Security Profile: see `fapi2Settings`. */
  readonly profile?: 'fapi2' | undefined
  readonly pkce?: PkceRule | undefined
  readonly grants?: readonly GrantName[] | undefined
  readonly responseModes?: readonly ResponseMode[] | undefined
  readonly idTokenSignedResponseAlg?: SigningAlgorithm | undefined
  /** Its users prove a second factor, here or upstream. */
  readonly mfa?: 'required' | undefined
  /** RFC 9126 6. */
  readonly requirePushedAuthorizationRequests?: boolean | undefined
  /** RFC 9101 10.5. */
  readonly requireSignedRequestObject?: boolean | undefined
  /** RFC 9449 5.2. */
  readonly dpopBoundAccessTokens?: boolean | undefined
  /** Undefined: a secret or a key, whichever the app has. */
  readonly tokenEndpointAuthMethod?: 'private_key_jwt' | undefined
  /** `any`: the issuer, token endpoint or called endpoint. `issuer`: the issuer, as a string. */
  readonly clientAssertionAudience?: (typeof assertionAudiences)[number] | undefined
  readonly refreshTokenRotation?: boolean | undefined
  /** False: claims of scopes are in userinfo only (OIDC Core 5.4). */
  readonly scopeClaimsInIdToken?: boolean | undefined
  readonly tenantInIdToken?: boolean | undefined
  /** The app's own API calls may not change its redirect URIs. Only its owner sets this. */
  readonly restrictRedirectUrisToOwner?: boolean | undefined
  /** Additional origins of a native app's pages, such as `capacitor://localhost`. */
  readonly corsOrigins?: readonly string[] | undefined
}

type Defined<T> = { readonly [Key in keyof T]-?: Exclude<T[Key], undefined> }

export interface ResolvedSettings
  extends Defined<Omit<AppSettings, 'profile' | 'mfa' | 'tokenEndpointAuthMethod' | 'responseModes' | keyof AppAccess>>,
    AppAccess {
  readonly profile: 'fapi2' | undefined
  readonly mfa: 'required' | undefined
  readonly tokenEndpointAuthMethod: 'private_key_jwt' | undefined
  /** Undefined: all of them. */
  readonly responseModes: readonly ResponseMode[] | undefined
}

const defaults = {
  profile: undefined,
  mfa: undefined,
  pkce: 'required',
  responseModes: undefined,
  idTokenSignedResponseAlg: 'RS256',
  requirePushedAuthorizationRequests: false,
  requireSignedRequestObject: false,
  dpopBoundAccessTokens: false,
  tokenEndpointAuthMethod: undefined,
  clientAssertionAudience: 'any',
  refreshTokenRotation: true,
  scopeClaimsInIdToken: true,
  tenantInIdToken: false,
  restrictRedirectUrisToOwner: false,
  corsOrigins: [],
  allow: undefined,
  allowPerTenant: undefined,
} as const satisfies Omit<ResolvedSettings, 'grants'>

/** FAPI 2.0 Security Profile 5.3.2.1 and 5.4.1. */
export const fapi2Settings = {
  pkce: 'required',
  idTokenSignedResponseAlg: 'PS256',
  requirePushedAuthorizationRequests: true,
  dpopBoundAccessTokens: true,
  tokenEndpointAuthMethod: 'private_key_jwt',
  clientAssertionAudience: 'issuer',
  refreshTokenRotation: false,
} as const satisfies AppSettings

/** Algorithms of FAPI 2.0 (5.4.1), for what Gatehouse signs and for what the app signs. */
export const fapi2Algorithms: readonly string[] = ['PS256', 'ES256', 'EdDSA', 'Ed25519']

const defaultGrants: Readonly<Record<AppKind, readonly GrantName[]>> = {
  web: ['authorization_code', 'refresh_token'],
  'single-page': ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token', 'device_code'],
  service: ['client_credentials'],
}

const settingNames = ['grants', ...Object.keys(defaults)] as readonly (keyof AppSettings)[]

/** Every setting, also undefined ones, so that it replaces others. */
export function allSettings(from: AppSettings): AppSettings {
  return Object.fromEntries(settingNames.map((name) => [name, from[name]]))
}

export function writtenSettings(from: AppSettings): Partial<Defined<AppSettings>> {
  return Object.fromEntries(Object.entries(allSettings(from)).filter(([, value]) => value !== undefined))
}

export function settingsOf(app: AppSettings & { readonly kind: AppKind }): ResolvedSettings {
  return {
    ...defaults,
    grants: defaultGrants[app.kind],
    ...(app.profile === 'fapi2' && fapi2Settings),
    ...writtenSettings(app),
  }
}

/** OAuth client types (RFC 6749 2.1): `web` and `service` are confidential. */
export type AppKind = 'web' | 'single-page' | 'native' | 'service'
