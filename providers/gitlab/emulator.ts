/**
 * An emulated GitLab: all groups in userinfo and the direct ones in the ID token, a numeric `sub`,
 * `auth_time` in every ID token, and errors for scopes of no application.
 */
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient } from '../oidc/emulator/brand.ts'
import { type BrandEmulator, startBrandEmulator } from '../oidc/emulator/emulator.ts'
import { refreshFaultNames } from '../oidc/emulator/faults.ts'

/** Users have `groups` with paths such as `acme/platform`, and `groups_direct`. */
export function startGitLabEmulator(options: BrandEmulatorOptions<EmulatedClient>): Promise<BrandEmulator> {
  return startBrandEmulator(() => brand, options)
}

const known = ['openid', 'profile', 'email', 'read_user']

const brand: EmulatedBrand<EmulatedClient> = {
  name: 'GitLab',
  paths: {
    discovery: '/.well-known/openid-configuration',
    authorize: '/oauth/authorize',
    token: '/oauth/token',
    userinfo: '/oauth/userinfo',
    keys: '/oauth/discovery/keys',
  },
  faults: ['thinIdToken', 'manyGroups', 'noGroups', 'otherIssuer', 'discovery', ...refreshFaultNames],
  refreshTokens: 'always',
  errors: { canceled: denied(), denied: denied() },
  requestError: (authorizationRequest) =>
    authorizationRequest
      .get('scope')
      ?.split(' ')
      .every((scope) => known.includes(scope))
      ? undefined
      : 'invalid_scope',
  idTokenClaims: ({ person: { groups: _, ...person } }) => ({
    ...person,
    auth_time: Math.floor(Date.now() / 1000),
    sub_legacy: 'emulated',
  }),
  userinfoClaims: ({ person: { groups_direct: _, ...person } }) => ({ ...person, sub_legacy: 'emulated' }),
  tokenFields: ({ authorizationRequest }) => ({
    scope: authorizationRequest.get('scope'),
    created_at: Math.floor(Date.now() / 1000),
    expires_in: 7200,
  }),
}

function denied() {
  return {
    error: 'access_denied',
    error_description: 'The resource owner or authorization server denied the request.',
  }
}
