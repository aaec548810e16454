import type { App } from '../../app/app.ts'
import type { AppKind } from '../../app/settings.ts'
import { type AppSettings, allSettings, grantNames, settingsOf } from '../../app/settings.ts'
import { signingAlgorithms } from '../../crypto/signing-algorithm.ts'
import type { AppSecurityValues } from './developer-app-security.tsx'

/** What the form leaves alone stays as the API set it. */
export function settingsFrom(
  values: AppSecurityValues | undefined,
  kind: AppKind,
  before: App | undefined,
): AppSettings {
  const current = before === undefined ? {} : allSettings(before)
  if (values === undefined) return current
  const { requires, idTokenSignedResponseAlg } = values
  const on = (name: string) => (requires.includes(name) ? true : undefined)
  const grants = grantNames.filter((name) => values.grants.includes(name))
  const ofKind = settingsOf({ kind }).grants
  const isDefault =
    kind === 'service' || (grants.length === ofKind.length && grants.every((name) => ofKind.includes(name)))
  return {
    ...current,
    profile: requires.includes('fapi2') ? 'fapi2' : undefined,
    requirePushedAuthorizationRequests: on('requirePushedAuthorizationRequests'),
    requireSignedRequestObject: on('requireSignedRequestObject'),
    dpopBoundAccessTokens: on('dpopBoundAccessTokens'),
    tokenEndpointAuthMethod: requires.includes('tokenEndpointAuthMethod') ? 'private_key_jwt' : undefined,
    idTokenSignedResponseAlg: signingAlgorithms.find((each) => each === idTokenSignedResponseAlg),
    grants: isDefault ? undefined : grants,
  }
}

export function securityValuesOf(app: App): AppSecurityValues {
  const { profile, tokenEndpointAuthMethod, requirePushedAuthorizationRequests: par } = app
  return {
    requires: [
      ...(profile === undefined ? [] : [profile]),
      ...(par ? ['requirePushedAuthorizationRequests'] : []),
      ...(app.requireSignedRequestObject ? ['requireSignedRequestObject'] : []),
      ...(app.dpopBoundAccessTokens ? ['dpopBoundAccessTokens'] : []),
      ...(tokenEndpointAuthMethod === undefined ? [] : ['tokenEndpointAuthMethod']),
    ],
    idTokenSignedResponseAlg: app.idTokenSignedResponseAlg ?? '',
    grants: settingsOf(app).grants,
  }
}
