/** Contradictions between the settings of an app. Each fault names the setting and the fix. */

import { accessFaults } from './access-faults.ts'
import { type App, canKeepSecret } from './app.ts'
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

export type SettingsDraft = AppSettings & Pick<App, 'kind' | 'redirectUris' | 'scopes'>
type Faults = Generator<SettingsFault, void>

export function settingsFaults(draft: SettingsDraft): readonly SettingsFault[] {
  const rules = [publicFaults, serviceFaults, profileFaults, grantFaults, originFaults, accessFaults]
  return rules.flatMap((faultsOf) => [...faultsOf(draft)])
}

function* publicFaults(draft: SettingsDraft): Faults {
  if (canKeepSecret(draft)) return
  const { kind, pkce = 'required', profile } = draft
  const needsKey = `is not for a ${kind} app, which can keep no key; use kind: web or service`
  if (pkce !== 'required')
    yield fault('pkce', `${pkce} needs a secret or key, which a ${kind} app cannot keep; use pkce: required`)
  if (profile !== undefined) yield fault('profile', `${profile} ${needsKey}`)
  if (draft.tokenEndpointAuthMethod !== undefined) yield fault('tokenEndpointAuthMethod', needsKey)
  if (draft.requireSignedRequestObject === true) yield fault('requireSignedRequestObject', needsKey)
  if (draft.clientAssertionAudience === 'issuer') yield fault('clientAssertionAudience', needsKey)
  if (draft.refreshTokenRotation === false && draft.dpopBoundAccessTokens !== true)
    yield fault(
      'refreshTokenRotation',
      `false needs refresh tokens that are bound to a key (RFC 9700 4.14.2); a ${kind} app also needs dpopBoundAccessTokens: true`,
    )
}

const ofSignIn = [
  'mfa',
  'pkce',
  'requirePushedAuthorizationRequests',
  'requireSignedRequestObject',
  'responseModes',
  'idTokenSignedResponseAlg',
  'refreshTokenRotation',
  'scopeClaimsInIdToken',
  'tenantInIdToken',
  'allow',
  'allowPerTenant',
] as const satisfies readonly (keyof AppSettings)[]

/** A service signs in no users. Forms and YAML write `pkce: required` for every app. */
function* serviceFaults(draft: SettingsDraft): Faults {
  if (draft.kind !== 'service') return
  for (const name of ofSignIn)
    if (draft[name] !== undefined && !(name === 'pkce' && draft.pkce === 'required'))
      yield fault(name, 'has no effect: a service signs in no users; remove it')
}

/** `profile: fapi2` sets these; a different value is a contradiction. */
function* profileFaults(draft: SettingsDraft): Faults {
  if (draft.profile !== 'fapi2' || !canKeepSecret(draft)) return
  const { idTokenSignedResponseAlg: algorithm, redirectUris } = draft
  const written = new Map<string, unknown>(Object.entries(writtenSettings(draft)))
  for (const [name, value] of Object.entries(fapi2Settings))
    if (name !== 'idTokenSignedResponseAlg' && written.has(name) && written.get(name) !== value)
      yield fault(name as keyof AppSettings, `must be ${value} under profile: fapi2; remove it, or remove the profile`)
  if (algorithm !== undefined && !fapi2Algorithms.includes(algorithm))
    yield fault('idTokenSignedResponseAlg', 'must be PS256, ES256 or EdDSA under profile: fapi2 (FAPI 2.0 5.4.1)')
  for (const [index, uri] of redirectUris.entries())
    if (uri.startsWith('http:'))
      yield { ...fault('redirectUris', 'must be https under profile: fapi2 (FAPI 2.0 5.3.2.2)'), index }
}

export const possibleGrants: Readonly<Record<AppKind, readonly GrantName[]>> = {
  web: ['authorization_code', 'refresh_token', 'client_credentials', 'device_code'],
  'single-page': ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token', 'device_code'],
  service: ['client_credentials'],
}

function* grantFaults(draft: SettingsDraft): Faults {
  const { grants, kind, redirectUris, scopes } = draft
  if (grants === undefined) return
  const possible = possibleGrants[kind]
  for (const [index, grant] of grants.entries())
    if (!possible.includes(grant))
      yield { ...fault('grants', `${grant} is not for a ${kind} app, which may have ${possible.join(', ')}`), index }
  const refreshes = grants.includes('refresh_token')
  if (refreshes && !grants.includes('authorization_code') && !grants.includes('device_code'))
    yield fault('grants', 'refresh_token needs authorization_code or device_code, which give the first refresh token')
  if (redirectUris.length > 0 && !grants.includes('authorization_code'))
    yield fault('grants', 'must hold authorization_code, since the app has redirectUris; add it, or remove those')
  if (scopes.includes('offline_access') && !refreshes)
    yield fault('grants', 'must hold refresh_token, since scopes has offline_access; add it, or remove that scope')
  if (draft.refreshTokenRotation !== undefined && !refreshes)
    yield fault('refreshTokenRotation', 'has no effect: grants does not hold refresh_token')
}

function* originFaults({ kind, corsOrigins = [] }: SettingsDraft): Faults {
  if (kind !== 'native' && corsOrigins.length > 0)
    return yield fault(
      'corsOrigins',
      'are for a native app, whose pages have other origins than its redirect URIs; remove them',
    )
  for (const [index, origin] of corsOrigins.entries()) {
    const wrong = wrongOrigin(origin)
    if (wrong !== undefined)
      yield { ...fault('corsOrigins', `${JSON.stringify(origin.slice(0, 120))} ${wrong}`), index }
  }
}

/** Whether the app needs a redirect URI: a native app may use the device grant alone. */
export function needsRedirectUri(draft: Pick<SettingsDraft, 'kind' | 'grants'>): boolean {
  return draft.kind !== 'native' && settingsOf(draft).grants.includes('authorization_code')
}

function fault(field: SettingsFault['field'], message: string): SettingsFault {
  return { field, message }
}
