/**
 * An emulated Google: full ID tokens with `hd`, PKCE, nonce, `iss` in authorization responses, and
 * an issuer that Google spells with or without `https://`.
 */
import type { Claims } from '../emulator/pages.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient, SignIn } from '../oidc/emulator/brand.ts'
import { type BrandEmulator, startBrandEmulator } from '../oidc/emulator/emulator.ts'

export interface GoogleClient extends EmulatedClient {
  readonly clientSecret: string
}

/** Users of a Google Workspace have `hd`. */
export function startGoogleEmulator(options: BrandEmulatorOptions<GoogleClient>): Promise<BrandEmulator> {
  return startBrandEmulator(() => brand, options)
}

const brand: EmulatedBrand<GoogleClient> = {
  name: 'Google',
  paths: { authorize: '/o/oauth2/v2/auth', token: '/token', userinfo: '/v1/userinfo', keys: '/oauth2/v3/certs' },
  faults: ['otherSpelling', 'thinIdToken', 'noHostedDomain', 'noTokenType'],
  otherSpelling: (issuer) => issuer.replace(/^https?:\/\//, ''),
  requestError: (authorizationRequest) =>
    authorizationRequest.get('scope')?.split(' ').includes('openid') ? undefined : 'invalid_scope',
  callbackParameters: ({ issuer, person }) => ({
    iss: issuer,
    scope: grantedScopes,
    authuser: '0',
    prompt: 'none',
    ...(typeof person['hd'] === 'string' && { hd: person['hd'] }),
  }),
  idTokenClaims: (signIn) => ({
    ...withoutLocale(signIn),
    azp: signIn.client.clientId,
    at_hash: 'emulated',
    ...(asksAuthTime(signIn) && { auth_time: Math.floor(Date.now() / 1000) }),
  }),
  tokenFields: () => ({ expires_in: 3599, scope: grantedScopes }),
}

const grantedScopes =
  'openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile'

function withoutLocale({ person, faults }: SignIn<GoogleClient>): Claims {
  const { locale: _, hd, ...claims } = person
  return faults.has('noHostedDomain') || hd === undefined ? claims : { ...claims, hd }
}

function asksAuthTime({ authorizationRequest }: SignIn<GoogleClient>): boolean {
  return authorizationRequest.get('claims')?.includes('auth_time') ?? false
}
