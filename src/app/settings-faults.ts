/** Contradictions between the settings of an app. Each fault names the setting and the fix. */

import { canKeepSecret } from './app.ts'
import { wrongOrigin } from './redirect-uri.ts'
import {
  type AppKind,
  type AppSettings,
  fapi2Algorithms,
  fapi2Settings,
  type GrantName,
  settingsOf,
  writtenSettings,
} from './settings.ts'

export interface SettingsFault {
  readonly field: keyof AppSettings | 'redirectUris' | 'scopes'
  readonly index?: number
  readonly message: string
}

export interface SettingsDraft extends AppSettings {
  readonly kind: AppKind
  readonly redirectUris: readonly string[]
  readonly scopes: readonly string[]
}

export function settingsFaults(draft: SettingsDraft): readonly SettingsFault[] {
  return [
    ...publicFaults(draft),
    ...serviceFaults(draft),
    ...profileFaults(draft),
    ...grantFaults(draft),
    ...originFaults(draft),
  ]
}

function publicFaults(draft: SettingsDraft): readonly SettingsFault[] {
  if (canKeepSecret(draft)) return []
  const { kind, pkce, profile, tokenEndpointAuthMethod, clientAssertionAudience } = draft
  const needsKey = `is not for a ${kind} app, which can keep no key; use kind: web or service`
  return [
    ...(pkce === undefined || pkce === 'required'
      ? []
      : [fault('pkce', `${pkce} needs a secret or key, which a ${kind} app cannot keep; use pkce: required`)]),
    ...(profile === undefined ? [] : [fault('profile', `${profile} ${needsKey}`)]),
    ...(tokenEndpointAuthMethod === undefined ? [] : [fault('tokenEndpointAuthMethod', needsKey)]),
    ...(draft.requireSignedRequestObject === true ? [fault('requireSignedRequestObject', needsKey)] : []),
    ...(clientAssertionAudience === 'issuer' ? [fault('clientAssertionAudience', needsKey)] : []),
    ...(draft.refreshTokenRotation === false && draft.dpopBoundAccessTokens !== true
      ? [
          fault(
            'refreshTokenRotation',
            `false needs refresh tokens that are bound to a key (RFC 9700 4.14.2); a ${kind} app also needs dpopBoundAccessTokens: true`,
          ),
        ]
      : []),
  ]
}

const ofSignIn = [
  'pkce',
  'requirePushedAuthorizationRequests',
  'requireSignedRequestObject',
  'responseModes',
  'idTokenSignedResponseAlg',
  'refreshTokenRotation',
  'scopeClaimsInIdToken',
  'tenantInIdToken',
] as const satisfies readonly (keyof AppSettings)[]

/** A service signs in no users. Forms and YAML write `pkce: required` for every app. */
function serviceFaults(draft: SettingsDraft): readonly SettingsFault[] {
  if (draft.kind !== 'service') return []
  const { pkce, ...others } = draft
  const given = { ...others, ...(pkce !== 'required' && { pkce }) }
  return ofSignIn
    .filter((name) => given[name] !== undefined)
    .map((name) => fault(name, 'has no effect: a service signs in no users; remove it'))
}

/** `profile: fapi2` sets these; a different value is a contradiction. */
function profileFaults(draft: SettingsDraft): readonly SettingsFault[] {
  if (draft.profile !== 'fapi2' || !canKeepSecret(draft)) return []
  const { idTokenSignedResponseAlg: algorithm, redirectUris } = draft
  const written = new Map<string, unknown>(Object.entries(writtenSettings(draft)))
  const others = Object.entries(fapi2Settings).filter(([name]) => name !== 'idTokenSignedResponseAlg')
  return [
    ...others
      .filter(([name, value]) => written.has(name) && written.get(name) !== value)
      .map(([name, value]) =>
        fault(name as keyof AppSettings, `must be ${value} under profile: fapi2; remove it, or remove the profile`),
      ),
    ...(algorithm !== undefined && !fapi2Algorithms.includes(algorithm)
      ? [fault('idTokenSignedResponseAlg', 'must be PS256, ES256 or EdDSA under profile: fapi2 (FAPI 2.0 5.4.1)')]
      : []),
    ...redirectUris.flatMap((uri, index) =>
      uri.startsWith('http:')
        ? [{ ...fault('redirectUris', 'must be https under profile: fapi2 (FAPI 2.0 5.3.2.2)'), index }]
        : [],
    ),
  ]
}

export const possibleGrants: Readonly<Record<AppKind, readonly GrantName[]>> = {
  web: ['authorization_code', 'refresh_token', 'client_credentials', 'device_code'],
  'single-page': ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token', 'device_code'],
  service: ['client_credentials'],
}

function grantFaults(draft: SettingsDraft): readonly SettingsFault[] {
  const { grants, kind, redirectUris, scopes } = draft
  if (grants === undefined) return []
  const possible = possibleGrants[kind]
  const signsIn = grants.includes('authorization_code') || grants.includes('device_code')
  return [
    ...grants.flatMap((grant, index) =>
      possible.includes(grant)
        ? []
        : [{ ...fault('grants', `${grant} is not for a ${kind} app, which may have ${possible.join(', ')}`), index }],
    ),
    ...(grants.includes('refresh_token') && !signsIn
      ? [fault('grants', 'refresh_token needs authorization_code or device_code, which give the first refresh token')]
      : []),
    ...(redirectUris.length > 0 && !grants.includes('authorization_code')
      ? [fault('grants', 'must hold authorization_code, since the app has redirectUris; add it, or remove those')]
      : []),
    ...(scopes.includes('offline_access') && !grants.includes('refresh_token')
      ? [fault('grants', 'must hold refresh_token, since scopes has offline_access; add it, or remove that scope')]
      : []),
    ...(draft.refreshTokenRotation !== undefined && !grants.includes('refresh_token')
      ? [fault('refreshTokenRotation', 'has no effect: grants does not hold refresh_token')]
      : []),
  ]
}

function originFaults({ kind, corsOrigins = [] }: SettingsDraft): readonly SettingsFault[] {
  if (kind !== 'native' && corsOrigins.length > 0)
    return [
      fault('corsOrigins', 'are for a native app, whose pages have other origins than its redirect URIs; remove them'),
    ]
  return corsOrigins.flatMap((origin, index) => {
    const wrong = wrongOrigin(origin)
    return wrong === undefined
      ? []
      : [{ ...fault('corsOrigins', `${JSON.stringify(origin.slice(0, 120))} ${wrong}`), index }]
  })
}

/** Whether the app needs a redirect URI: a native app may use the device grant alone. */
export function needsRedirectUri(draft: Pick<SettingsDraft, 'kind' | 'grants'>): boolean {
  return draft.kind !== 'native' && settingsOf(draft).grants.includes('authorization_code')
}

function fault(field: SettingsFault['field'], message: string): SettingsFault {
  return { field, message }
}
