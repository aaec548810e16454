/** How an app authenticates: client secret, or a JWT signed with its key (RFC 7523). */
import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'

export interface AppSigningKey {
  /** The `kid` of the key at Gatehouse. */
  readonly id: string
  /** The downloaded PEM, or a key object. */
  readonly privateKey: string | KeyObject
}

export type AppCredential = {
  /** The client_id. */
  readonly app: string
} & (
  | { readonly secret: string; readonly key?: undefined }
  | { readonly key: AppSigningKey; readonly secret?: undefined }
)

const lifetime = '60s'
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

export interface AppProof {
  /** For `/api/v1/app…`. */
  authorization(): Promise<string>
  /** For `/oauth2/…`: returns a header, or adds to the form. */
  clientAuthentication(form: URLSearchParams): Promise<string | undefined>
}

/** Throws a TypeError for a key that is invalid or of an unsupported type. */
export function appProof(issuer: string, credential: AppCredential): AppProof {
  const { app, secret, key } = credential
  if (secret !== undefined)
    return {
      authorization: async () => `Secret ${secret}`,
      clientAuthentication: async () => `Basic ${basic(app, secret)}`,
    }
  const signed = assertions(issuer, app, key)
  return {
    authorization: async () => `Bearer ${await signed()}`,
    clientAuthentication: async (form) => {
      form.set('client_id', app)
      form.set('client_assertion_type', assertionType)
      form.set('client_assertion', await signed())
      return undefined
    },
  }
}

/** RFC 6749 2.3.1: both are form-encoded. */
function basic(app: string, secret: string): string {
  const encoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
  return Buffer.from(`${encoded(app)}:${encoded(secret)}`).toString('base64')
}

/** Assertions are single use, so each request gets a new one. */
function assertions(issuer: string, app: string, { id, privateKey }: AppSigningKey): () => Promise<string> {
  const key = typeof privateKey === 'string' ? readKey(privateKey) : privateKey
  const alg = algorithmOf(key)
  return () =>
    new SignJWT()
      .setProtectedHeader({ alg, kid: id })
      .setIssuer(app)
      .setSubject(app)
      .setAudience(issuer)
      .setJti(randomUUID())
      .setIssuedAt()
      .setExpirationTime(lifetime)
      .sign(key)
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    throw new TypeError('the private key of the app is not a PEM') // no cause: it may quote the key
  }
}

const curveAlgorithms: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
}

function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return 'RS256'
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  const algorithm = curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (algorithm === undefined)
    throw new TypeError('the private key of the app must be RSA, P-256, P-384, P-521 or Ed25519')
  return algorithm
}
