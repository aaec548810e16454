/**
 * An emulated Apple: form post answers, the name with the first consent only, booleans as strings,
 * relay addresses, and the same client secret checks as Apple.
 */
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { Claims } from '../emulator/pages.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient, SignIn } from '../oidc/emulator/brand.ts'
import { type BrandEmulator, startBrandEmulator } from '../oidc/emulator/emulator.ts'

export interface AppleClient extends EmulatedClient {
  readonly teamId: string
  readonly keyId: string
  /** PEM of the connection's P-256 key, private or public. */
  readonly key: string
}

export interface AppleEmulator extends BrandEmulator {
  /** The next consent of each user counts as the first again. */
  forgetConsents(): void
  /** A server-to-server notification of an event, as it is posted. */
  notification(clientId: string, event: Claims): { readonly payload: string }
}

/** A user's name is in `given_name` and `family_name`. */
export async function startAppleEmulator(options: BrandEmulatorOptions<AppleClient>): Promise<AppleEmulator> {
  const consents = new Set<string>()
  const emulator = await startBrandEmulator(() => brandWith(consents), options)
  return {
    ...emulator,
    forgetConsents: () => consents.clear(),
    notification: (aud, event) => ({
      payload: emulator.sign({ aud, jti: randomUUID(), events: JSON.stringify({ event_time: Date.now(), ...event }) }),
    }),
  }
}

const canceled = { error: 'user_cancelled_authorize' }

function brandWith(consents: Set<string>): EmulatedBrand<AppleClient> {
  return {
    name: 'Apple',
    paths: { authorize: '/auth/authorize', token: '/auth/token', keys: '/auth/keys' },
    faults: ['otherSpelling', 'hiddenEmail', 'garbageUser'],
    otherSpelling: () => 'https://account.apple.com',
    responseMode: 'form_post',
    errors: { canceled: canceled, denied: canceled },
    requestError: (authorizationRequest) =>
      authorizationRequest.has('scope') && authorizationRequest.get('response_mode') !== 'form_post'
        ? 'invalid_request: response_mode must be form_post when name or email scope is requested'
        : undefined,
    authenticate: (client, form, issuer) => isClientSecret(form.get('client_secret') ?? '', client, issuer),
    clientError: { status: 400, error: 'invalid_client' },
    callbackParameters: (signIn): Readonly<Record<string, string>> => {
      const consent = `${signIn.client.clientId} ${signIn.person['sub']}`
      if (consents.has(consent)) return {}
      consents.add(consent)
      return { user: signIn.faults.has('garbageUser') ? '{"name":{"firstName":' : userOf(signIn) }
    },
    idTokenClaims: (signIn) => ({
      sub: signIn.person['sub'],
      ...emailClaims(signIn),
      auth_time: Math.floor(Date.now() / 1000),
      nonce_supported: true,
    }),
    tokenFields: () => ({ refresh_token: 'emulated' }),
  }
}

function userOf(signIn: SignIn<AppleClient>): string {
  const { given_name: firstName, family_name: lastName } = signIn.person
  return JSON.stringify({ name: { firstName, lastName }, email: emailClaims(signIn)['email'] })
}

/** Emails are verified, as strings, unless the user has `email_verified: false`. */
function emailClaims({ person, faults }: SignIn<AppleClient>): Claims {
  const { sub, email, email_verified: verified = true } = person
  if (email === undefined) return {}
  if (!faults.has('hiddenEmail')) return { email, email_verified: String(verified), is_private_email: 'false' }
  return { email: `${sub}@privaterelay.appleid.com`, email_verified: 'true', is_private_email: 'true' }
}

const maxSecretLifetimeSeconds = 15_777_000

async function isClientSecret(secret: string, client: AppleClient, issuer: string): Promise<boolean> {
  const { clientId, teamId, keyId, key } = client
  const publicKey = createPublicKey(key.includes('PRIVATE') ? createPrivateKey(key) : key)
  const expected = { algorithms: ['ES256'], issuer: teamId, subject: clientId, audience: issuer }
  try {
    const { payload, protectedHeader } = await jwtVerify(secret, publicKey, { ...expected, requiredClaims: ['exp'] })
    const { iat = 0, exp = 0 } = payload
    const now = Date.now() / 1000
    return protectedHeader.kid === keyId && exp <= now + maxSecretLifetimeSeconds && iat <= now + 60
  } catch {
    return false
  }
}
