/**
 * An emulated Google: full ID tokens with `hd`, PKCE, nonce, `iss` in authorization responses, and
 * an issuer that Google spells with or without `https://`.
 */
import type { Claims } from '../oidc/emulator/faults.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient, SignIn } from '../passport/emulated-brand.ts'
import { type BrandEmulator, startBrandEmulator } from '../passport/emulator.ts'

export interface GoogleClient extends EmulatedClient {
  readonly clientSecret: string
}

/** Users of a Google Workspace have `hd`. */
export function startGoogleEmulator(options: BrandEmulatorOptions<GoogleClient>): Promise<BrandEmulator> {
  return startBrandEmulator(brand, options)
}

const brand: EmulatedBrand<GoogleClient> = {
  name: 'Google',
  paths: { authorize: '/o/oauth2/v2/auth', token: '/token', userinfo: '/v1/userinfo', keys: '/oauth2/v3/certs' },
  faults: ['otherSpelling', 'thinIdToken', 'noHostedDomain', 'noTokenType'],
  otherSpelling: (issuer) => issuer.replace(/^https?:\/\//, ''),
  responseMode: 'query',
  errorCodes: { cancelled: 'access_denied', denied: 'access_denied' },
  requestError: (authorizationRequest) =>
    authorizationRequest.get('scope')?.split(' ').includes('openid') ? undefined : 'invalid_scope',
  authenticate: ({ clientSecret }, form) =>
    form.get('client_secret') === clientSecret ? undefined : { status: 401, error: 'invalid_client' },
  unknownCodeError: { status: 400, error: 'invalid_grant' },
  callbackParameters: ({ issuer, person }) => ({
    ...{ iss: issuer, scope: grantedScopes, authuser: '0', prompt: 'none' },
    ...(typeof person['hd'] === 'string' && { hd: person['hd'] }),
  }),
  idTokenClaims: (signIn) => ({
    ...withoutLocale(signIn),
    azp: signIn.client.clientId,
    at_hash: 'emulated',
    ...(asksAuthTime(signIn) && { auth_time: Math.floor(Date.now() / 1000) }),
  }),
  tokenFields: () => ({ expires_in: 3599, scope: grantedScopes, token_type: 'Bearer' }),
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
