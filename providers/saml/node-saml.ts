/**
 * @node-saml as this engine uses it. Its defaults are not ours: SHA-1 for our own signatures, no issuer, Recipient, Destination or
 * replay check, a clock of its own. So requests are made by it with our options, and of answers it says one thing: which bytes
 * were signed. Everything else is judged here, on those bytes.
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

/** Request ids are kept in the memo of the login. */
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
    acceptedClockSkewMs: -1, // it knows only the clock of the process; times are judged by ours
    audience: false, // judged with the others, so that the trace says expected and got
    ...options,
  }
}

/**
 * node-saml up to the point where it knows which bytes were signed. What it would do with them next is done in assertion.ts, with
 * names for every comparison; it would also parse them a second time, without namespaces.
 */
class SignedBytes extends SAML {
  protected override async processValidlySignedAssertionAsync(xml: string) {
    const profile: Profile = { issuer: '', nameID: '', nameIDFormat: '', getAssertionXml: () => xml }
    return { profile, loggedOut: false }
  }
}

/** A message, and the keys that made its signatures, as we found before. */
interface SignedMessage {
  readonly message: string
  readonly signs: { readonly response: boolean; readonly assertion: boolean }
  readonly keys: readonly TrustedKey[]
}

/** The assertion as it was signed, from verified bytes. */
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

/** The response as it was signed, for an encrypted assertion to be taken out of. */
export async function signedResponse({ message, keys }: SignedMessage): Promise<string> {
  const pems = keys.map(({ pem }) => pem)
  const xml = await checked(async () => {
    const { documentElement } = await parseDomFromString(message)
    return documentElement && getVerifiedXml(message, documentElement, pems)
  })
  return xml ?? refuse('signature', signatureRequirement, 'not verified')
}

const signatureRequirement = 'over the assertion or the response'

/** Errors of node-saml may quote what was sent: only their kind goes on. */
async function checked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw refusal('signature', signatureRequirement, cause instanceof Error ? cause.name : 'not verified')
  }
}
