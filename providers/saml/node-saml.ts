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
import { refusal } from './failure.ts'
import type { ReceivedResponse } from './response.ts'
import { signatureIn, type TrustedKey } from './signature.ts'
import { teachAlgorithms } from './xml-crypto.ts'

teachAlgorithms()

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

/** The assertion as it was signed, from verified bytes. @param keys those that made the signatures, as we found before */
export async function signedAssertion(
  { document, assertion, responseSignature }: ReceivedResponse,
  keys: readonly TrustedKey[],
  place: { readonly acs: string; readonly entityId: string },
): Promise<string> {
  const options = {
    callbackUrl: place.acs,
    issuer: place.entityId,
    idpCert: keys.map(({ pem }) => pem),
    wantAssertionsSigned: assertion !== undefined && signatureIn(assertion) !== undefined,
    wantAuthnResponseSigned: responseSignature !== undefined,
  }
  try {
    const message = Buffer.from(document.text).toString('base64')
    const { profile } = await new SignedBytes(withOurDefaults(options)).validatePostResponseAsync({
      SAMLResponse: message,
    })
    const xml = profile?.getAssertionXml?.()
    if (xml !== undefined) return xml
  } catch (cause) {
    // its messages may quote what was sent: only its kind of error goes on
    throw refusal(
      'signature',
      'over the assertion or the response',
      cause instanceof Error ? cause.name : 'not verified',
    )
  }
  throw refusal('signature', 'over the assertion or the response', 'not verified')
}
