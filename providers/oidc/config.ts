/** The configuration of an OpenID Connect connection. */
import { z } from 'zod'
import { fillable, plainText, Secret, secretText } from '../../src/crypto/secret.ts'
import { duration, withDescriptions } from '../../src/provider/options.ts'
import { isSafeUrl, signatureAlgorithms, urlFault } from './discovery.ts'
import { minSharedSecretBytes } from './keys/keys.ts'
import {
  type ClientAuthConfig,
  type ClientAuthMethod,
  clientAuthMethods,
  clientKey,
} from './token/client-authentication.ts'

/** How a brand changes the configuration. */
export interface ConfigTraits {
  /** Default of the key `issuer`, for a brand with an address of its own. Default: required. */
  readonly defaultIssuer?: string
  /** Description of `issuer`, with an example. */
  readonly issuerSentence?: string
  /** Default ['openid', 'profile', 'email']. */
  readonly scopes?: readonly string[]
  readonly scopesSentence?: string
  /** Claim with the user's group names. Default 'groups'. */
  readonly groupsClaim?: string
  /** Default of the key `providesAuthTime`. Default false. */
  readonly providesAuthTime?: boolean
  /** Default of the key `receiveLogouts`: whether the brand sends logouts. Default false. */
  readonly receiveLogouts?: boolean
  /** Default of the key `userinfo`. Default preferred. */
  readonly userinfo?: 'required' | 'preferred' | 'never'
  /** Keys that only this brand has. */
  readonly options?: z.ZodRawShape
  /** `issuer` may be Entra's for many directories. Default false. */
  readonly manyTenants?: boolean
}

export type OidcConfig = z.infer<ReturnType<typeof configOf>>

const name = z.string().regex(/^[\x21-\x7e]+$/, 'must be a name without spaces')
const names = z.array(name).max(50).default([])
const scopeName = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be a scope name without spaces')
const httpsOrLoopback = 'must be an https URL (http only on localhost)'

const issuer = fillable(z.string())
  .refine((url) => isSafeUrl(url) && !url.includes('?'), {
    error: ({ input }) => urlFault(input, `${httpsOrLoopback}, without query and fragment`),
  })
  .refine(
    (url) => !url.includes('/.well-known/'),
    'must be the issuer alone, without /.well-known/openid-configuration; another address of that goes to discoveryUrl',
  )

const ofOneTenant = issuer.refine(
  (url) => !/^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers)(\/|$)/.test(url),
  'must hold the ID of the directory (tenant): Entra ID issues no tokens as common, organizations or consumers',
)

const ofManyTenants = issuer.refine(
  (url) => !/\/consumers(\/|$)/i.test(url),
  'must not end in consumers: for personal accounts write 9188040d-6c67-4c5b-b112-36a304b66dad, the ID of their directory, in its place',
)

/** The zod schema of a brand's connections: common keys with the brand's defaults, and its own. */
export function configOf(traits: ConfigTraits) {
  const { scopes = ['openid', 'profile', 'email'], groupsClaim = 'groups', providesAuthTime = false } = traits
  const { userinfo = 'preferred', receiveLogouts = false, defaultIssuer } = traits
  const validIssuer = traits.manyTenants ? ofManyTenants : ofOneTenant
  const options = {
    issuer: defaultIssuer === undefined ? validIssuer : validIssuer.default(defaultIssuer),
    clientId: plainText,
    clientSecret: secretText.optional(),
    clientAuthentication: z.enum(clientAuthMethods).optional(),
    basicEncoding: z.enum(['form', 'none']).default('form'),
    clientKey: clientKey.optional(),
    discoveryUrl: fillable(z.string())
      .refine(isSafeUrl, { error: ({ input }) => urlFault(input, `${httpsOrLoopback}, without fragment`) })
      .optional(),
    idTokenSignedResponseAlg: z.enum([...signatureAlgorithms, 'HS256']).optional(),
    allowMissingNonce: z.boolean().default(false),
    integerSubjects: z.boolean().default(false),
    userinfo: z.enum(['required', 'preferred', 'never']).default(userinfo),
    sendMaxAge: z.boolean().optional(),
    scopes: z
      .array(scopeName)
      .refine((given) => given.includes('openid'), 'must contain openid')
      .default([...scopes]),
    groupsClaim: z.string().min(1).default(groupsClaim),
    prompt: z.enum(['login', 'select_account', 'consent']).optional(),
    requiredAcr: names,
    requiredAmr: names,
    providesAuthTime: z.boolean().default(providesAuthTime),
    endUpstreamSession: z.boolean().default(false),
    receiveLogouts: z.boolean().default(receiveLogouts),
    recheck: duration('5m', '24h').optional(),
    audiences: z.array(fillable(name)).max(50).default([]),
  }
  const shape = withDescriptions(options, {
    ...sentences,
    issuer: `${traits.issuerSentence ?? 'Issuer URL of the upstream, exactly as it spells it itself.'} ${defaultIssuer === undefined ? 'Required' : `Default: ${defaultIssuer}`}.`,
    scopes: `${traits.scopesSentence ?? 'Scopes to request.'} Default: ${scopes.join(', ')}.`,
    groupsClaim: `Claim that lists the names of the user's groups, or its path (realm_access.roles, groups.*.name). Default: ${groupsClaim}.`,
    userinfo: `preferred: when userinfo cannot be read, the ID token alone is used and the trace says so; required: the login fails; never: it is not requested. Default: ${userinfo}.`,
    providesAuthTime: `The upstream always sends the time of the sign-in in auth_time; a requested new sign-in is refused without it. Default ${providesAuthTime}.`,
    receiveLogouts: `The upstream may end sessions here by back-channel logout; costs a small index entry a session. Default ${receiveLogouts}.`,
  })
  // the type names the common keys alone: a brand parses `traits.options` itself
  const whole: typeof shape = { ...shape, ...traits.options }
  return z
    .strictObject(whole)
    .superRefine((config, context) => {
      for (const [wrong, path, message] of contradictionsIn(config))
        if (wrong) context.addIssue({ code: 'custom', path: [path], message })
    })
    .readonly()
}

const sentences = {
  clientId: 'Client ID that the upstream gave to this connection. Required.',
  clientSecret:
    'Client secret that belongs to it, as an environment variable or file: reference. Required, except with clientKey or clientAuthentication: none.',
  clientAuthentication:
    'How Gatehouse authenticates at the token endpoint. Default: what discovery lists, client_secret_basic before client_secret_post; private_key_jwt with clientKey.',
  basicEncoding:
    'Encoding of client ID and secret in client_secret_basic (RFC 6749 2.3.1). form: also sent unencoded after a refusal; none: unencoded only. Default: form.',
  clientKey: 'Key for private_key_jwt. `gatehouse connection jwks` prints its public part. Default: none.',
  discoveryUrl:
    'Address of the discovery document, where it is not below the issuer (Azure AD B2C). Default: below the issuer.',
  idTokenSignedResponseAlg:
    'The one algorithm of ID tokens and logout tokens. HS256 (LINE) uses the client secret and works only if it is set here. Default: those in discovery.',
  allowMissingNonce:
    'Accept ID tokens without nonce; PKCE and state still bind the login. A different nonce is refused. Default false.',
  integerSubjects: 'Accept an integer sub (Core 2 wants text) as its decimal text. Default false.',
  sendMaxAge:
    'Send max_age=0 with prompt=login. Default: where discovery lists the claim auth_time, or providesAuthTime is set.',
  prompt: 'The page that the upstream shows even if the user is signed in there. Default: it decides.',
  requiredAcr:
    'Authentication contexts (acr) of which the upstream must confirm one; Gatehouse requests them too. Default: none.',
  requiredAmr:
    'Authentication methods (amr, RFC 8176) that the upstream must confirm, all of them, such as mfa. Default: none.',
  endUpstreamSession:
    'Signing out here signs out of the upstream too, where it has an end_session_endpoint. Default false.',
  recheck:
    'While a session or an API token of a user is in use, ask the upstream at this interval by refresh token whether the user still has access; a refusal ends the sessions and suspends the tokens. 5m to 24h. Default: never.',
  audiences:
    'Client IDs of native apps whose ID tokens of this upstream may be exchanged for a session. Default: none.',
}

interface Given extends Omit<ClientAuthConfig, 'clientId'> {
  readonly idTokenSignedResponseAlg?: string | undefined
  readonly audiences: readonly string[]
}

function contradictionsIn(config: Given): readonly (readonly [wrong: boolean, path: string, message: string])[] {
  const { clientSecret: secret, clientKey: key, clientAuthentication: method } = config
  const needsSecret = method === undefined ? key === undefined : method.startsWith('client_secret')
  const isShared = config.idTokenSignedResponseAlg === 'HS256'
  const isShort = secret instanceof Secret && Buffer.byteLength(secret.reveal()) < minSharedSecretBytes
  const isOther = (than: ClientAuthMethod) => method !== undefined && method !== than
  const notUsed = `is not used with clientAuthentication: ${method}; remove one`
  const missing = 'is missing; for a public client write clientAuthentication: none'
  const tooShort = `HS256 needs a clientSecret of ${minSharedSecretBytes} bytes or more`
  const otherKeys = 'cannot be used with HS256: ID tokens of other clients have other keys'
  return [
    [needsSecret && secret === undefined, 'clientSecret', missing],
    [method === 'private_key_jwt' && key === undefined, 'clientAuthentication', 'private_key_jwt needs clientKey'],
    [isOther('private_key_jwt') && key !== undefined, 'clientKey', notUsed],
    [method === 'none' && secret !== undefined && !isShared, 'clientSecret', notUsed],
    [isOther('client_secret_basic') && config.basicEncoding === 'none', 'basicEncoding', notUsed],
    [isShared && secret === undefined, 'idTokenSignedResponseAlg', 'HS256 needs clientSecret, which is its key'],
    [isShared && isShort, 'idTokenSignedResponseAlg', tooShort],
    [isShared && config.audiences.length > 0, 'audiences', otherKeys],
  ]
}
