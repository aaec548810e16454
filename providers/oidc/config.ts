/** The configuration of an OpenID Connect connection. */
import { z } from 'zod'
import { fillable, plainText, Secret, secretText } from '../../src/crypto/secret.ts'
import { type DiscoverySettings, isLoopbackHttp, signatureAlgorithms } from './discovery.ts'
import { minSharedSecretBytes } from './keys/keys.ts'
import type { RequiredAuthnContext } from './login/evidence.ts'
import { type ClientAuthConfig, clientAuthMethods, clientKey } from './token/client-authentication.ts'

/** How a brand changes the configuration. */
export interface ConfigTraits {
  /** Description of `issuer`, with an example. */
  readonly issuerSentence?: string
  /** Default ['openid', 'profile', 'email']. */
  readonly scopes?: readonly string[]
  readonly scopesSentence?: string
  /** Claim with the user's group names. Default 'groups'. */
  readonly groupsClaim?: string
  /** Default of the key `providesAuthTime`. Default false. */
  readonly providesAuthTime?: boolean
}

export interface OidcConfig extends RequiredAuthnContext, ClientAuthConfig, DiscoverySettings {
  /** Whether a failed userinfo request fails the login (required), or none is made (never). */
  readonly userinfo: 'required' | 'preferred' | 'never'
  readonly allowMissingNonce: boolean
  readonly integerSubjects: boolean
  /** Send `max_age=0` with `prompt=login`. Default: if `auth_time` is announced. */
  readonly sendMaxAge?: boolean | undefined
  readonly scopes: readonly string[]
  readonly groupsClaim: string
  readonly prompt?: 'login' | 'select_account' | 'consent' | undefined
  /** The upstream always sends `auth_time` on reauthentication; a login without it fails. */
  readonly providesAuthTime: boolean
  /** Logout here ends the upstream's session too. */
  readonly endUpstreamSession: boolean
  /** The upstream may end our sessions, which are indexed for that. */
  readonly receiveLogouts: boolean
  /** Client IDs of native apps whose ID tokens may be exchanged for a session. */
  readonly audiences: readonly string[]
}

const name = z.string().regex(/^[\x21-\x7e]+$/, 'must be a name without spaces')
const names = z.array(name).max(50).default([])
const clientIds = z.array(fillable(name)).max(50).default([])

const clientAuthenticationOptions = {
  clientAuthentication: z
    .enum(clientAuthMethods)
    .optional()
    .describe(
      'How Gatehouse authenticates at the token endpoint. Default: what discovery lists, client_secret_basic before client_secret_post; private_key_jwt with clientKey.',
    ),
  basicEncoding: z
    .enum(['form', 'none'])
    .default('form')
    .describe(
      'Encoding of client id and secret in client_secret_basic (RFC 6749 2.3.1). form: also sent unencoded after a refusal; none: unencoded only. Default: form.',
    ),
  clientKey: clientKey
    .optional()
    .describe('Key for private_key_jwt. `gatehouse connection jwks` prints its public part. Default: none.'),
}

const leniencyOptions = {
  discoveryUrl: fillable(z.string())
    .refine(isDiscoveryUrl, 'must be an https URL (http only on localhost), without fragment')
    .optional()
    .describe(
      'Address of the discovery document, where it is not below the issuer (Azure AD B2C). Default: below the issuer.',
    ),
  idTokenSignedResponseAlg: z
    .enum([...signatureAlgorithms, 'HS256'])
    .optional()
    .describe(
      'The one algorithm of ID tokens and logout tokens. HS256 (LINE) uses the client secret and works only when named here. Default: those in discovery.',
    ),
  allowMissingNonce: z
    .boolean()
    .default(false)
    .describe(
      'Accept ID tokens without nonce; PKCE and state still bind the login. A different nonce is refused. Default false.',
    ),
  integerSubjects: z
    .boolean()
    .default(false)
    .describe('Accept an integer sub (Core 2 wants text) as its decimal text. Default false.'),
  userinfo: z
    .enum(['required', 'preferred', 'never'])
    .default('preferred')
    .describe(
      'preferred: when userinfo cannot be read, the ID token alone is used and the trace says so; required: the login fails; never: not asked. Default: preferred.',
    ),
  sendMaxAge: z
    .boolean()
    .optional()
    .describe(
      'Send max_age=0 with prompt=login. Default: where discovery lists the claim auth_time, or providesAuthTime is set.',
    ),
}

export function configOf(traits: ConfigTraits) {
  const scopes = traits.scopes ?? ['openid', 'profile', 'email']
  return z
    .strictObject({
      issuer: fillable(z.string())
        .refine(isIssuer, 'must be an https URL (http only on localhost), without query and fragment')
        .refine(
          (issuer) => !issuer.includes('/.well-known/'),
          'must be the issuer alone, without /.well-known/openid-configuration; another address of that goes to discoveryUrl',
        )
        .refine(
          (issuer) => !/^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)(\/|$)/.test(issuer),
          'must hold the id of the directory (tenant): Entra ID issues no tokens as common, organizations or consumers',
        )
        .describe(traits.issuerSentence ?? 'Issuer URL of the upstream, exactly as it spells it itself. Required.'),
      clientId: plainText.describe('Client ID that the upstream gave to this connection. Required.'),
      clientSecret: secretText
        .optional()
        .describe(
          'Client secret that belongs to it, as an environment variable or file: reference. Required, except with clientKey or clientAuthentication: none.',
        ),
      ...clientAuthenticationOptions,
      ...leniencyOptions,
      scopes: z
        .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope name without spaces'))
        .refine((names) => names.includes('openid'), 'must contain openid')
        .default([...scopes])
        .describe(`${traits.scopesSentence ?? 'Scopes to request.'} Default: ${scopes.join(', ')}.`),
      groupsClaim: z
        .string()
        .min(1)
        .default(traits.groupsClaim ?? 'groups')
        .describe(`Claim that lists the names of a person's groups. Default: ${traits.groupsClaim ?? 'groups'}.`),
      prompt: z
        .enum(['login', 'select_account', 'consent'])
        .optional()
        .describe('What the upstream shows although it knows the person already. Default: it decides.'),
      requiredAcr: names.describe(
        'Authentication contexts (acr) of which the upstream must confirm one; they are asked for too. Default: none.',
      ),
      requiredAmr: names.describe(
        'Authentication methods (amr, RFC 8176) that the upstream must confirm, all of them, such as mfa. Default: none.',
      ),
      providesAuthTime: z
        .boolean()
        .default(traits.providesAuthTime ?? false)
        .describe(
          `The upstream always says in auth_time when the person signed in; a sign-in asked for anew is refused without it. Default ${traits.providesAuthTime ?? false}.`,
        ),
      endUpstreamSession: z
        .boolean()
        .default(false)
        .describe(
          'Signing out here signs out of the upstream too, where it has an end_session_endpoint. Default false.',
        ),
      receiveLogouts: z
        .boolean()
        .default(true)
        .describe(
          'The upstream may end sessions here by back-channel logout; costs a small index entry a session. Default true.',
        ),
      audiences: clientIds.describe(
        'Client IDs of native apps whose ID tokens of this upstream may be exchanged for a session. Default: none.',
      ),
    })
    .superRefine((config, context) => {
      for (const [path, message] of contradictionsIn(config))
        context.addIssue({ code: 'custom', path: [path], message })
    })
    .readonly()
}

type Given = Pick<OidcConfig, 'idTokenSignedResponseAlg' | 'audiences'> & Omit<ClientAuthConfig, 'clientId'>

function contradictionsIn(config: Given): readonly (readonly [path: string, message: string])[] {
  const { clientSecret: secret, clientKey: key, clientAuthentication: method } = config
  const needsSecret = method === undefined ? key === undefined : method.startsWith('client_secret')
  const isShared = config.idTokenSignedResponseAlg === 'HS256'
  const isShort = secret instanceof Secret && Buffer.byteLength(secret.reveal()) < minSharedSecretBytes
  const rules: readonly (readonly [boolean, string, string])[] = [
    [
      needsSecret && secret === undefined,
      'clientSecret',
      'is missing; for a public client write clientAuthentication: none',
    ],
    [method === 'private_key_jwt' && key === undefined, 'clientAuthentication', 'private_key_jwt needs clientKey'],
    [
      method !== undefined && method !== 'private_key_jwt' && key !== undefined,
      'clientKey',
      `is not used with clientAuthentication: ${method}; remove one`,
    ],
    [
      method === 'none' && secret !== undefined && !isShared,
      'clientSecret',
      'is not used with clientAuthentication: none; remove one',
    ],
    [
      method !== undefined && method !== 'client_secret_basic' && config.basicEncoding === 'none',
      'basicEncoding',
      `is not used with clientAuthentication: ${method}; remove one`,
    ],
    [isShared && secret === undefined, 'idTokenSignedResponseAlg', 'HS256 needs clientSecret, which is its key'],
    [
      isShared && isShort,
      'idTokenSignedResponseAlg',
      `HS256 needs a clientSecret of ${minSharedSecretBytes} bytes or more`,
    ],
    [
      isShared && config.audiences.length > 0,
      'audiences',
      'cannot be used with HS256: ID tokens of other clients have other keys',
    ],
  ]
  return rules.filter(([wrong]) => wrong).map(([, path, message]) => [path, message] as const)
}

function isDiscoveryUrl(value: string): boolean {
  if (!URL.canParse(value) || /[#\s]/.test(value)) return false
  const { protocol, username, password } = new URL(value)
  return username === '' && password === '' && (protocol === 'https:' || isLoopbackHttp(value))
}

function isIssuer(value: string): boolean {
  if (!URL.canParse(value) || /[?#\s]/.test(value)) return false
  const { protocol, username, password } = new URL(value)
  return username === '' && password === '' && (protocol === 'https:' || isLoopbackHttp(value))
}
