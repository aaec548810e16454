/** Writes response messages, with faults. */
import { trustedKey } from '../signature/certificates.ts'
import type { CertifiedKey } from './certificate.ts'
import type { SamlFaults } from './faults.ts'
import type { SamlService } from './participants.ts'
import { assertionXml, encrypted, type ResponseFacts, responseXml } from './response.ts'
import { signed } from './signature.ts'

/** Signed, encrypted and altered by the active faults. */
export function responseMessage(
  facts: ResponseFacts,
  { certificate }: SamlService,
  faults: SamlFaults,
  signer: CertifiedKey,
): string {
  const weak = {
    signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
    digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1',
  }
  const how = faults.has('sha1') ? weak : {}
  const bare = assertionXml(facts)
  const plain = faults.has('unsigned') || faults.has('signedResponse')
  const assertion = plain ? bare : signed(bare, 'Assertion', signer, how)
  const lock = certificate === undefined ? undefined : trustedKey(certificate)?.publicKey
  const wantsEncryption = faults.has('encrypted') || faults.has('encryptedCbc')
  const content = { content: faults.has('encryptedCbc') ? ('aes256-cbc' as const) : ('aes256-gcm' as const) }
  const carried = wantsEncryption && lock !== undefined ? encrypted(assertion, lock, content) : assertion
  const forged = faults.has('twoAssertions')
    ? assertionXml({ ...facts, assertionId: '_forged', nameId: 'another-user' })
    : ''
  const whole = responseXml(facts, forged + carried)
  const isWholeSigned = faults.has('signedResponse') || faults.has('signedBoth')
  const sealed = isWholeSigned ? signed(whole, 'Response', signer, how) : whole
  const changed = faults.has('changed') ? sealed.replace(/(<saml:NameID[^<>]*>)[^<]*/, '$1another-user') : sealed
  return faults.has('doctype') ? `<!DOCTYPE Response [<!ENTITY x "y">]>${changed}` : changed
}
