/** Faults of the emulated identity provider: names, descriptions and effects. */

import { type Faults, responseFaults } from '../../emulator/faults.ts'
import { trustedKey } from '../signature/certificates.ts'
import { nameIdFormats } from '../xml/names.ts'
import type { CertifiedKey } from './certificate.ts'
import type { SamlService } from './participants.ts'
import { assertionXml, encrypted, type ResponseFacts, responseXml } from './response.ts'
import { signed } from './signature.ts'

export const faultTable = {
  denies: 'Every sign-in fails with AuthnFailed',
  ...responseFaults,
  unsigned: 'Nothing is signed',
  signedResponse: 'The response is signed, the assertion is not',
  signedBoth: 'Response and assertion are signed',
  encrypted: 'The assertion is encrypted by AES-GCM (needs the certificate of the service)',
  encryptedCbc: 'The assertion is encrypted by AES-CBC',
  foreignKey: 'Another key signs',
  sha1: 'It signs with SHA-1',
  changed: 'The NameID is changed after signing',
  wrongIssuer: 'The assertion is of another issuer',
  wrongAudience: 'The assertion is for another service',
  wrongRecipient: 'The assertion is for another address',
  wrongDestination: 'The response is for another address',
  wrongRequest: 'The answer is to another request',
  unsolicited: 'The answer is unsolicited',
  expired: 'The assertion expired an hour ago',
  clockAhead: 'Its clock is 10 minutes ahead',
  clockBehind: 'Its clock is 20 minutes behind',
  comment: 'The NameID contains a comment',
  doctype: 'The response begins with a document type',
  twoAssertions: 'There is a second, forged assertion before the signed one',
  transient: 'The NameID is transient',
  noEmail: 'The user has no email',
  manyGroups: 'The user is in 300 groups',
  noGroups: 'There is no groups attribute',
  otherEntity: 'The metadata has another entity ID',
  facts: 'These facts in the response (values; from programs)',
} as const satisfies Record<string, string>

export type FaultName = keyof typeof faultTable

export type SamlFaults = Faults<FaultName>

/** The time of the emulated clock. */
export function nowAt(faults: SamlFaults): Date {
  const shift = faults.has('clockAhead') ? 600_000 : faults.has('clockBehind') ? -1_200_000 : 0
  return new Date(Date.now() + shift)
}

/** Applies the active faults to a response. */
export function faultyFacts(facts: ResponseFacts, faults: SamlFaults): ResponseFacts {
  const past = new Date(Date.now() - 3600_000)
  const { attributes } = facts
  const without = (name: string) => Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name))
  return {
    ...facts,
    ...(faults.has('wrongIssuer') && { issuer: 'https://other.idp.example' }),
    ...(faults.has('wrongAudience') && { audiences: [['https://other.example/metadata']] }),
    ...(faults.has('wrongRecipient') && { recipient: 'https://other.example/acs' }),
    ...(faults.has('wrongDestination') && { destination: 'https://other.example/acs' }),
    ...(faults.has('wrongRequest') && { inResponseTo: '_another', responseInResponseTo: '_another' }),
    ...(faults.has('unsolicited') && { inResponseTo: null, responseInResponseTo: null }),
    ...(faults.has('expired') && { notOnOrAfter: past, confirmedUntil: past }),
    ...(faults.has('comment') && { nameId: `${facts.nameId}<!-- -->.other.example` }),
    ...(faults.has('transient') && { nameId: `_${Math.random()}`, nameIdFormat: nameIdFormats.transient }),
    ...(faults.has('noEmail') && { attributes: without('email') }),
    ...(faults.has('noGroups') && { attributes: without('groups') }),
    ...(faults.has('manyGroups') && {
      attributes: { ...attributes, groups: Array.from({ length: 300 }, (_, n) => `Group ${n + 1}`) },
    }),
    ...faults.values('facts'),
  }
}

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
