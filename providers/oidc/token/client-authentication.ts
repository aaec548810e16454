/**
 * Client authentication (RFC 6749 2.3, Core 9). A configured method, or private_key_jwt for a
 * configured key, is used alone. Otherwise client_secret_basic is tried before client_secret_post,
 * if the upstream lists both or neither: it may have registered either.
 */

import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose'
import * as client from 'openid-client'
import { z } from 'zod'
import { fillable, plainText, Secret, secretLines } from '../../../src/crypto/secret.ts'
import { computedOnce } from '../../../src/primitives/computed-once.ts'
import { withDescriptions } from '../../../src/provider/options.ts'
import type { IssuerMetadata } from '../discovery.ts'

export const clientAuthMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const
export type ClientAuthMethod = (typeof clientAuthMethods)[number]

const keyAlgorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const

const keyOptions = {
  privateKey: secretLines.refine(
    (secret) => keyOf(secret) !== undefined,
    'must be a private key in PEM: RSA of 2048 bits or more, EC, Ed25519',
  ),
  kid: plainText.optional(),
  alg: z.enum(keyAlgorithms).optional(),
  certificate: fillable(z.string())
    .refine((text) => certificateOf(text) !== undefined, 'must be a certificate in PEM')
    .optional(),
  audience: z.enum(['token_endpoint', 'issuer']).default('token_endpoint'),
}

export const clientKey = z
  .strictObject(
    withDescriptions(keyOptions, {
      privateKey: 'Private key (PEM) as an environment variable or file: reference. Required.',
      kid: 'Key ID by which the upstream knows the public key. Default: its SHA-256 thumbprint (RFC 7638).',
      alg: 'Algorithm of the client assertion. Default: the usual one of the key: RS256, ES256, ES384, ES512, EdDSA.',
      certificate: 'Certificate of the key, for upstreams that know it by x5t#S256 (Entra ID). Default: none.',
      audience: 'Audience of the client assertion (RFC 7523 section 3). Default: token_endpoint.',
    }),
  )
  .superRefine(({ privateKey, alg, certificate }, context) => {
    // an invalid key is reported already
    const key = privateKey instanceof Secret ? keyOf(privateKey) : undefined
    if (key !== undefined && alg !== undefined && !fits(alg, key))
      context.addIssue({ code: 'custom', path: ['alg'], message: `does not fit the key; use ${algorithmFor(key)}` })
    const isPair = key === undefined || certificateOf(certificate ?? '')?.checkPrivateKey(key) !== false
    if (!isPair)
      context.addIssue({ code: 'custom', path: ['certificate'], message: 'must be the certificate of privateKey' })
  })

export type ClientKey = z.infer<typeof clientKey>

export interface ClientAuthConfig {
  readonly clientId: string
  readonly clientSecret?: Secret | undefined
  readonly clientAuthentication?: ClientAuthMethod | undefined
  readonly basicEncoding: 'form' | 'none'
  readonly clientKey?: ClientKey | undefined
}

/** Preferred method first. */
export function methodsFor(config: ClientAuthConfig, known: IssuerMetadata): readonly ClientAuthMethod[] {
  const { clientAuthentication: configured, clientKey: key } = config
  if (configured !== undefined) return [configured]
  if (key !== undefined) return ['private_key_jwt']
  const secretMethods = ['client_secret_basic', 'client_secret_post'] as const
  const listed = known.token_endpoint_auth_methods_supported ?? []
  const usable = secretMethods.filter((method) => listed.includes(method))
  return usable.length > 0 ? usable : secretMethods
}

/** A client authentication method, and how client_secret_basic encodes the credentials. */
export interface Attempt {
  readonly method: ClientAuthMethod
  readonly basicEncoding: 'form' | 'none'
}

/** After form-encoded Basic credentials come unencoded ones: many upstreams do not decode them. */
export function attemptsFor(config: ClientAuthConfig, known: IssuerMetadata): readonly Attempt[] {
  const { clientId, clientSecret, basicEncoding } = config
  const credentials = (encoding: Attempt['basicEncoding']) =>
    basicCredentials(clientId, clientSecret?.reveal() ?? '', encoding)
  const isPlain = basicEncoding === 'none' || clientId.includes(':') || credentials('form') === credentials('none')
  return methodsFor(config, known).flatMap((method): readonly Attempt[] => {
    const first = { method, basicEncoding }
    return method !== 'client_secret_basic' || isPlain ? [first] : [first, { method, basicEncoding: 'none' }]
  })
}

/** Adds client authentication to a request. */
export async function authenticate(
  method: ClientAuthMethod,
  config: ClientAuthConfig,
  known: IssuerMetadata,
  { body, headers, now, id }: { body: URLSearchParams; headers: Record<string, string>; now: Date; id: string },
): Promise<void> {
  const { clientId, clientSecret, clientKey: key } = config
  const secret = clientSecret?.reveal() ?? ''
  const as = { issuer: known.issuer }
  if (method === 'client_secret_post')
    client.ClientSecretPost(secret)(as, { client_id: clientId }, body, unchangedHeaders)
  if (method === 'client_secret_basic')
    headers['authorization'] = basicCredentials(clientId, secret, config.basicEncoding)
  if (method === 'private_key_jwt' && key !== undefined) {
    body.set('client_id', clientId)
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    body.set('client_assertion', await clientAssertion(clientId, key, known, now, id))
  }
  if (method === 'none') client.None()(as, { client_id: clientId }, body, unchangedHeaders)
}

/** These methods of openid-client change the body only. */
const unchangedHeaders = new Headers()

/**
 * RFC 6749 2.3.1: form-encoded. Unreserved characters stay unencoded (openid-client encodes `-` and
 * `_`) and a space is %20, for upstreams that do not decode or only percent-decode.
 */
export function basicCredentials(id: string, secret: string, encoding: 'form' | 'none'): string {
  const formEncoded = (text: string) =>
    new URLSearchParams({ v: text }).toString().slice(2).replaceAll('+', '%20').replaceAll('%7E', '~')
  const encoded = (text: string) => (encoding === 'form' ? formEncoded(text) : text)
  return `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')}`
}

const assertionSeconds = 60

async function clientAssertion(clientId: string, key: ClientKey, known: IssuerMetadata, now: Date, id: string) {
  const seconds = Math.floor(now.getTime() / 1000)
  const privateKey = privateKeyOf(key)
  return new SignJWT()
    .setProtectedHeader({ alg: key.alg ?? algorithmFor(privateKey), typ: 'JWT', ...(await keyIdentifiers(key)) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(key.audience === 'issuer' ? known.issuer : known.token_endpoint)
    .setJti(id)
    .setIssuedAt(seconds)
    .setNotBefore(seconds)
    .setExpirationTime(seconds + assertionSeconds)
    .sign(privateKey)
}

async function keyIdentifiers(key: ClientKey): Promise<{ readonly kid: string; readonly 'x5t#S256'?: string }> {
  const { kid } = await publicJwk(key)
  const certificate = certificateOf(key.certificate ?? '')
  if (certificate === undefined) return { kid }
  return { kid, 'x5t#S256': createHash('sha256').update(certificate.raw).digest('base64url') }
}

export const publicJwk = computedOnce(async (key: ClientKey) => {
  const privateKey = privateKeyOf(key)
  const jwk = await exportJWK(createPublicKey(privateKey))
  return {
    ...jwk,
    kid: key.kid ?? (await calculateJwkThumbprint(jwk)),
    use: 'sig',
    alg: key.alg ?? algorithmFor(privateKey),
  }
})

const privateKeyOf = ({ privateKey }: ClientKey) => readPrivateKey(privateKey)

const readPrivateKey = computedOnce((secret: Secret): KeyObject => {
  const key = keyOf(secret)
  if (key === undefined) throw new TypeError('clientKey.privateKey is not a valid key: parse the configuration first')
  return key
})

function keyOf(secret: Secret): KeyObject | undefined {
  try {
    const key = createPrivateKey(secret.reveal())
    return keyAlgorithms.some((alg) => fits(alg, key)) ? key : undefined
  } catch {
    return undefined
  }
}

const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }

function fits(alg: string, { asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): boolean {
  if (alg === 'EdDSA') return type === 'ed25519'
  if (alg in curves) return type === 'ec' && details.namedCurve === curves[alg]
  return type === 'rsa' && (details.modulusLength ?? 0) >= 2048
}

function algorithmFor(key: KeyObject): string {
  return keyAlgorithms.find((alg) => fits(alg, key)) ?? 'none'
}

function certificateOf(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text)
  } catch {
    return undefined
  }
}
