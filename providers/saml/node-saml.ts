/**
 * @node-saml with safe options. Its defaults include SHA-1 and check no issuer, Recipient,
 * Destination or replay. We use it to write requests and to determine which bytes were signed; all
 * other checks are ours, on those bytes.
 */
import {
  type CacheProvider,
  type SamlConfig as NodeSamlConfig,
  type Profile,
  SAML,
  ValidateInResponseTo,
} from '@node-saml/node-saml'
import { getVerifiedXml, parseDomFromString } from '@node-saml/node-saml/lib/xml.js'
import { refusal, refuse } from './failure.ts'
import type { TrustedKey } from './signature/signature.ts'
import { registerAlgorithms } from './signature/xml-crypto.ts'

registerAlgorithms()

/** Request IDs are in the memo of the login. */
const noCache: CacheProvider = {
  saveAsync: async () => null,
  getAsync: async () => null,
  removeAsync: async () => null,
}

export function nodeSaml(options: NodeSamlConfig): SAML {
  return new SAML(withOurDefaults(options))
}

function withOurDefaults(options: NodeSamlConfig): NodeSamlConfig {
  return {
    signatureAlgorithm: 'sha256',
    digestAlgorithm: 'sha256',
    validateInResponseTo: ValidateInResponseTo.never,
    cacheProvider: noCache,
    identifierFormat: null,
    disableRequestedAuthnContext: true,
    skipRequestCompression: false,
    acceptedClockSkewMs: -1, // uses the process clock; we check times with ours
    audience: false, // checked by us, so that the trace shows expected and got
    ...options,
  }
}

/** Stops once the signed bytes are known. node-saml would parse them again without namespaces. */
class SignedBytes extends SAML {
  protected override async processValidlySignedAssertionAsync(xml: string) {
    const profile: Profile = { issuer: '', nameID: '', nameIDFormat: '', getAssertionXml: () => xml }
    return { profile, loggedOut: false }
  }
}

/** A message and the keys that signed it. */
interface SignedMessage {
  readonly message: string
  readonly signs: { readonly response: boolean; readonly assertion: boolean }
  readonly keys: readonly TrustedKey[]
}

/** The signed assertion, from verified bytes. */
export async function signedAssertion(
  { message, signs, keys }: SignedMessage,
  place: { readonly acs: string; readonly entityId: string },
): Promise<string> {
  const options = {
    callbackUrl: place.acs,
    issuer: place.entityId,
    idpCert: keys.map(({ pem }) => pem),
    wantAssertionsSigned: signs.assertion,
    wantAuthnResponseSigned: signs.response,
  }
  const { profile } = await checked(() =>
    new SignedBytes(withOurDefaults(options)).validatePostResponseAsync({
      SAMLResponse: Buffer.from(message).toString('base64'),
    }),
  )
  return profile?.getAssertionXml?.() ?? refuse('signature', signatureRequirement, 'not verified')
}

/** The signed response, from which an encrypted assertion is decrypted. */
export async function signedResponse({ message, keys }: SignedMessage): Promise<string> {
  const pems = keys.map(({ pem }) => pem)
  const xml = await checked(async () => {
    const { documentElement } = await parseDomFromString(message)
    return documentElement && getVerifiedXml(message, documentElement, pems)
  })
  return xml ?? refuse('signature', signatureRequirement, 'not verified')
}

const signatureRequirement = 'over the assertion or the response'

/** node-saml's errors may quote the message: only their name is kept. */
async function checked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw refusal('signature', signatureRequirement, cause instanceof Error ? cause.name : 'not verified')
  }
}
