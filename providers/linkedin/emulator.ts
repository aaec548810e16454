/**
 * An emulated LinkedIn: it refuses PKCE, ID tokens have no nonce, `scope` is separated by commas,
 * and error codes are its own.
 */
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient } from '../oidc/emulator/brand.ts'
import { type BrandEmulator, startBrandEmulator } from '../oidc/emulator/emulator.ts'

export interface LinkedInClient extends EmulatedClient {
  readonly clientSecret: string
}

/** A user's `locale` is a string such as en-GB; userinfo sends it as `{country, language}`. */
export function startLinkedInEmulator(options: BrandEmulatorOptions<LinkedInClient>): Promise<BrandEmulator> {
  return startBrandEmulator(() => brand, options)
}

const brand: EmulatedBrand<LinkedInClient> = {
  name: 'LinkedIn',
  paths: {
    authorize: '/oauth/v2/authorization',
    token: '/oauth/v2/accessToken',
    userinfo: '/v2/userinfo',
    keys: '/oauth/openid/jwks',
  },
  faults: ['thinIdToken', 'noTokenType', 'localeText'],
  errors: { canceled: { error: 'user_cancelled_login' }, denied: { error: 'user_cancelled_authorize' } },
  requestError: (authorizationRequest) => {
    const scopes = authorizationRequest.get('scope')?.split(' ') ?? []
    const unknown = scopes.find((scope) => !['openid', 'profile', 'email'].includes(scope))
    // the answer to r_liteprofile since August 2023
    if (unknown !== undefined) return `unauthorized_scope_error: ${unknown}`
    return authorizationRequest.get('state') ? undefined : 'invalid_request: a state is required'
  },
  authenticate: ({ clientSecret }, form) => form.get('client_secret') === clientSecret && !form.has('code_verifier'),
  unknownCodeError: { status: 400, error: 'invalid_request' },
  userinfoClaims: ({ person: { locale, ...person }, faults }) => {
    if (typeof locale !== 'string') return person
    const [language, country] = locale.split('-')
    return { ...person, locale: faults.has('localeText') ? locale : { country, language } }
  },
  tokenFields: () => ({ expires_in: 5_183_999, scope: 'email,openid,profile' }),
  echoesNonce: false,
}
