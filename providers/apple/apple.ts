/**
 * Sign in with Apple. The answer is a form post. The name comes once, with the first consent, and
 * is unsigned. Booleans in the ID token may be strings. Nothing is discovered: in June 2025
 * discovery named another issuer (account.apple.com) than the tokens (supabase/auth#2050), so both
 * are accepted. https://developer.apple.com/documentation/signinwithapplerestapi
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { z } from 'zod'
import { plainText, type Secret, secretLines } from '../../src/crypto/secret.ts'
import { definedOnly, type Profile, textOf } from '../../src/profile/profile.ts'
import { withDescriptions } from '../../src/provider/options.ts'
import type { Provider } from '../../src/provider/provider.ts'
import { type Claims, profileOf } from '../oidc/claims/claims.ts'
import { audiencesOption } from '../passport/audiences.ts'
import { type Endpoints, endpointsOption } from '../passport/endpoints.ts'
import { oauth2StrategyProvider } from '../passport/oauth2.ts'
import { validateNotification } from './notifications.ts'
import { appleBrand, appleSetup } from './setup.ts'

const own: Endpoints = {
  authorization: 'https://appleid.apple.com/auth/authorize',
  token: 'https://appleid.apple.com/auth/token',
  jwks: 'https://appleid.apple.com/auth/keys',
  issuer: 'https://appleid.apple.com',
}

const keyOf = (privateKey: Secret): KeyObject => createPrivateKey(privateKey.reveal())

function isSigningKey(privateKey: Secret): boolean {
  try {
    return keyOf(privateKey).asymmetricKeyDetails?.namedCurve === 'prime256v1'
  } catch {
    return false
  }
}

const config = z
  .strictObject({
    ...withDescriptions(
      {
        clientId: plainText,
        teamId: plainText,
        keyId: plainText,
        privateKey: secretLines.refine(isSigningKey, 'must be the text of the .p8 file, an EC P-256 private key'),
        receiveLogouts: z.boolean().default(true),
      },
      {
        clientId: 'Identifier of the Services ID, such as com.acme.signin. Required.',
        teamId: 'Team ID of the Apple developer account: ten letters and digits. Required.',
        keyId: 'Key ID of the private key: ten letters and digits. Required.',
        privateKey:
          'Text of the .p8 file that Apple gave for that key, as an environment variable or file: reference. Required.',
        receiveLogouts:
          "Apple's notifications may end sessions here; costs a small index entry a session. Default true.",
      },
    ),
    audiences: audiencesOption(
      'App IDs of native apps whose ID tokens of Apple may be exchanged for a session, such as com.acme.app.',
    ),
    endpoints: endpointsOption('Apple', own),
  })
  .readonly()

type AppleConfig = z.infer<typeof config>

export const apple: Provider = oauth2StrategyProvider<AppleConfig>({
  kind: 'apple',
  brand: appleBrand,
  config,
  endpoints: own,
  setup: () => appleSetup,
  scopes: ['name', 'email'],
  pkce: true,
  async strategy(options, { teamId, keyId }) {
    const { Strategy } = await import('passport-apple')
    const placeholders = { privateKeyString: 'never used', passReqToCallback: false } as const
    return new Strategy({ ...options, ...placeholders, teamID: teamId, keyID: keyId }, () => undefined)
  },
  clientSecret: (configured, context, { issuer }) => newClientSecret(configured, issuer, context.now()),
  idToken: {
    nonce: true,
    algorithms: ['RS256'],
    providesAuthTime: () => true,
    otherIssuers: () => ['https://account.apple.com'],
    audiences: ({ audiences }) => audiences,
  },
  notifications: {
    wanted: ({ receiveLogouts }) => receiveLogouts,
    identifiers: ['subject'],
    validate: validateNotification,
  },
  userinfo: 'none',
  authoritativeDomains: () => ['privaterelay.appleid.com'],
  parameters: () => ({ response_mode: 'form_post' }),
  reauthentication: {}, // Apple always asks for credentials
  denials: ['access_denied', 'user_cancelled_authorize'],
  brought: (parameters) => ({ user: firstConsentOf(parameters) }),
  profile: ({ idToken, brought }) => definedOnly({ ...profileOf(idToken, undefined), ...nameOf(brought) }),
})

const secretSeconds = 300

/**
 * A JWT that we sign for each request. Apple allows six months.
 * Apple Developer: "Creating a client secret".
 */
function newClientSecret(options: AppleConfig, audience: string, now: Date): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid: options.keyId })
    .setIssuer(options.teamId)
    .setSubject(options.clientId)
    .setAudience(audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + secretSeconds)
    .sign(keyOf(options.privateKey))
}

const maxUserLength = 4096
const person = z.object({ name: z.object({ firstName: z.unknown(), lastName: z.unknown() }).partial() })

/** `{"name": {"firstName": …, "lastName": …}, "email": …}`; unreadable values are ignored. */
function firstConsentOf(parameters: URLSearchParams): Claims | undefined {
  const [text = '', ...more] = parameters.getAll('user')
  if (text === '' || more.length > 0 || text.length > maxUserLength) return undefined
  try {
    return person.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function nameOf({ user }: Claims): Pick<Profile, 'name' | 'givenName' | 'familyName'> {
  const { firstName, lastName } = person.safeParse(user).data?.name ?? {}
  const givenName = textOf(firstName)
  const familyName = textOf(lastName)
  return definedOnly({ givenName, familyName, name: textOf([givenName, familyName].filter(Boolean).join(' ')) })
}
